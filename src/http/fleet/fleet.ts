import type { Clock } from "../../clock.ts";
import type { WatchedDatabase } from "../../config/mod.ts";
import type { EventStream, PublicEvent, Subscription, TimedEvent } from "../../events/mod.ts";
import { isUnknown, type Reading } from "../../language/mod.ts";
import { type Gate, type Mode, modeOf } from "../../policy/mod.ts";
import type { SeenLook } from "../../watch/mod.ts";
import type { DatabaseState, GateStatus, KillTick, ShownValue } from "./database_state.ts";
import { TRACE, Trace } from "./trace.ts";

/** What a fleet needs. */
export interface FleetOptions {
  readonly clock: Clock;
  readonly stream: EventStream;
}

/** The values whose last minutes are kept. */
export const TRACED = ["lag", "hll"] as const;
export type TracedName = typeof TRACED[number];

/** How many of the latest events are kept, how many ticks of a database, and how many events may wait. */
const KEPT_EVENTS = 500;
const KEPT_TICKS = 100;
const CAPACITY = 10_000;

type State = { -readonly [K in keyof DatabaseState]: DatabaseState[K] };

interface Entry {
  readonly state: State;
  readonly traces: Readonly<Record<TracedName, Trace>>;
  modes: ReadonlyMap<string, Mode>;
  /** The gates of the last look, which know their clauses. */
  latest: readonly Gate[];
  /** When anything of it changed, in turns of the fleet. */
  changed: number;
}

/**
 * What the program knows of its databases now: from each look, and from the events. It is told at once, and works out
 * only what somebody asks for.
 */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #subscription: Subscription;
  #events: TimedEvent[] = [];
  #turn = 0;
  readonly #listeners = new Set<(event: TimedEvent) => void>();

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#subscription = options.stream.subscribe({
      capacity: CAPACITY,
      receive: (events) => {
        for (const event of events) this.#receive(event);
        return Promise.resolve();
      },
    });
  }

  /** Grows with everything that changes. */
  get turn(): number {
    return this.#turn;
  }

  /** The latest events but heartbeats, the newest last. */
  get events(): readonly TimedEvent[] {
    return this.#events;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** In the order of the configuration. */
  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** Continues with these databases, in this order. */
  adopt(databases: readonly WatchedDatabase[]): void {
    const before = new Map(this.#entries);
    this.#entries.clear();
    for (const database of databases) {
      const entry = before.get(database.name) ?? this.#newEntry(database);
      const { name, group, interval, rules } = database;
      const { state } = entry;
      Object.assign(state, { name, interval, mode: rules.mode, limits: rules.limits });
      if (group === undefined) delete state.group;
      else state.group = group;
      entry.modes = new Map(rules.policies.map((policy) => [
        policy.name,
        modeOf(rules, policy),
      ]));
      state.gates = state.gates.filter(({ policy }) => entry.modes.has(policy));
      entry.changed = ++this.#turn;
      this.#entries.set(name, entry);
    }
  }

  /** A look at a database succeeded. */
  looked(database: string, { at, took, health, gates, hold, readOnly }: SeenLook): void {
    const entry = this.#entries.get(database);
    if (entry === undefined) return;
    const { state, traces } = entry;
    // Whoever came later was not told that it had connected.
    if (state.reach === "connecting") Object.assign(state, { reach: "watched", since: at });
    state.lookedAt = at;
    state.took = took;
    state.looks++;
    state.readOnly = readOnly;
    state.values = health as unknown as DatabaseState["values"];
    if (hold === undefined) delete state.hold;
    else state.hold = hold;
    for (const name of TRACED) {
      const value = shown(health[name]);
      if (health[name] !== undefined) traces[name].add(at, typeof value === "number" ? value : null);
    }
    entry.latest = gates;
    this.#noteGates(entry, at);
    entry.changed = ++this.#turn;
  }

  /** One database; undefined if there is no such. */
  database(name: string): DatabaseState | undefined {
    const entry = this.#entries.get(name);
    return entry && this.#handedOut(entry);
  }

  /** All databases, in the order of the configuration. `since`: only those that have changed after that turn. */
  databases({ since = -1 }: { readonly since?: number } = {}): readonly DatabaseState[] {
    return [...this.#entries.values()].filter(({ changed }) => changed > since)
      .map((entry) => this.#handedOut(entry));
  }

  /** The last minutes of a value, a step of `STEP` each, the newest last; undefined if there is no such database. */
  trace(database: string, name: TracedName): readonly (number | null)[] | undefined {
    return this.#entries.get(database)?.traces[name].values(this.#options.clock.wall());
  }

  /** Calls a function with each event but heartbeats, until the returned function is called. */
  listen(listener: (event: TimedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Ends the subscription. */
  end(): void {
    this.#subscription.end();
    this.#listeners.clear();
  }

  #newEntry({ name, interval, rules: { mode, limits } }: WatchedDatabase): Entry {
    const since = this.#options.clock.wall();
    return {
      state: {
        ...{ name, mode, interval, limits, since },
        ...{ reach: "connecting", values: {}, gates: [], budget: "free" },
        ...{ looks: 0, errors: 0, skipped: 0, late: 0, outcomes: {}, spared: {}, ticks: [] },
      },
      traces: { lag: new Trace(), hll: new Trace() },
      modes: new Map(),
      latest: [],
      changed: 0,
    };
  }

  /** The gates change rarely: only then something is made of them. */
  #noteGates({ state, latest, modes }: Entry, at: number): void {
    const before = state.gates;
    const isSame = before.length === latest.length &&
      latest.every((gate, index) =>
        gate.policy === before[index]!.policy && gate.state === before[index]!.state &&
        gate.ready === before[index]!.ready
      );
    if (isSame) return;
    const known = new Map(before.map((gate) => [gate.policy, gate]));
    state.gates = latest.map((gate): GateStatus => {
      const last = known.get(gate.policy);
      const before = last?.state === gate.state ? last.before : last?.state;
      return {
        policy: gate.policy,
        mode: modes.get(gate.policy) ?? "dry-run",
        state: gate.state,
        since: last?.state === gate.state ? last.since : at,
        ...before !== undefined && { before },
        ready: gate.ready,
        because: [],
      };
    });
  }

  #handedOut({ state, latest, modes }: Entry): DatabaseState {
    const now = this.#options.clock.wall();
    const read = state.values as unknown as Readonly<Record<string, Reading>>;
    const values: Record<string, ShownValue> = {};
    for (const name in read) values[name] = shown(read[name]);
    return {
      ...state,
      values,
      gates: state.gates.map((gate) => ({
        ...gate,
        mode: modes.get(gate.policy) ?? gate.mode,
        // Costs more than the look, and most who ask for a database do not ask for it. After a reload there may be fewer
        // gates than the latest look saw.
        get because() {
          return latest.find(({ policy }) => policy === gate.policy)?.because ?? [];
        },
      })),
      ticks: state.ticks.length === 0 ? state.ticks : state.ticks.filter(({ at }) => at > now - TRACE),
    };
  }

  #receive(timed: TimedEvent): void {
    const { event, at } = timed;
    const entry = "database" in event && event.database !== undefined
      ? this.#entries.get(event.database)
      : undefined;
    if (entry !== undefined) {
      apply(entry.state, event, at);
      entry.changed = ++this.#turn;
    }
    if (event.event === "heartbeat") return;
    this.#events.push(timed);
    if (this.#events.length > KEPT_EVENTS) this.#events = this.#events.slice(-KEPT_EVENTS);
    this.#turn++;
    for (const listener of this.#listeners) listener(timed);
  }
}

/** A reading as it is shown: null is unknown. */
function shown(reading: Reading | undefined): ShownValue {
  return reading === undefined || isUnknown(reading) ? null : reading as ShownValue;
}

/** What an event says of a database. */
function apply(state: State, event: PublicEvent, at: number): void {
  switch (event.event) {
    case "connected": {
      const { flavor, version, encrypted } = event;
      Object.assign(state, { reach: "watched", since: at, flavor, version, encrypted });
      delete state.reason;
      delete state.advice;
      delete state.lease;
      break;
    }
    case "unreachable":
      if (state.reach !== "unreachable") state.since = at;
      Object.assign(state, { reach: "unreachable", reason: event.reason });
      if (event.advice === undefined) delete state.advice;
      else state.advice = event.advice;
      delete state.hold;
      state.gates = [];
      break;
    case "lease": {
      const { state: held, holder, reason } = event;
      state.lease = {
        state: held,
        since: at,
        ...holder !== undefined && { holder },
        ...reason !== undefined && { reason },
      };
      break;
    }
    case "budget":
      state.budget = event.state === "spent" ? "spent" : "free";
      break;
    case "heartbeat":
      state.errors += event.errors;
      state.skipped += event.skipped;
      state.late += event.late;
      break;
    case "kill":
      killed(state, event, at);
  }
}

function killed(
  state: State,
  { policy, outcome, reason }: Extract<PublicEvent, { readonly event: "kill" }>,
  at: number,
): void {
  if (outcome === "skipped") {
    const key = reason ?? "unknown";
    state.spared = { ...state.spared, [key]: (state.spared[key] ?? 0) + 1 };
    return;
  }
  const own = state.outcomes[policy] ?? {};
  state.outcomes = { ...state.outcomes, [policy]: { ...own, [outcome]: (own[outcome] ?? 0) + 1 } };
  const tick: KillTick = { at, policy, outcome };
  state.ticks = [...state.ticks, tick].slice(-KEPT_TICKS);
}
