import type { ListedPause } from "./pause_list.ts";

/** What pauses kills at a moment. */
export interface PauseState {
  /** The text of the pause file, or `paused` if it is empty; absent: there is none. */
  readonly file?: string;
  /** Why the list of pauses cannot be read, which pauses all databases. */
  readonly broken?: string;
  /** In the order in which they were asked for, at most one for each database and one for all of them. */
  readonly listed: readonly ListedPause[];
}

/** Kills were paused or resumed. */
export interface PauseChange {
  readonly state: "paused" | "resumed";
  /** Absent: all databases. */
  readonly database?: string;
  /** `file`: the pause file, or a list that cannot be read; `request`: somebody asked for it. */
  readonly source: "file" | "request";
  /** Why they are paused, or why not any more. */
  readonly reason: string;
  /** Who asked. */
  readonly by?: string;
  /** Milliseconds since 1970. */
  readonly until?: number;
}

/** Who resumes, and why. */
export interface Resumption {
  readonly by: string;
  readonly reason?: string;
}

/** Of the pause of one database, or of the one of all (undefined). */
export interface ScopedResumption extends Resumption {
  readonly database: string | undefined;
}

/** Nothing is paused. */
export const NONE: PauseState = { listed: [] };

/** Equal for equal pauses. */
export function keyOf(pause: ListedPause): string {
  return JSON.stringify(pause);
}

/** Why all databases are paused, or this one; undefined: it is not. */
export function reasonOf(state: PauseState, database: string | undefined): string | undefined {
  const listed = state.listed.find((pause) => pause.database === undefined) ??
    state.listed.find((pause) => database !== undefined && pause.database === database);
  return state.file ?? state.broken ?? (listed && pauseText(listed));
}

/** A pause in words: why, by whom, and until when. */
export function pauseText({ reason, by, until }: ListedPause): string {
  return `${reason}, by ${by}${until === undefined ? "" : `, until ${shortMoment(until)}`}`;
}

function shortMoment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** What begins and what ends from one state to the next. */
export function changesBetween(
  before: PauseState,
  after: PauseState,
  { resumption, wall }: { readonly resumption: ScopedResumption | undefined; readonly wall: number },
): readonly PauseChange[] {
  const [old, now] = [before, after].map(({ listed }) => new Map(listed.map((each) => [keyOf(each), each])));
  const begun = [...now!].filter(([key]) => !old!.has(key)).map(([, pause]) => pause);
  const ended = [...old!].filter(([key]) => !now!.has(key)).map(([, pause]) => pause)
    // What was replaced goes on; of a list that cannot be read nothing is known.
    .filter(({ database }) =>
      after.broken === undefined && !begun.some((other) => other.database === database)
    );
  return [
    ...fileChanges(before, after),
    ...ended.map((pause) => resumed(pause, resumption, wall)),
    ...begun.map(paused),
  ];
}

function paused({ database, reason, by, until }: ListedPause): PauseChange {
  return {
    state: "paused",
    source: "request",
    ...database !== undefined && { database },
    reason,
    by,
    ...until !== undefined && { until },
  };
}

function resumed(
  { database, until = Infinity }: ListedPause,
  resumption: ScopedResumption | undefined,
  wall: number,
): PauseChange {
  const asked = resumption?.database === database ? resumption : undefined;
  return {
    state: "resumed",
    source: "request",
    ...database !== undefined && { database },
    reason: asked?.reason ?? (until <= wall ? "its time is over" : "it was ended"),
    ...asked !== undefined && { by: asked.by },
  };
}

function fileChanges(before: PauseState, after: PauseState): readonly PauseChange[] {
  const [was, is] = [before, after].map(({ file, broken }) => file ?? broken);
  if (was === is) return [];
  if (is !== undefined) return [{ state: "paused", source: "file", reason: is }];
  const reason = before.file === undefined
    ? "the list of pauses can be read again"
    : "the pause file is gone";
  return [{ state: "resumed", source: "file", reason }];
}
