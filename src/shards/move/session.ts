import type { WatchedDatabase } from "../../config/mod.ts";
import { type Answer, Connection, DatabaseError } from "../../connection/mod.ts";
import { quotedName } from "../../text/sql_name.ts";

/** A row of texts, by the names of the columns. */
export type TextRow = Readonly<Record<string, string | null>>;

/** How a session is opened. */
export interface SessionOptions {
  readonly database: WatchedDatabase;
  /** Absent: none, where it does not exist yet. */
  readonly schema?: string;
  /** The name of a lock that is held as long as the session lasts: whoever writes for a move holds it. */
  readonly lock?: string;
}

/**
 * How long a server waits for the next statement of a session, in seconds: where the host of this process is gone without a
 * word, its locks are free then. A session may rest while a statement of another one takes {@linkcode PATIENCE}.
 */
export const LONGEST_REST = 150;

/**
 * Bytes come and go as they are: results are not converted, values are stored even where a strict server would refuse them,
 * as zero dates, 0 is not counted up, and rows may come before those that they refer to.
 */
const SETUP = "SET NAMES utf8mb4, SESSION character_set_results = NULL, SESSION time_zone = '+00:00', " +
  "SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_BACKSLASH_ESCAPES', SESSION autocommit = 1, " +
  "SESSION foreign_key_checks = 0, SESSION sql_safe_updates = 0, SESSION innodb_lock_wait_timeout = 5, " +
  `SESSION lock_wait_timeout = 1, SESSION div_precision_increment = 4, SESSION wait_timeout = ${LONGEST_REST}`;

/** How long one statement may take, in milliseconds. */
const PATIENCE = 120_000;
/** How long the lock may be somebody else's, in seconds: a server may need a moment to see that a client is gone. */
const LOCK_PATIENCE = 3;
/** The most rows and bytes of an answer. */
const LIMITS = { rows: 2_000_000, bytes: 2 ** 30 };

/** Somebody else moves rows here. */
export class ClaimedError extends Error {
  override readonly name = "ClaimedError";
}

/** A session of a move with one server. */
export class Session {
  readonly #connection: Connection;
  readonly name: string;
  readonly #decoder = new TextDecoder();

  private constructor(connection: Connection, name: string) {
    this.#connection = connection;
    this.name = name;
  }

  /**
   * @throws {DatabaseError}
   * @throws {ClaimedError}
   */
  static async open({ database, schema, lock }: SessionOptions): Promise<Session> {
    const connection = await Connection.open(database, { multipleStatements: true });
    const session = new Session(connection, database.name);
    try {
      await session.run(SETUP);
      if (schema !== undefined) await session.run(`USE ${quotedName(schema)}`);
      if (lock !== undefined) await session.#claim(lock);
      return session;
    } catch (error) {
      session.drop();
      throw error;
    }
  }

  /** The connection itself, for readers of settings. */
  get connection(): Connection {
    return this.#connection;
  }

  get id(): number {
    return this.#connection.id;
  }

  /** What each of the statements gives, in bytes. Throws {@linkcode DatabaseError}. */
  async answers(sql: string, timeout: number = PATIENCE): Promise<readonly Answer[]> {
    try {
      return await this.#connection.answers(sql, { timeout, ...LIMITS });
    } catch (error) {
      if (error instanceof DatabaseError) throw new PlacedError(this.name, error);
      throw error;
    }
  }

  /** Runs statements; returns how many rows the last one changed. Throws {@linkcode DatabaseError}. */
  async run(sql: string, timeout?: number): Promise<number> {
    return (await this.answers(sql, timeout)).at(-1)?.affected ?? 0;
  }

  /** The rows of the last statement, as texts. Throws {@linkcode DatabaseError}. */
  async rows(sql: string, timeout?: number): Promise<readonly TextRow[]> {
    const { columns, rows } = (await this.answers(sql, timeout)).at(-1)!;
    return rows.map((row) =>
      Object.fromEntries(
        row.map((
          value,
          index,
        ) => [columns[index]!.name, value === null ? null : this.#decoder.decode(value)]),
      )
    );
  }

  /** The first value. Throws {@linkcode DatabaseError}. */
  async value(sql: string, timeout?: number): Promise<string | null | undefined> {
    const [row] = await this.rows(sql, timeout);
    return row === undefined ? undefined : Object.values(row)[0];
  }

  /** Runs statements in one transaction. Throws {@linkcode DatabaseError}, or what `act` throws: all is undone then. */
  async transaction<T>(act: () => Promise<T>): Promise<T> {
    // What was looked for and not found stays so until its end, whatever the server's default is.
    await this.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION");
    try {
      const result = await act();
      await this.run("COMMIT");
      return result;
    } catch (error) {
      if (this.#connection.lost === undefined) await this.run("ROLLBACK").catch(() => this.drop());
      throw error;
    }
  }

  drop(): void {
    this.#connection.drop();
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async #claim(lock: string): Promise<void> {
    const got = await this.value(`SELECT GET_LOCK('${lock}', ${LOCK_PATIENCE})`);
    if (got !== "1") throw new ClaimedError(`another process moves rows at ${this.name}`);
  }
}

/** An error of a server, with the name of the server. */
export class PlacedError extends DatabaseError {
  readonly where: string;

  constructor(where: string, { kind, message, errno, advice }: DatabaseError) {
    super(kind, `${where}: ${message}`, { errno, advice });
    this.where = where;
  }
}

/** A text as a literal, in the sql_mode of these sessions. */
export function textLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
