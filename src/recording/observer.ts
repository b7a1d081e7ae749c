import type { Clock } from "../clock.ts";
import { Accounts, type Capabilities, connect, disconnect, type Links, type Server } from "../mysql/mod.ts";
import { type Memory, NO_MEMORY } from "../policy/mod.ts";
import { everyNeed, type Look, look } from "../look/mod.ts";
import { Metrics, serverSource, type WatchedDatabase } from "../watch/mod.ts";

/** How an observer connects. */
export interface ObserverOptions {
  readonly clock: Clock;
  /** Whether to find out what it could kill, and with what. */
  readonly armed?: boolean;
  /** What to go on from, as in a rehearsal: each look remembers what it decided. Absent: none does. */
  readonly memory?: Memory;
}

/** Looks at one database as a watcher does, but at all of it; it takes no lease and kills nothing. */
export class Observer {
  readonly #database: WatchedDatabase;
  readonly #clock: Clock;
  readonly #metrics: Metrics;
  readonly server: Server;
  readonly #rehearses: boolean;
  #memory: Memory;
  #links: Links = {};
  readonly #accounts = new Accounts();

  private constructor(database: WatchedDatabase, server: Server, { clock, memory }: ObserverOptions) {
    this.#database = database;
    this.#clock = clock;
    this.server = server;
    this.#rehearses = memory !== undefined;
    this.#memory = memory ?? NO_MEMORY;
    this.#metrics = new Metrics(database, database.rules.metrics, clock);
  }

  /** @throws {DatabaseError} */
  static async connect(database: WatchedDatabase, options: ObserverOptions): Promise<Observer> {
    const { armed = false } = options;
    const server = await connect(database, { armed, heartbeat: database.heartbeat });
    return new Observer(database, server, options);
  }

  get capabilities(): Capabilities {
    return this.server.capabilities;
  }

  /** What is known since the last look: for how long gates are open, and in a rehearsal all else. */
  get memory(): Memory {
    return this.#memory;
  }

  /**
   * One reading of everything that policies can ask about, and the decisions that would follow.
   * @throws {DatabaseError}
   */
  async look(): Promise<Look> {
    const { rules, heartbeat } = this.#database;
    const needs = everyNeed(rules);
    const source = serverSource(this.server, {
      needs: needs.health,
      lease: false,
      position: undefined,
      replication: { links: this.#links, rings: () => undefined, heartbeat, now: this.#clock.now() },
      metrics: await this.#metrics.current(),
      accounts: this.#accounts,
    });
    const found = await look(
      source,
      { rules, needs, hold: undefined, everything: true },
      this.#memory,
      this.#clock,
    );
    this.#memory = this.#rehearses ? found.memory : withoutDecisions(found.memory);
    this.#links = found.report.links ?? this.#links;
    return found;
  }

  /** Takes leave. Never fails. */
  async close(): Promise<void> {
    await this.#metrics.close();
    await disconnect(this.server);
  }
}

/** Of what was decided nothing is done, and so nothing is remembered. */
function withoutDecisions({ gates, server, holdUntil }: Memory): Memory {
  return { ...NO_MEMORY, gates, holdUntil, ...server && { server } };
}
