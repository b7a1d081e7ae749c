import type { Clock } from "../../clock.ts";
import { describe, type TimedEvent } from "../../events/mod.ts";
import { type DatabaseState, type EventJson, eventJson, type Fleet } from "../fleet/mod.ts";
import { type PauseSource, type ShownPause, shownPauses } from "./pauses.ts";
import { changeOf, type Row, rowOf, tracesOf } from "./row.ts";
import { type Standing, standingOf } from "./standing.ts";
import { type Summary, summaryOf } from "./summary.ts";

/** What a board is made of. */
export interface BoardOptions {
  readonly fleet: Fleet;
  readonly clock: Clock;
  /** What pauses kills. */
  pauses?(): PauseSource;
}

/** An event as the page shows it: decisions have all that is known, others a sentence too. */
export type ShownEvent = EventJson & { readonly text?: string };

/** What is told each time. */
interface Moment {
  readonly now: string;
  readonly summary: Summary;
  readonly pauses: readonly ShownPause[];
}

/** The whole of it. */
export interface BoardState extends Moment {
  readonly databases: readonly Row[];
  /** The latest, the newest last. */
  readonly events: readonly ShownEvent[];
}

/** What has changed since: of each database its name and the keys with other values. */
export interface BoardChange extends Moment {
  readonly databases: readonly Readonly<Record<string, unknown>>[];
}

/** How many events a page starts with, and for how long the mere values of one that is well may wait, in milliseconds. */
const SHOWN_EVENTS = 100;
const UNHURRIED = 5_000;

/** For so long changes are worked out at once, in milliseconds. */
const SLICE = 10;

interface Entry {
  state: DatabaseState;
  row: Row;
  /** Of what may not wait. */
  mark: string;
  sent: number;
}

/** The fleet as all readers of the page have it by now. */
export class Board {
  readonly #options: BoardOptions;
  #entries = new Map<string, Entry>();
  /** Those whose state has changed after their row was sent. */
  readonly #waiting = new Set<string>();
  #turn = -1;
  /** Where the next change begins. */
  #next = 0;
  #pauses: readonly ShownPause[] = [];

  constructor(options: BoardOptions) {
    this.#options = options;
  }

  /** All of it, as of now. */
  refresh(): void {
    const { fleet, clock } = this.#options;
    const now = clock.wall();
    this.#turn = fleet.turn;
    this.#waiting.clear();
    this.#readPauses();
    this.#entries = new Map(
      fleet.databases().map((state) => {
        const standing = standingOf(state, now);
        return [state.name, { state, row: rowOf(state, standing), mark: markOf(state), sent: now }];
      }),
    );
  }

  /**
   * As of the last change.
   * @param unsent How many of the latest events are left out, since they are still to be sent.
   */
  state(unsent: number): BoardState {
    const { fleet } = this.#options;
    const shown = fleet.events.filter(isShown);
    const events = shown.slice(0, Math.max(0, shown.length - unsent)).slice(-SHOWN_EVENTS);
    return {
      ...this.#moment(),
      databases: [...this.#entries.values()].map(({ row, state }) =>
        row.standing === "well" ? row : { ...row, traces: tracesOf(fleet, state) }
      ),
      events: events.map(shownEvent),
    };
  }

  /** Goes on to what is now. Returns what has changed; undefined: other databases are watched now, so all of it. */
  change(): BoardChange | undefined {
    const { fleet, clock } = this.#options;
    const now = clock.wall();
    const changed = fleet.databases({ since: this.#turn });
    this.#turn = fleet.turn;
    if (fleet.size !== this.#entries.size || changed.some(({ name }) => !this.#entries.has(name))) {
      this.refresh();
      return undefined;
    }
    for (const state of changed) {
      this.#entries.get(state.name)!.state = state;
      this.#waiting.add(state.name);
    }
    this.#readPauses();
    return { ...this.#moment(), databases: this.#changes(now) };
  }

  /** What there is time for; the rest next time, so that no look waits. */
  #changes(now: number): BoardChange["databases"] {
    const { clock } = this.#options;
    const begun = clock.now();
    const entries = [...this.#entries.values()];
    const changes: Readonly<Record<string, unknown>>[] = [];
    for (let n = 0; n < entries.length; n++) {
      const place = (this.#next + n) % entries.length;
      changes.push(...this.#changeOf(entries[place]!, now));
      if (clock.now() - begun > SLICE) {
        this.#next = (place + 1) % entries.length;
        break;
      }
    }
    return changes;
  }

  #changeOf(entry: Entry, now: number): readonly Readonly<Record<string, unknown>>[] {
    const { state, row: before } = entry;
    const standing = standingOf(state, now);
    const isWaiting = this.#waiting.has(state.name);
    if (standing === before.standing && !isWaiting) return [];
    const mark = markOf(state);
    const mayWait = standing === "well" && before.standing === "well" && mark === entry.mark;
    if (mayWait && now - entry.sent < UNHURRIED) return [];
    this.#waiting.delete(state.name);
    const row = rowOf(state, standing);
    const change = changeOf(before, row);
    Object.assign(entry, { row, mark, sent: now });
    if (change === undefined) return [];
    const isNew = before.standing === "well" && standing !== "well";
    return [isNew ? { ...change, traces: tracesOf(this.#options.fleet, state) } : change];
  }

  /** A disk that hangs must not make the page look stale: what pauses is told when it is known. */
  #readPauses(): void {
    this.#options.pauses?.().state().then((state) => this.#pauses = shownPauses(state), () => {});
  }

  #moment(): Moment {
    const now = this.#options.clock.wall();
    const entries = [...this.#entries.values()];
    const standings = new Map<string, Standing>(entries.map(({ row }) => [row.name, row.standing]));
    const summary = summaryOf(entries.map(({ state }) => state), { standings, now });
    return { now: new Date(now).toISOString(), summary, pauses: this.#pauses };
  }
}

/** Events that nobody looks for when it matters, and of which a fleet has many when it starts. */
const UNSHOWN: ReadonlySet<string> = new Set(["start", "connected", "evidence"]);

/** Whether the page shows an event. */
export function isShown({ event }: TimedEvent): boolean {
  return !UNSHOWN.has(event.event) && !(event.event === "lease" && event.state === "held");
}

/** An event as the page shows it. */
export function shownEvent(timed: TimedEvent): ShownEvent {
  const { event } = timed;
  const hasWords = event.event === "kill" || event.event === "match" || event.event === "gate";
  return { ...eventJson(timed), ...!hasWords && { text: describe(event, (need) => need) } };
}

/** All of a state that is told at once: what does not change from look to look. */
function markOf(
  { mode, reach, reason, readOnly, gates, hold, lease, budget, ticks, group }: DatabaseState,
): string {
  const parts = [
    mode,
    group,
    reach,
    reason,
    readOnly,
    hold?.reason,
    hold?.note,
    lease?.state,
    lease?.holder,
    budget,
  ];
  const gateParts = gates.map(({ policy, state, mode }) => `${policy} ${state} ${mode}`);
  return [...parts, ticks.length, ...gateParts].join("\n");
}
