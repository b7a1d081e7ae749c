import type { WatchedDatabase } from "../../../config/mod.ts";
import { Connection, type Row } from "../../../connection/mod.ts";

/** Who has a lock. */
export type LockState =
  /** `isNew`: it was taken just now. */
  | { readonly state: "held"; readonly isNew: boolean }
  | { readonly state: "elsewhere"; readonly holder: string }
  | { readonly state: "free" };

/** A lock on a database, which lasts as long as the connection that took it. */
export interface NamedLock extends AsyncDisposable {
  /** Whether what was held is still held, as far as the connection tells: false at once when it is lost. */
  readonly isConnected: boolean;
  /** Takes the lock where it is free, in one statement, and tells who has it. @throws {DatabaseError} */
  take(): Promise<LockState>;
}

/** The same lock for one that does not want it. */
export interface SeenLock extends AsyncDisposable {
  /** Tells who has the lock, and takes nothing. @throws {DatabaseError} */
  look(): Promise<LockState>;
}

export interface NamedLockOptions {
  /** Its name. */
  readonly lock: string;
  /** After how long without a statement the database ends the connection, in milliseconds. */
  readonly idle: number;
  /** How long to wait for a connection and for an answer, in milliseconds. */
  readonly timeout: number;
}

/** A lock by GET_LOCK on a server of a configuration. */
export function namedLock(database: WatchedDatabase, options: NamedLockOptions): NamedLock & SeenLock {
  return new ServerLock(database, options);
}

class ServerLock implements NamedLock, SeenLock {
  readonly #database: WatchedDatabase;
  readonly #options: NamedLockOptions;
  #connection: Connection | undefined;
  #holder: { readonly id: number; readonly account: string } | undefined;

  constructor(database: WatchedDatabase, options: NamedLockOptions) {
    this.#database = database;
    this.#options = options;
  }

  get isConnected(): boolean {
    return this.#connection !== undefined && this.#connection.lost === undefined;
  }

  take(): Promise<LockState> {
    return this.#ask(takeSql(this.#options.lock));
  }

  look(): Promise<LockState> {
    return this.#ask(lookSql(this.#options.lock));
  }

  async #ask(sql: string): Promise<LockState> {
    const connection = await this.#connect();
    try {
      const [row] = await connection.query(sql);
      return await this.#stateOf(row, connection);
    } catch (error) {
      // What is not known to be held is given up, with the connection: it could come to be held unnoticed.
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #connect(): Promise<Connection> {
    if (this.#connection !== undefined && this.#connection.lost === undefined) return this.#connection;
    await this.#connection?.close();
    this.#connection = undefined;
    const { timeout, idle } = this.#options;
    const connection = await Connection.open(this.#database, { timeout });
    try {
      // A host that dies says no goodbye: without this the server would keep its connection, and the lock, for hours.
      await connection.run(`SET SESSION wait_timeout = ${Math.ceil(idle / 1000)}`);
    } catch (error) {
      await connection.close();
      throw error;
    }
    this.#connection = connection;
    return connection;
  }

  async #stateOf(row: Row | undefined, connection: Connection): Promise<LockState> {
    const holder = row?.["holder"] ?? null;
    if (Number(row?.["taken"]) === 1 && Number(holder) === connection.id) {
      return { state: "held", isNew: Number(row?.["had"]) !== 1 };
    }
    if (holder === null) return { state: "free" };
    return { state: "elsewhere", holder: await this.#describe(Number(holder), connection) };
  }

  /** Asked for once for each holder. Without the right to see others, its number is all that is known. */
  async #describe(id: number, connection: Connection): Promise<string> {
    if (!Number.isSafeInteger(id) || id <= 0) return "unknown";
    if (this.#holder?.id !== id) {
      const [row] = await connection.query(
        `SELECT CONCAT(USER, '@', HOST) AS account FROM information_schema.PROCESSLIST WHERE ID = ${id}`,
      );
      this.#holder = { id, account: row === undefined ? "" : ` of ${row["account"]}` };
    }
    return `connection ${id}${this.#holder.account}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close();
  }
}

/** The order of the columns matters: the second one takes the lock unless somebody has it. */
function takeSql(lock: string): string {
  const name = literal(lock);
  return `SELECT IS_USED_LOCK(${name}) <=> CONNECTION_ID() AS had, ` +
    `IF(IS_USED_LOCK(${name}) <=> CONNECTION_ID(), 1, GET_LOCK(${name}, 0)) AS taken, ` +
    `IS_USED_LOCK(${name}) AS holder`;
}

function lookSql(lock: string): string {
  return `SELECT IS_USED_LOCK(${literal(lock)}) AS holder`;
}

function literal(lock: string): string {
  if (!/^[\w.-]{1,64}$/.test(lock)) throw new RangeError("no name of a lock");
  return `'${lock}'`;
}
