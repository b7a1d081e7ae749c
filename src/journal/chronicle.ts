import type { Clock } from "../clock.ts";
import type { Retention } from "../config/mod.ts";
import type { Health } from "../policy/mod.ts";
import { type Event, type PublicEvent, redact, type Subscriber, type TimedEvent } from "../events/mod.ts";
import { BatchWriter } from "./batch_writer.ts";
import { addDayPart, Coverage, type WatchTrouble } from "./coverage.ts";
import { addDecision } from "./decisions.ts";
import { DAY } from "./day.ts";
import { entryOfEvent, isUntried, type SelectionEvent } from "./event_entry.ts";
import { addExecutions, type DigestCount, Executions, killedDigests } from "./executions.ts";
import { closeGate, closeGates, closeLeftGates, openGate } from "./gates.ts";
import { addMark, markPauses, markStart, type PauseTexts } from "./marks.ts";
import { keepInForce, markChanges, type PoliciesInForce, type PolicyChange } from "./policies.ts";
import { Purge } from "./purge.ts";

export interface ChronicleOptions {
  readonly clock: Clock;
  readonly version: string;
  /** A single look for cron: it leaves no marks of its start and end. */
  readonly once: boolean;
  readonly retention: Retention;
  /** What could not be written: why, and how much of it. */
  lost(reason: string, writes: number): void;
}

/** How often what was gathered of looks is written, in milliseconds. */
const FLUSH = 60_000;
/** How often the journal is purged, how long after a start at first, and the rest between two steps, in milliseconds. */
const PURGE = 3_600_000;
const FIRST_PURGE = 90_000;
const STEP_REST = 50;
/** For how long a single look for cron may purge, in milliseconds. */
const SHORT_PURGE = 60;
/** How long the end of the program waits for what is not written yet, in milliseconds. */
const LAST_WRITE = 500;
/** The executions of digests are asked for that were killed within this time, in milliseconds. */
const RECENT = 30 * DAY;
/** How many events may wait. */
const CAPACITY = 10_000;

/**
 * What the journal tells beside the kills: decisions not to act, gates, looks, health, executions, and marks. All of it
 * can wait: it is written behind, and neither delays nor refuses a kill. It also purges.
 */
export class Chronicle {
  readonly #options: ChronicleOptions;
  readonly #writer: BatchWriter;
  readonly #ending = new AbortController();
  readonly #coverage = new Coverage();
  readonly #executions = new Map<string, Executions>();
  #policies: PoliciesInForce = new Map();
  #isEnding = false;
  /** What the clock for people said when the other one said 0. */
  readonly #epoch: number;

  constructor(file: string, options: ChronicleOptions) {
    this.#options = options;
    const { clock, once } = options;
    this.#epoch = clock.wall() - clock.now();
    this.#writer = new BatchWriter(file, {
      clock,
      signal: this.#ending.signal,
      lost: (reason, writes) => this.#isEnding || options.lost(reason, writes),
    });
    if (!once) {
      this.#every(FLUSH, FLUSH, () => Promise.resolve(this.#flushLooks()));
      this.#every(FIRST_PURGE, PURGE, () => this.#purge(STEP_REST, Infinity));
    }
  }

  /** For the stream of events. */
  get subscriber(): Subscriber {
    return {
      capacity: CAPACITY,
      wants: ({ event }) => WANTED.has(event.event),
      receive: (events) => {
        for (const event of events) this.#receive(event);
        return Promise.resolve();
      },
    };
  }

  /** The policies that decide from now on. What has changed about them leaves marks. */
  adopt(policies: PoliciesInForce): void {
    this.#policies = policies;
    const at = this.#options.clock.wall();
    const changes: PolicyChange[] = [];
    for (const [database, own] of policies) {
      this.#writer.add((journal) => {
        changes.push(...keepInForce(journal, { database, policies: own, at }));
      });
    }
    this.#writer.add((journal) => markChanges(journal, changes.splice(0), at));
  }

  /** A look at a database succeeded. `interval`: the longest time between two of its looks, in milliseconds. */
  looked(
    database: string,
    { interval, health }: { readonly interval: number; readonly health: Health },
  ): void {
    this.#coverage.looked(database, { at: this.#options.clock.wall(), interval, health });
  }

  /** What a watcher has counted since it told last. */
  counted(database: string, trouble: WatchTrouble): void {
    this.#coverage.counted(database, this.#options.clock.wall(), trouble);
  }

  /** A connection to a database ended: what is known of its gates ends with its last look. */
  left(database: string): void {
    const at = this.#coverage.lastLook(database);
    if (at !== undefined) this.#writer.add((journal) => closeGates(journal, database, at));
  }

  /** Why kills are paused, by database. Told at the first look, and when it changes. */
  paused(texts: PauseTexts): void {
    const at = this.#options.clock.wall();
    this.#writer.add((journal) => markPauses(journal, at, texts));
  }

  /** A decision to act that came to nothing before an intent was written. Others are known from their events. */
  untried(event: Event): void {
    const told = redact(event, "digest");
    if (told.event === "kill" && !isUntried(told)) this.#decided(told, this.#options.clock.wall());
  }

  /** The server's digests of statements that were killed on a database. */
  killedDigests(database: string): readonly string[] {
    return this.#executionsOf(database).wanted;
  }

  /** What a server says of such digests. `server`: the server process. */
  executed(database: string, server: string, counts: readonly DigestCount[]): void {
    const at = this.#options.clock.wall();
    const executed = this.#executionsOf(database).read(server, counts);
    if (executed.length === 0) return;
    this.#writer.add((journal) => addExecutions(journal, { database, at, executed }));
  }

  /** Writes what is left, or gives it up and tells so: the end is near, and little may come after this. */
  async settle(): Promise<void> {
    this.#flushLooks();
    this.#ending.abort();
    await this.#writer.flush(LAST_WRITE);
  }

  /** Writes the rest, and closes the file. Nothing is told any more. */
  async end(): Promise<void> {
    this.#isEnding = true;
    await this.settle();
    if (this.#options.once) await this.#purge(0, SHORT_PURGE);
    this.#writer.close();
  }

  #receive({ at, event }: TimedEvent): void {
    const add = this.#writer.add.bind(this.#writer);
    switch (event.event) {
      case "kill":
        this.#killed(event, at);
        break;
      case "match":
        this.#decided(event, at);
        break;
      case "gate": {
        const moment = { ...event, at, hash: this.#hashOf(event) };
        if (event.state === "open") add((journal) => openGate(journal, moment));
        else add((journal) => closeGate(journal, moment));
        break;
      }
      case "connected":
        add((journal) => closeLeftGates(journal, event.database, at));
        break;
      case "start":
        this.#started(event, at);
        break;
      case "stop":
        if (this.#options.once) break;
        add((journal) => addMark(journal, { at, kind: "stopped", database: null, text: event.reason }));
    }
  }

  #started({ databases, armed }: Extract<PublicEvent, { readonly event: "start" }>, at: number): void {
    const { version, once } = this.#options;
    const text = `${databases} databases, ${armed} in enforce mode`;
    this.#writer.add((journal) => markStart(journal, { at, version, once, text }));
  }

  #killed(event: Extract<SelectionEvent, { readonly event: "kill" }>, at: number): void {
    if (isUntried(event)) return this.#decided(event, at);
    const { database, statement } = event;
    if (statement?.server_digest === undefined) return;
    this.#executionsOf(database).killed(statement.digest, statement.server_digest);
  }

  #decided(event: SelectionEvent, at: number): void {
    const entry = entryOfEvent(event, { at, hash: this.#hashOf(event) });
    this.#writer.add((journal) => void addDecision(journal, entry));
  }

  #hashOf({ database, policy }: { readonly database: string; readonly policy: string }): string {
    return this.#policies.get(database)?.get(policy)?.hash ?? "";
  }

  #executionsOf(database: string): Executions {
    const known = this.#executions.get(database);
    if (known !== undefined) return known;
    const executions = new Executions();
    this.#executions.set(database, executions);
    const since = this.#options.clock.wall() - RECENT;
    const before = this.#writer.now((journal) => killedDigests(journal, database, since)) ?? [];
    for (const { digest, server_digest } of before) executions.killed(digest, server_digest);
    return executions;
  }

  #flushLooks(): void {
    for (const part of this.#coverage.take()) this.#writer.add((journal) => addDayPart(journal, part));
  }

  /** Purges in steps with a rest between them, for at most `milliseconds`. */
  async #purge(rest: number, milliseconds: number): Promise<void> {
    const { clock, retention } = this.#options;
    const purge = new Purge(retention, () => clock.now());
    const end = clock.now() + milliseconds;
    while (clock.now() < end) {
      const isMore = this.#writer.now((journal) => purge.step(journal, this.#purgeTime()));
      if (isMore !== true) return;
      if (rest > 0) await clock.sleep(rest, this.#ending.signal);
      if (rest > 0 && this.#ending.signal.aborted) return;
    }
  }

  /** A clock that is set years ahead by mistake must not make a year's history old. Time goes on as it does by itself. */
  #purgeTime(): number {
    const { clock } = this.#options;
    return Math.min(clock.wall(), this.#epoch + clock.now() + DAY);
  }

  /** Does something again and again, until the end. */
  async #every(first: number, pause: number, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#ending;
    const { clock } = this.#options;
    for (let wait = first; !signal.aborted; wait = pause) {
      await clock.sleep(wait, signal);
      if (!signal.aborted) await work();
    }
  }
}

const WANTED: ReadonlySet<PublicEvent["event"]> = new Set([
  "kill",
  "match",
  "gate",
  "connected",
  "start",
  "stop",
]);
