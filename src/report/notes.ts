import { type Coverage, SHORTEST_GAP } from "./coverage.ts";
import type { JournalReader } from "../journal/mod.ts";
import { durationWords } from "./duration.ts";
import type { ReportedExecutions } from "./model.ts";
import { DAY, iso, MINUTE, type Period } from "./period.ts";

/** What is known about how a report came about. */
export interface NoteSources {
  readonly period: Period;
  readonly coverage: Coverage;
  readonly decisions: number;
  /** The first moment that the journal knows of; Infinity: it is empty. Milliseconds since 1970. */
  readonly begin: number;
  readonly now: number;
  readonly exemptions: readonly string[];
  /** Whether another period could be compared with; absent: none was asked for. */
  readonly compared?: boolean;
  /** What dumps of ProxySQL's digests tell; absent: there are none. */
  readonly executions?: ReportedExecutions;
}

/** A look that is older than this is not of now, in minutes. */
const STALE = 10;

/** What a reader has to know of the figures, in words. */
export function notesOf(sources: NoteSources): readonly string[] {
  const { period, coverage, decisions, begin, now, exemptions, compared } = sources;
  const { lastLook, shortMinutes } = coverage;
  const isEmpty = lastLook === undefined && decisions === 0;
  const notes: string[] = [];
  if (isEmpty) {
    notes.push("no look was made in this time: there is no data, which is not the same as no kills");
  }
  if (lastLook === undefined && decisions > 0) {
    notes.push(
      "the journal does not know what was looked at in this time: where nothing is counted, nothing is known",
    );
  }
  if (begin > period.from && begin < period.to) notes.push(`the journal begins at ${shortTime(begin)}`);
  const isUntilNow = now - period.to < MINUTE;
  if (lastLook !== undefined && isUntilNow && now - lastLook > STALE * MINUTE) {
    notes.push(`nothing was looked at since ${shortTime(lastLook)}: is query-sniper running?`);
  }
  if (shortMinutes > 0) {
    notes.push(
      `${shortMinutes} minutes of databases without a look are in gaps shorter than ${SHORTEST_GAP} minutes, which are not listed`,
    );
  }
  if (compared === false) notes.push("there is nothing to compare: one of the two periods has no looks");
  if (sources.executions !== undefined) notes.push(...executionNotes(sources.executions, period));
  return [...notes, ...exemptions];
}

/** What executions by ProxySQL's dumps mean, and do not. */
function executionNotes(
  { dumps, proxies, restarts, unsure, covered, covered_ms, left_out }: ReportedExecutions,
  { from, to }: Period,
): readonly string[] {
  const [first, last] = [covered[0], covered.at(-1)];
  if (first === undefined || last === undefined) {
    return ["the dumps of ProxySQL's digests tell nothing of this time: executions are unknown"];
  }
  const of = covered_ms < to - from
    ? `${durationWords(covered_ms)} of ${durationWords(to - from)}`
    : "all of it";
  const notes = [
    `executions: ${counted(dumps, "dump")} of ${proxies.length} ProxySQL tell of ${of}, from ${
      shortTime(first.from)
    } to ${shortTime(last.to)}; only kills in that time count as a part of them, on all databases`,
  ];
  if (proxies.length > 1) {
    notes.push(
      "executions: where dumps of one ProxySQL are missing, the part that was killed looks too large",
    );
  }
  if (restarts > 0) {
    notes.push(
      `executions: ProxySQL was started again in ${
        counted(restarts, "dump")
      }: what it had counted by then is missing`,
    );
  }
  if (unsure > 0) {
    notes.push(`executions: ${unsure} are of statements whose digest is not sure, and count for no query`);
  }
  if (left_out.length > 0) {
    notes.push(
      `executions: ${
        counted(left_out.length, "dump")
      } count what others count as well, so that they are left out: ${left_out.slice(0, 3).join(", ")}${
        left_out.length > 3 ? ", …" : ""
      }`,
    );
  }
  return notes;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** `2026-11-20 10:03`, in UTC. */
export function shortTime(at: number | string): string {
  return (typeof at === "string" ? at : iso(at)).slice(0, 16).replace("T", " ");
}

/** The first moment that a journal knows of, in milliseconds since 1970; Infinity where it is empty. */
export function beginOf(journal: JournalReader): number {
  const told = journal.first<{ readonly at: number | null; readonly mark: number | null }>(
    "SELECT (SELECT min(at) FROM decision) AS at, (SELECT min(at) FROM mark) AS mark",
  )!;
  const days = journal.all<{ readonly day: number; readonly seen: Uint8Array }>(
    "SELECT day, seen FROM coverage WHERE day = (SELECT min(day) FROM coverage)",
  );
  const looks = days.map(({ day, seen }) => day * DAY + firstMinute(seen) * MINUTE);
  return Math.min(told.at ?? Infinity, told.mark ?? Infinity, ...looks);
}

/** The first minute of a day whose bit is set, the lowest bit being the first one; Infinity where none is. */
function firstMinute(seen: Uint8Array): number {
  const byte = seen.findIndex((bits) => bits !== 0);
  return byte < 0 ? Infinity : 8 * byte + Math.log2(seen[byte]! & -seen[byte]!);
}
