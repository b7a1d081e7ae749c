import type { Clock } from "../../clock.ts";
import { Connection, type ConnectionTarget, DatabaseError } from "../../connection/mod.ts";
import { clientGone } from "./http_message.ts";
import { StaleMapError } from "./on_shard.ts";
import { RouterProblem } from "./problem.ts";
import { openSession } from "./session.ts";

/** What a pool of sessions needs. */
export interface PoolOptions {
  readonly name: string;
  readonly target: ConnectionTarget;
  readonly schema: string;
  /** The most connections. */
  readonly size: number;
  /** How long a statement may take, in milliseconds. */
  readonly timeout: number;
  readonly clock: Clock;
}

interface Idle {
  readonly connection: Connection;
  readonly since: number;
}

/** For how long a session is waited for, and for whom. */
export interface Wait {
  /** When to stop, in milliseconds of the clock. */
  readonly until: number;
  /** Aborted where nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined;
}

/** How long a session may rest, in milliseconds: servers end those that rest for long, and say so too late. */
const LONGEST_REST = 60_000;

/** The sessions of one shard. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #idle: Idle[] = [];
  readonly #waiting: (() => void)[] = [];
  #count = 0;
  #ended = false;
  #retired = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  /**
   * Lends a session until the end of `use`. One that is lost is not lent again.
   * @throws {RouterProblem} `shard_down`, or `busy` where all sessions are in use until then; or the client has gone.
   * @throws {StaleMapError} Where the map that was last read names this shard no more.
   */
  async use<T>(wait: Wait, use: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.take(wait);
    try {
      return await use(connection);
    } finally {
      this.give(connection);
    }
  }

  /** Takes a session, to be given back. Throws as {@linkcode use}. */
  async take(wait: Wait): Promise<Connection> {
    const connection = await this.#taken(wait);
    if (wait.signal?.aborted !== true) return connection;
    this.give(connection);
    throw clientGone();
  }

  async #taken({ until, signal }: Wait): Promise<Connection> {
    const { clock, size } = this.#options;
    for (;;) {
      if (signal?.aborted) {
        // It may have been woken for a session that it does not take.
        if (this.#idle.length > 0) this.#waiting.shift()?.();
        throw clientGone();
      }
      if (this.#retired) throw new StaleMapError();
      if (this.#ended) throw new RouterProblem("shard_down", "the router is ending");
      const rested = this.#rested();
      if (rested !== undefined) return rested;
      if (this.#count < size) return await this.#open();
      const left = until - clock.now();
      if (left <= 0 || !await this.#freed(left, signal)) {
        throw new RouterProblem(
          "busy",
          `all ${size} connections to ${this.name} are in use`,
          "send fewer at once, or raise connections",
        );
      }
    }
  }

  /** Gives a session back. */
  give(connection: Connection): void {
    if (connection.lost !== undefined || this.#ended) {
      this.#count--;
      connection.drop();
    } else this.#idle.push({ connection, since: this.#options.clock.now() });
    this.#waiting.shift()?.();
  }

  /** Ends all sessions that nobody uses, and the others when they are given back. */
  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all(this.#idle.splice(0).map(({ connection }) => connection.close()));
  }

  /** Ends it because the map names its shard no more: who asks for a session has an old map. */
  retire(): void {
    this.#retired = this.#ended = true;
    // Nobody waits for the end of a session with a server that may be gone.
    for (const { connection } of this.#idle.splice(0)) connection.drop();
  }

  #rested(): Connection | undefined {
    for (let last = this.#idle.pop(); last !== undefined; last = this.#idle.pop()) {
      const { connection, since } = last;
      if (connection.lost === undefined && this.#options.clock.now() - since < LONGEST_REST) {
        return connection;
      }
      this.#count--;
      connection.drop();
    }
  }

  async #open(): Promise<Connection> {
    const { target, schema, timeout, name } = this.#options;
    this.#count++;
    try {
      return await openSession(target, { schema, milliseconds: timeout });
    } catch (error) {
      this.#count--;
      this.#waiting.shift()?.();
      if (!(error instanceof DatabaseError)) throw error;
      throw new RouterProblem("shard_down", `${name} cannot be used: ${error.message}`, error.advice);
    }
  }

  /** Whether to look again: one was given back in time, or the client has gone. */
  #freed(milliseconds: number, signal: AbortSignal | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (looksAgain: boolean) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", leave);
        resolve(looksAgain);
      };
      const wake = () => end(true);
      // Its place is not kept: what is given back is for who stands behind.
      const left = (looksAgain: boolean) => {
        const place = this.#waiting.indexOf(wake);
        if (place >= 0) this.#waiting.splice(place, 1);
        end(looksAgain);
      };
      const leave = () => left(true);
      const timer = setTimeout(() => left(false), milliseconds);
      signal?.addEventListener("abort", leave);
      this.#waiting.push(wake);
    });
  }
}
