import type { Account, DatabaseConfig } from "../config/mod.ts";
import {
  Accounts,
  checkConnections,
  connect,
  type ConnectOptions,
  disconnect,
  type Links,
  type Server,
} from "../mysql/mod.ts";
import { DatabaseError } from "../connection/mod.ts";
import type { Event } from "../events/mod.ts";
import { forget, type Gate, type Hold, type Memory, NO_MEMORY, unfinishedKill } from "../policy/mod.ts";
import { backoff } from "./backoff.ts";
import { changes } from "./changes.ts";
import type { DatabaseEvidence } from "./kept_looks.ts";
import { holdNow, spentBefore } from "./hold.ts";
import { Kills } from "./kills.ts";
import {
  CAUSES_PAUSE,
  LONGEST_PAUSE,
  type Look,
  look,
  type Needs,
  needsByHour,
  type Outlook,
  type Pace,
  pauseAfter,
} from "../look/mod.ts";
import { Metrics } from "./metrics.ts";
import type { WatchCounts, WatchOptions } from "./options.ts";
import { serverSource } from "./server_source.ts";
import { Tally } from "./tally.ts";
import { Teller } from "./teller.ts";

/** A database with the account to watch it by. */
export type WatchedDatabase = DatabaseConfig & { readonly account: Account };

/** A watcher at work. */
export interface Watch {
  /** What it did so far. */
  readonly counts: WatchCounts;
  /** Settles when the watcher has ended. */
  readonly ended: Promise<void>;
}

/** Watches one database until it is told to stop. Never fails: what goes wrong is an event. */
export function watch(database: WatchedDatabase, options: WatchOptions): Watch {
  const watcher = new Watcher(database, options);
  const ended = watcher.run();
  return {
    get counts() {
      return watcher.counts;
    },
    ended,
  };
}

/** Between two readings of transactions and locks, in milliseconds, unless looks are wanted more often. */
const CAUSES = 1000;
/** By so much looks come early or late, in milliseconds. */
const JITTER = 5;
/** How often the connection for kills is tried, in milliseconds. */
const PING = 10_000;

class Watcher {
  readonly #database: WatchedDatabase;
  readonly #options: WatchOptions;
  readonly #needs: (wall: number) => Needs;
  readonly #armed: boolean;
  readonly #metrics: Metrics;
  readonly #evidence: DatabaseEvidence | undefined;
  readonly #kills: Kills;
  #memory: Memory = NO_MEMORY;
  #links: Links = {};
  #accounts = new Accounts();
  /** When transactions and locks were last read, by the clock's `now`. */
  #causesAt = -Infinity;
  /** What the last reading of sessions by their age showed. */
  #outlook: Outlook | undefined;
  #wasConnected = false;
  /** When the connection was made, by the clock's `now`. */
  #connectedAt = 0;
  /** How long the server had been up, in milliseconds, and when that was read; undefined before the first look. */
  #uptime: { readonly value: number; readonly at: number } | undefined;
  #failures = 0;
  /** How long the last look took, in milliseconds. */
  #took = 0;
  /** What held kills back at the last look. */
  #hold: Hold | undefined;
  readonly #tally: Tally;
  readonly #teller: Teller;

  constructor(database: WatchedDatabase, options: WatchOptions) {
    this.#database = database;
    this.#options = options;
    this.#needs = needsByHour(database.rules);
    this.#armed = database.rules.mode === "enforce";
    this.#metrics = new Metrics(database, database.rules.metrics, options.clock);
    // Who kills nobody has nothing to prove.
    this.#evidence = this.#armed ? options.evidence?.of(database) : undefined;
    this.#tally = new Tally(options.clock.now());
    this.#teller = new Teller(database, options, this.#tally);
    this.#kills = new Kills(database, options, { tally: this.#tally, evidence: this.#evidence });
  }

  get counts(): WatchCounts {
    return this.#tally.counts;
  }

  async run(): Promise<void> {
    const { signal, once, clock, random } = this.#options;
    while (!signal.aborted) {
      const done = await this.#connectAndLook();
      if (done || once) return;
      this.#heartbeat();
      await clock.sleep(backoff(this.#failures, random()), signal);
    }
  }

  /** Returns true once there is nothing more to do, and false where the server was lost. */
  async #connectAndLook(): Promise<boolean> {
    let server: Server | undefined;
    const { clock, signal, opening } = this.#options;
    try {
      const wait = opening.wait(clock.now());
      if (wait > 0) await clock.sleep(wait, signal);
      if (signal.aborted) return false;
      server = await connect(this.#database, this.#connectOptions());
      this.#connected();
      await this.#lookOn(server);
      return true;
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      this.#failures++;
      this.#teller.lost(error);
      return false;
    } finally {
      await this.#kills.end();
      this.#teller.left();
      await this.#metrics.close();
      if (server !== undefined) await disconnect(server);
    }
  }

  #connectOptions(): ConnectOptions {
    const idle = this.#longestIdle();
    const { heartbeat } = this.#database;
    return { armed: this.#armed, heartbeat, ...idle !== undefined && { idle } };
  }

  /** A dead host's lease ends with its connection, which the server therefore does not keep for long. */
  #longestIdle(): number | undefined {
    const { interval, rules } = this.#database;
    return this.#armed && rules.lease ? Math.max(5000, 3 * interval) : undefined;
  }

  /** The server must not take a pause for the end. */
  #pace(): Pace {
    const idle = this.#longestIdle();
    const longest = idle === undefined ? LONGEST_PAUSE : idle / 2;
    return { interval: this.#database.interval, longest, before: this.#took };
  }

  async #lookOn(server: Server): Promise<void> {
    const { clock, signal, random } = this.#options;
    let pinged = clock.now();
    let due = pinged;
    // What was connected to at one moment is not looked at in one moment for ever.
    let part = random();
    while (!signal.aborted) {
      const begun = clock.now();
      const ping = begun - pinged >= PING;
      if (ping) pinged = begun;
      await checkConnections(server, ping);
      this.#tally.late(begun - due);
      const pause = await this.#lookAndPace(server, begun, part);
      if (pause === undefined) return;
      part = 1;
      due = clock.now() + pause;
      await clock.sleep(pause, signal);
    }
  }

  /**
   * Returns how long to wait for the next look, in milliseconds; undefined where there is to be none.
   * @param part Of the interval, from one look to the next.
   */
  async #lookAndPace(server: Server, begun: number, part: number): Promise<number | undefined> {
    const { clock, once } = this.#options;
    const found = await this.#lookOnce(server);
    const { gates, next } = found;
    if (once && !gates.some((gate) => this.#mayActLater(gate, found))) return undefined;
    const now = clock.now();
    const took = now - begun;
    const pace = this.#pace();
    this.#took = took;
    this.#tally.skip(Math.floor(took / pace.interval));
    this.#heartbeat();
    const due = next === undefined ? {} : { next: next - now };
    return pauseAfter(took, { ...pace, interval: part * pace.interval, ...due });
  }

  /** Whether a policy waits: for its gate to have been open long enough, or for its turn to escalate. */
  #mayActLater({ policy, state, ready }: Gate, { snapshot, deferred, moment }: Look): boolean {
    if (!ready) return state === "open";
    const own = this.#database.rules.policies.find(({ name }) => name === policy);
    return own !== undefined && snapshot !== undefined && snapshot.sessions.some((session) => {
      const kill = unfinishedKill(own, session, this.#memory.settled);
      if (kill === undefined) return false;
      if (session.running && this.#memory.settled[session.execution] !== undefined) return true;
      // What does not run any more has not survived: its transaction may have.
      const isDue = moment.now < kill.at + own.escalate! + 2 * CAUSES;
      return isDue && (deferred === true || session.transaction !== undefined);
    });
  }

  async #lookOnce(server: Server): Promise<Look> {
    const before = this.#kills.applyTo(this.#memory);
    const { rules } = this.#database;
    const { sources, clock } = this.#options;
    this.#hold = this.#armed ? await holdNow(this.#options, clock.now()) : undefined;
    const { name, source, heartbeat, interval } = this.#database;
    const metrics = await this.#metrics.current();
    const wall = clock.wall();
    const needs = this.#needs(wall);
    const found = await look(
      serverSource(server, {
        needs: needs.health,
        lease: this.#armed && rules.lease,
        position: sources.wanted(name),
        replication: {
          links: this.#links,
          rings: (channel) => sources.ringsOf(channel, source),
          heartbeat,
          now: clock.now(),
        },
        metrics,
        accounts: this.#accounts,
      }),
      {
        rules,
        needs,
        wall,
        hold: this.#hold,
        uptime: this.#uptime === undefined ? undefined : this.#uptime.value + clock.now() - this.#uptime.at,
        window: interval,
        outlook: this.#outlook,
        causesFrom: this.#causesAt + Math.max(CAUSES_PAUSE, Math.min(interval, CAUSES) - JITTER),
      },
      before,
      clock,
    );
    // Who lets us in, and answers no look, is not watched: a node that has left its cluster, for one.
    this.#failures = 0;
    this.#teller.looked(server);
    const { decisions, memory } = found;
    this.#memory = memory;
    this.#causesAt = found.causesAt ?? this.#causesAt;
    this.#outlook = found.outlook ?? this.#outlook;
    this.#uptime = { value: found.report.report.uptime, at: found.moment.now };
    this.#note(server, found);
    if (found.causesAt !== undefined) await this.#teller.unkillable(server, found);
    this.#evidence?.keep(found, this.#connectedAt);
    if (found.report.lease !== undefined) await this.#teller.lease(server, found.report.lease);
    this.#teller.server(before, memory);
    this.#tally.add({ looks: 1 });
    for (const event of changes(this.#database, before, memory)) this.#emit(event);
    for (const decision of decisions) {
      if (decision.verdict !== "act") this.#teller.notActedOn(decision);
    }
    this.#kills.begin(server, decisions.filter(({ verdict }) => verdict === "act"));
    return found;
  }

  /** Keeps what the next look, and the looks at other databases, want to know. */
  #note(server: Server, { report }: Look): void {
    const { sources, clock } = this.#options;
    const { name, interval, address } = this.#database;
    this.#links = report.links ?? this.#links;
    sources.note(
      { name, interval, address: "host" in address ? `${address.host}:${address.port}` : undefined },
      server,
      { ...report, ...report.report, positions: report.positions, at: clock.now() },
    );
  }

  #connected(): void {
    const { rules } = this.#database;
    const { clock, journal } = this.#options;
    this.#connectedAt = clock.now();
    if (this.#wasConnected) this.#memory = forget(this.#memory, { now: clock.now(), grace: rules.grace });
    else if (this.#armed && journal !== undefined) {
      this.#memory = { ...NO_MEMORY, spent: spentBefore(journal, this.#database, clock) };
    }
    this.#wasConnected = true;
    this.#kills.forget();
    this.#links = {};
    this.#accounts = new Accounts();
    this.#uptime = undefined;
    this.#outlook = undefined;
    this.#teller.connected();
  }

  #heartbeat(): void {
    this.#teller.heartbeat(this.#options.clock.now(), this.#hold);
  }

  #emit(event: Event): void {
    this.#options.emit(event);
  }
}
