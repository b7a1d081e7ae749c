import type { Clock } from "../clock.ts";
import type { Account, ProxysqlConfig } from "../config/mod.ts";
import { Connection, type Done, type Row } from "../connection/mod.ts";
import { AdminError, adminError, BROKEN } from "./admin_error.ts";
import { type Statement, STATEMENTS } from "./statement.ts";

/** Where an admin interface is, and how long it may take. */
export type AdminTarget = Pick<ProxysqlConfig, "address" | "tls" | "timeout"> & { readonly account: Account };

/** `wedged`: it takes connections or has one, and does not answer in time. */
export type AdminState = "new" | "up" | "wedged" | "down";

export interface AdminOptions {
  readonly clock: Pick<Clock, "now">;
  /** Told when the state has changed, and only then; with the error that it changed by. */
  readonly tell?: (state: AdminState, error?: AdminError) => void;
  /** Between two attempts to connect, in milliseconds: 30 s. 0: whoever asks decides when. */
  readonly longestWait?: number;
  /** Whether what is asked while another statement is under way waits for its turn, in place of failing: a few can. */
  readonly hasQueue?: boolean;
}

/** How long to wait between two attempts to connect, in milliseconds. */
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;

/** So many may wait for their turn. Each of a few asks for one thing at a time, so that no more come. */
const LONGEST_QUEUE = 8;

/** PAUSE takes up to mysql-poll_timeout, which is 2 s by default, in milliseconds. */
const LONGEST_PAUSE = 10_000;

/** What an admin interface says of itself. */
const ADMIN_MODULE = /ProxySQL Admin Module/;

/**
 * The admin interface of a ProxySQL: one connection, on which one statement is asked at a time, each with a deadline.
 * What is asked while another one is under way, or while it is too early to connect again, fails at once: nothing piles up
 * when ProxySQL hangs. With a queue, what is asked meanwhile waits for its turn, a few statements at most.
 */
export class Admin implements AsyncDisposable {
  readonly #target: AdminTarget;
  readonly #options: AdminOptions;
  #connection: Connection | undefined;
  #connected = 0;
  #isDisposed = false;
  #isBusy = false;
  readonly #queue: (() => void)[] = [];
  #state: AdminState = "new";
  #mayWrite = false;
  #wait = 0;
  #again = -Infinity;
  #failure: AdminError | undefined;

  constructor(target: AdminTarget, options: AdminOptions) {
    this.#target = target;
    this.#options = options;
  }

  get state(): AdminState {
    return this.#state;
  }

  /** Whether the user may do more than read statistics; known once a statement was answered. */
  get mayWrite(): boolean {
    return this.#mayWrite;
  }

  /** How often it has connected. What was read goes on being of the same process while this is the same. */
  get connected(): number {
    return this.#connected;
  }

  /**
   * A `before` for {@linkcode run}: nothing is sent over a connection other than the one that was counted then. Ids of
   * sessions begin anew in each process, so those that were read over another connection may be of somebody else.
   */
  onlyOver(connected: number): () => void {
    return () => {
      if (this.#connected !== connected) throw new AdminError("statement", OTHER_CONNECTION);
    };
  }

  /** @throws {AdminError} */
  rows(statement: Statement): Promise<readonly Row[]> {
    return this.#ask((connection) => connection.query(statement));
  }

  /** Hands over each row as it comes. @throws {AdminError} Or what `take` throws. */
  each(statement: Statement, take: (row: Row) => void): Promise<void> {
    return this.#ask((connection) => connection.each(statement, take));
  }

  /**
   * Runs a statement that returns no rows. `before` is called once there is a connection, right before the statement is
   * sent: when it throws, nothing is.
   * @throws {AdminError} Or what `before` throws.
   */
  async run(statement: Statement, before: () => void = () => {}): Promise<Done> {
    const done = await this.#ask(async (connection) => {
      before();
      return await connection.run(statement);
    });
    // Some refusals come as an OK whose text says so.
    if (done.info.startsWith("ERROR")) throw new AdminError("statement", done.info);
    return done;
  }

  /**
   * Runs PAUSE or RESUME on a connection of their own: ProxySQL 3 answers them twice, and the second answer, which may come
   * late, would be taken for that of the next statement. They wait for ProxySQL's threads, so they may take longer.
   * @throws {AdminError}
   */
  async runAlone(statement: Statement): Promise<void> {
    await this.#takeTurn();
    try {
      if (this.#isDisposed) throw disposed();
      const timeout = Math.max(this.#target.timeout, LONGEST_PAUSE);
      const { connection } = await openAdmin({ ...this.#target, timeout });
      await connection.run(statement).finally(() => connection.close());
    } catch (error) {
      throw isOurs(error) ? adminError(error) : error;
    } finally {
      this.#endTurn();
    }
  }

  /** The rows, or undefined where this version or this user has no such table. @throws {AdminError} Any other error. */
  async rowsIfKnown(statement: Statement): Promise<readonly Row[] | undefined> {
    try {
      return await this.rows(statement);
    } catch (error) {
      if (error instanceof AdminError && error.kind === "unknown") return undefined;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close();
  }

  async #takeTurn(): Promise<void> {
    if (!this.#isBusy) {
      this.#isBusy = true;
      return;
    }
    if (this.#options.hasQueue !== true || this.#queue.length >= LONGEST_QUEUE) {
      throw new AdminError("busy", "another statement is under way");
    }
    await new Promise<void>((resolve) => this.#queue.push(resolve));
  }

  /** Hands the turn over: nobody else can take it in between. */
  #endTurn(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#isBusy = false;
    else next();
  }

  async #ask<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    await this.#takeTurn();
    try {
      const connection = await this.#connect();
      const result = await work(connection).catch((error) => this.#failed(error));
      this.#become("up");
      return result;
    } finally {
      this.#endTurn();
    }
  }

  async #connect(): Promise<Connection> {
    if (this.#isDisposed) throw disposed();
    if (this.#connection !== undefined && this.#connection.lost === undefined) return this.#connection;
    const { clock } = this.#options;
    if (this.#failure !== undefined && clock.now() < this.#again) throw this.#failure;
    this.#connection = undefined;
    const { connection, mayWrite } = await openAdmin(this.#target).catch((error) => this.#failed(error));
    if (this.#isDisposed) {
      // Nobody else knows of it any more.
      await connection.close();
      throw disposed();
    }
    this.#connection = connection;
    this.#connected++;
    this.#mayWrite = mayWrite;
    this.#wait = 0;
    this.#failure = undefined;
    return connection;
  }

  /** Leaves the connection unless it was only a statement that was refused. */
  #failed(caught: unknown): never {
    if (!isOurs(caught)) throw caught;
    const error = adminError(caught);
    if (BROKEN.has(error.kind)) {
      this.#connection = undefined;
      this.#failure = error;
      this.#wait = Math.min(
        this.#options.longestWait ?? LONGEST_WAIT,
        this.#wait === 0 ? FIRST_WAIT : this.#wait * 2,
      );
      this.#again = this.#options.clock.now() + this.#wait;
      this.#become(error.kind === "wedged" ? "wedged" : "down", error);
    } else this.#become("up");
    throw error;
  }

  #become(state: AdminState, error?: AdminError): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#options.tell?.(state, error);
  }
}

const OTHER_CONNECTION = "nothing was sent: it was connected to anew since it was asked";

function disposed(): AdminError {
  return new AdminError("lost", "this connection is closed");
}

/** Whatever else is thrown is a mistake of this program, and stays what it is. */
function isOurs(error: unknown): boolean {
  return error instanceof Error && ["DatabaseError", "AdminError"].includes(error.name);
}

/**
 * Connects, and looks who answers: the greeting of a port for clients, or of a plain server, is alike.
 * @throws {AdminError}
 */
export async function openAdmin(
  { address, tls, account, timeout }: AdminTarget,
): Promise<{ readonly connection: Connection; readonly mayWrite: boolean }> {
  try {
    const connection = await Connection.open({ address, tls, account }, { timeout });
    try {
      const [who] = await connection.query(STATEMENTS.identify());
      const said = Object.entries(who ?? {}).flat().join(" ");
      if (!ADMIN_MODULE.test(said)) throw foreign(said);
      const [rights] = await connection.query(STATEMENTS.rights());
      return { connection, mayWrite: Object.values(rights ?? {})[0] === "admin" };
    } catch (error) {
      await connection.close();
      throw error;
    }
  } catch (error) {
    throw isOurs(error) ? adminError(error) : error;
  }
}

function foreign(said: string): AdminError {
  const what = said.includes("(ProxySQL)") ? "ProxySQL's port for clients" : "a database";
  return new AdminError("foreign", `what answers is ${what}, no admin interface`, "check proxysql.address");
}
