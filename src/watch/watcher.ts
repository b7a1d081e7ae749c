import type { DatabaseConfig } from "../config/mod.ts";
import type { Event } from "../events/mod.ts";
import { CAUSES_PAUSE, LONGEST_PAUSE, type Look, look, type Pace, pauseAfter } from "../look/mod.ts";
import {
  forget,
  type Hold,
  type Memory,
  type Needs,
  needsByHour,
  NO_MEMORY,
  withNewRules,
} from "../policy/mod.ts";
import { type Target, type TargetConnection, TargetError } from "../target/mod.ts";
import { backoff } from "./backoff.ts";
import { changes } from "./changes.ts";
import { ConnectionState } from "./connection_state.ts";
import { keepExecutions } from "./executions.ts";
import { holdNow, spentBefore } from "./hold.ts";
import type { DatabaseEvidence } from "./evidence_store.ts";
import { Kills } from "./kills.ts";
import { CAUSES, mayActLater } from "./may_act_later.ts";
import { seenLook } from "./look_observer.ts";
import type { WatchCounts, WatchOptions } from "./options.ts";
import { WatchCounters } from "./watch_counters.ts";
import { Announcer } from "./announcer.ts";

/** The part of a database's configuration that a watcher uses. */
export type WatchSettings = Pick<DatabaseConfig, "name" | "interval" | "rules">;

/** A running watcher. */
export interface Watch {
  /** What it did so far. */
  readonly counts: WatchCounts;
  /** Whether it has a connection on which a look has succeeded. */
  readonly connected: boolean;
  /** Whether a gate was open at its last look: of a policy that has one. */
  readonly hurt: boolean;
  /** What held kills back at its last look. */
  readonly hold: Hold | undefined;
  /** Settles when the watcher has ended. */
  readonly ended: Promise<void>;
  /** Continues under new rules from the next look on. Connection, memory and kills under way are kept. */
  update(watched: WatchSettings): void;
}

/** Watches one target until it is told to stop. Never fails: errors become events. */
export function watch(target: Target, watched: WatchSettings, options: WatchOptions): Watch {
  return new Watcher(target, watched, options);
}

/** How early or late looks may come, in milliseconds. */
const JITTER = 5;
/** How often the connection for kills is pinged, in milliseconds. */
const PING = 10_000;

class Watcher implements Watch {
  readonly #target: Target;
  readonly #options: WatchOptions;
  readonly #armed: boolean;
  readonly #counters: WatchCounters;
  readonly #announcer: Announcer;
  readonly #kills: Kills;
  #evidence: DatabaseEvidence | undefined;
  #watched: WatchSettings;
  /** The settings to adopt at the next look. */
  #update: WatchSettings | undefined;
  #needs: (wall: number) => Needs;
  #memory: Memory = NO_MEMORY;
  /** The state of the current connection; undefined while there is none. */
  #state: ConnectionState | undefined;
  #wasConnected = false;
  #failures = 0;
  #hold: Hold | undefined;
  readonly ended: Promise<void>;

  constructor(target: Target, watched: WatchSettings, options: WatchOptions) {
    this.#target = target;
    this.#options = options;
    this.#armed = watched.rules.mode === "enforce";
    this.#watched = watched;
    this.#needs = needsByHour(watched.rules);
    this.#evidence = this.#evidenceOf(watched);
    this.#counters = new WatchCounters(options.clock.now());
    this.#announcer = new Announcer(watched, options, this.#counters);
    this.#kills = new Kills(watched, options, { counters: this.#counters, evidence: this.#evidence });
    this.ended = this.#run();
  }

  get counts(): WatchCounts {
    return this.#counters.counts;
  }

  get connected(): boolean {
    return this.#state !== undefined && this.#failures === 0;
  }

  get hurt(): boolean {
    return Object.values(this.#memory.gates).some(({ state, because }) =>
      state === "open" && because.length > 0
    );
  }

  get hold(): Hold | undefined {
    return this.#hold;
  }

  update(watched: WatchSettings): void {
    this.#update = watched;
  }

  /** Only an armed watcher kills, so only it keeps evidence. */
  #evidenceOf(watched: WatchSettings): DatabaseEvidence | undefined {
    return this.#armed ? this.#options.evidence?.of(watched) : undefined;
  }

  #adopt(watched: WatchSettings): void {
    this.#update = undefined;
    this.#memory = withNewRules(this.#kills.applyTo(this.#memory), this.#watched.rules, watched.rules);
    this.#watched = watched;
    this.#needs = needsByHour(watched.rules);
    this.#evidence = this.#evidenceOf(watched);
    this.#kills.update(watched, this.#evidence);
    this.#announcer.update(watched);
    this.#state?.forgetForecast();
  }

  async #run(): Promise<void> {
    const { signal, once, clock, random } = this.#options;
    while (!signal.aborted) {
      const done = await this.#connectAndLook();
      if (done || once) return;
      this.#heartbeat();
      await clock.sleep(backoff(this.#failures, random()), signal);
    }
  }

  /** Returns true when there is nothing more to do, and false if the target was lost. */
  async #connectAndLook(): Promise<boolean> {
    let connected: TargetConnection | undefined;
    const { clock, signal, pacing } = this.#options;
    try {
      const wait = pacing.wait(clock.now());
      if (wait > 0) await clock.sleep(wait, signal);
      if (signal.aborted) return false;
      connected = await this.#target.connect();
      await this.#lookOn(connected, this.#connected());
      return true;
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      this.#failures++;
      this.#announcer.lost(error);
      return false;
    } finally {
      await this.#kills.end();
      this.#announcer.left();
      this.#announcer.end(clock.now());
      this.#state = undefined;
      await connected?.close();
    }
  }

  /** Resets the state for a new connection. Only the spent budget outlives a connection. */
  #connected(): ConnectionState {
    const { rules } = this.#watched;
    const { clock, journal } = this.#options;
    const state = new ConnectionState(clock.now());
    if (this.#wasConnected) this.#memory = forget(this.#memory, { now: state.since, grace: rules.grace });
    else if (this.#armed && journal !== undefined) {
      this.#memory = { ...NO_MEMORY, spent: spentBefore(journal, this.#watched, clock) };
    }
    this.#wasConnected = true;
    this.#state = state;
    this.#kills.forget();
    this.#announcer.connected();
    return state;
  }

  async #lookOn(connected: TargetConnection, state: ConnectionState): Promise<void> {
    const { clock, signal, random } = this.#options;
    let pinged = clock.now();
    let due = pinged;
    // The first pause is random. Otherwise databases that were connected at the same moment would be looked at in step
    // from then on.
    let part = random();
    while (!signal.aborted) {
      const begun = clock.now();
      const ping = begun - pinged >= PING;
      if (ping) pinged = begun;
      await connected.check(ping);
      this.#counters.late(begun - due);
      if (this.#update !== undefined) {
        this.#adopt(this.#update);
        this.#announcer.gaps(connected);
      }
      const found = await this.#lookOnce(connected, state);
      if (this.#isDone(found)) return;
      const pause = this.#pauseAfter(found, { connected, state, begun, part });
      part = 1;
      due = clock.now() + pause;
      await clock.sleep(pause, signal);
    }
  }

  /** For `once`: whether no policy is waiting for anything. */
  #isDone(found: Look): boolean {
    return this.#options.once && !mayActLater(found, this.#watched.rules, this.#memory);
  }

  /** How long to wait until the next look, in milliseconds. `part` is the fraction of the interval to use. */
  #pauseAfter(
    { next }: Look,
    { connected, state, begun, part }: {
      readonly connected: TargetConnection;
      readonly state: ConnectionState;
      readonly begun: number;
      readonly part: number;
    },
  ): number {
    const now = this.#options.clock.now();
    const { idle } = connected;
    const took = now - begun;
    const { interval } = this.#watched;
    // A pause must not exceed the server's idle timeout.
    const longest = idle === undefined ? LONGEST_PAUSE : idle / 2;
    const pace: Pace = { interval: part * interval, longest, before: state.took };
    state.took = took;
    this.#counters.skip(Math.floor(took / interval));
    if (this.#heartbeat()) this.#keepExecutions(connected);
    return pauseAfter(took, { ...pace, ...next !== undefined && { next: next - now } });
  }

  async #lookOnce(connected: TargetConnection, state: ConnectionState): Promise<Look> {
    const before = this.#kills.applyTo(this.#memory);
    const { clock } = this.#options;
    const { rules, interval } = this.#watched;
    this.#hold = this.#armed ? await holdNow(this.#options, this.#watched.name) : undefined;
    const [begun, wall] = [clock.now(), clock.wall()];
    const found = await look(
      connected.source,
      {
        rules,
        needs: this.#needs(wall),
        wall,
        lease: this.#armed && rules.lease,
        hold: this.#hold,
        uptime: state.uptime(clock.now()),
        window: interval,
        forecast: state.forecast,
        causesFrom: state.causesAt + Math.max(CAUSES_PAUSE, Math.min(interval, CAUSES) - JITTER),
      },
      before,
      clock,
    );
    // Only a look that succeeded ends the backoff: a server may accept connections and fail every look, for example a
    // node that has left its cluster.
    this.#failures = 0;
    this.#memory = found.memory;
    state.looked(found);
    await this.#tell(connected, found, before);
    this.#evidence?.keep(found, state.since);
    this.#counters.add({ looks: 1 });
    this.#options.chronicle?.looked(this.#watched.name, { interval, health: found.report.health });
    this.#options.observer?.(this.#watched.name, seenLook(found, { at: clock.wall(), begun }));
    this.#kills.begin(connected.executor, found.decisions.filter(({ verdict }) => verdict === "act"));
    return found;
  }

  async #tell(connected: TargetConnection, found: Look, before: Memory): Promise<void> {
    const announcer = this.#announcer;
    announcer.looked(connected);
    if (found.causesAt !== undefined) await announcer.unkillable(connected, found);
    if (found.report.lease !== undefined) await announcer.lease(connected, found.report.lease);
    announcer.server(before, found.memory);
    for (const event of changes(this.#watched, before, found.memory)) this.#emit(event);
    for (const decision of found.decisions) {
      if (decision.verdict !== "act") announcer.notActedOn(decision);
    }
  }

  /** Returns whether it was time for a heartbeat. */
  #heartbeat(): boolean {
    return this.#announcer.heartbeat(this.#options.clock.now(), this.#hold);
  }

  #keepExecutions(connected: TargetConnection): void {
    const server = this.#memory.server?.identity;
    const { chronicle } = this.#options;
    keepExecutions(connected, { database: this.#watched.name, server, chronicle });
  }

  #emit(event: Event): void {
    this.#options.emit(event);
  }
}
