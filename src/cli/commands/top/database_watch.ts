import type { KeptProxies } from "../../../app/keep_proxies.ts";
import type { Clock } from "../../../clock.ts";
import type { WatchedDatabase } from "../../../config/mod.ts";
import type { Event } from "../../../events/mod.ts";
import type { Fleet } from "../../../http/fleet/mod.ts";
import { CAUSES_PAUSE, type Look } from "../../../look/mod.ts";
import { mysqlTarget, type MysqlTargetConnection } from "../../../mysql/mod.ts";
import { Observer } from "../../../recording/mod.ts";
import { TargetError } from "../../../target/mod.ts";
import { backoff, type ConnectPacing, seenLook } from "../../../watch/mod.ts";
import { explanationOf, type LookExplanation } from "../explain/explanation.ts";

export interface DatabaseWatchOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly pacing: ConnectPacing;
  /** The proxies in front of databases; absent: there are none. */
  readonly proxies?: KeptProxies | undefined;
  /** Is told what was seen. */
  readonly fleet: Fleet;
  emit(event: Event): void;
}

/** A look at the opened database, and what it means. */
export interface OpenedLook {
  readonly look: Look;
  readonly explanation: LookExplanation;
}

/** Shown for every database, whether or not policies ask for them. */
const SHOWN = ["lag", "hll", "threads_running"];
/** The shortest time between two looks for the screen, in milliseconds: at a database, and at the opened one. */
const SHORTEST = 1000;
const SHORTEST_OPENED = 250;

/**
 * Looks at one database for the screen, on connections of its own, which take no lease. As long as it is not opened only
 * what a gate asks for is read; once it is, everything, as `explain` does, and if it is armed there is a connection for
 * kills as well. Never fails.
 */
export class DatabaseWatch {
  readonly database: WatchedDatabase;
  readonly #options: DatabaseWatchOptions;
  #isOpen = false;
  #latest: OpenedLook | undefined;
  #observer: Observer<MysqlTargetConnection> | undefined;
  #wake = new AbortController();
  /** One reading at a time on a connection. */
  #turn: Promise<unknown> = Promise.resolve();
  /** A kill under way on the connection. */
  #killing: Promise<unknown> = Promise.resolve();
  #lookedAt = -Infinity;
  #failures = 0;

  constructor(database: WatchedDatabase, options: DatabaseWatchOptions) {
    // A kill by hand needs no lease: a person decides, beside the program that holds it.
    this.database = { ...database, rules: { ...database.rules, lease: false } };
    this.#options = options;
    options.signal.addEventListener("abort", () => this.#wake.abort());
  }

  /** The last look at all of its sessions; undefined while it is not open. */
  get latest(): OpenedLook | undefined {
    return this.#latest;
  }

  /** The connection on which it is read now, if there is one. */
  get connected(): MysqlTargetConnection | undefined {
    return this.#observer?.connected;
  }

  /** Whether its sessions are read as well. */
  set isOpen(isOpen: boolean) {
    if (isOpen === this.#isOpen) return;
    this.#isOpen = isOpen;
    this.#latest = undefined;
    this.#wake.abort();
  }

  /** Keeps the connection until a kill has ended, whatever is opened meanwhile. */
  keepFor<T>(killing: Promise<T>): Promise<T> {
    this.#killing = Promise.all([this.#killing, killing]).catch(() => {});
    return killing;
  }

  /** Watches until the signal is aborted. */
  async run(): Promise<void> {
    const { signal, random, clock, emit, pacing } = this.#options;
    while (!signal.aborted) {
      this.#wake = new AbortController();
      try {
        await clock.sleep(pacing.wait(clock.now()), signal);
        if (!signal.aborted) await this.#connectAndLook();
      } catch (error) {
        if (!(error instanceof TargetError)) throw error;
        const { message: reason, advice } = error;
        const { name: database } = this.database;
        emit({ event: "unreachable", database, reason, ...advice !== undefined && { advice } });
        this.#latest = undefined;
        if (!signal.aborted) await clock.sleep(backoff(++this.#failures, random()), this.#wake.signal);
      }
    }
  }

  /**
   * A look at everything, made now.
   * @throws {TargetError}
   */
  look(): Promise<OpenedLook> {
    return this.#inTurn(async () => {
      const { clock } = this.#options;
      const observer = this.#observer;
      if (observer === undefined) throw new TargetError("there is no connection to it");
      await clock.sleep(Math.max(0, this.#lookedAt + CAUSES_PAUSE - clock.now()));
      const begun = clock.now();
      const look = await observer.look();
      this.#lookedAt = clock.now();
      const wall = clock.wall();
      const { capabilities } = observer.connected.server;
      const at = { capabilities, memory: observer.memory, paused: undefined, now: clock.now(), wall };
      const found = { look, explanation: explanationOf(this.database, look, at) };
      this.#options.fleet.looked(this.database.name, seenLook(look, { at: wall, begun }));
      return found;
    });
  }

  async #connectAndLook(): Promise<void> {
    const { clock, signal, emit, proxies } = this.#options;
    const isOpen = this.#isOpen;
    const { name: database, rules } = this.database;
    const armed = isOpen && rules.mode === "enforce";
    const target = mysqlTarget(this.database, { clock, armed, proxies: proxies?.of(this.database) });
    const observer = await Observer.connect(target, this.database, { clock });
    this.#observer = observer;
    try {
      const { flavor, version, encrypted } = observer.connected.identity;
      emit({ event: "connected", database, flavor, version, mode: rules.mode, encrypted });
      while (!signal.aborted && isOpen === this.#isOpen) {
        if (isOpen) this.#note(await this.look());
        else await this.#glance(observer);
        this.#failures = 0;
        const pause = Math.max(isOpen ? SHORTEST_OPENED : SHORTEST, this.database.interval);
        if (isOpen === this.#isOpen) await clock.sleep(pause, this.#wake.signal);
      }
    } finally {
      await this.#killing;
      this.#observer = undefined;
      await this.#turn;
      await observer.close();
    }
  }

  #note(found: OpenedLook): void {
    if (this.#isOpen) this.#latest = found;
  }

  #glance(observer: Observer): Promise<void> {
    const { clock, fleet } = this.#options;
    return this.#inTurn(async () => {
      const begun = clock.now();
      const seen = await observer.glance(SHOWN);
      fleet.looked(this.database.name, seenLook(seen, { at: clock.wall(), begun }));
    });
  }

  #inTurn<T>(use: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(use);
    this.#turn = turn.catch(() => {});
    return turn;
  }
}
