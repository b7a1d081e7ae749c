import type { Connection as DriverConnection, ConnectionOptions } from "mysql2";
import type { Account, Address, Tls } from "../config/mod.ts";
import { type Answer, type AnswerOptions, readAnswers } from "./answer.ts";
import { checkSocket, connectErrorOf, tlsOptions } from "./connecting.ts";
import { DEADLINES, Deadlines } from "./deadlines.ts";
import type { DriverSocket } from "./driver.ts";
import { DatabaseError, noAnswer, statementError } from "./error.ts";

/** A row as the server sent it: by column name; large numbers and times are text. */
export type Row = Readonly<Record<string, string | number | null>>;

/** The address, the account, and how to connect. */
export interface ConnectionTarget {
  readonly address: Address;
  readonly tls: Tls;
  readonly account: Account;
}

/** How long to wait for a connection, in milliseconds. */
const CONNECT_TIMEOUT = 5000;
/** How long to wait for an answer, in milliseconds: longer than the server's limit for our statements. */
const STATEMENT_TIMEOUT = 4000;
/** Of all statements without a time of their own, of thousands of connections: looked at seldom. */
const LONG_DEADLINES = new Deadlines(STATEMENT_TIMEOUT / 8);

/** The name that this program's connections carry in `performance_schema.session_connect_attrs`. */
export const PROGRAM_NAME = "query-sniper";

/** How to open a connection. */
export interface OpenOptions {
  readonly multipleStatements?: boolean;
  /** How long to wait for a connection, and for each answer, in milliseconds. */
  readonly timeout?: number;
}

/** What a statement that returns no rows did. */
export interface Done {
  readonly affectedRows: number;
  /** What the server says of it. */
  readonly info: string;
}

/** One connection to one server. Statements are asked one at a time. */
export class Connection {
  readonly #driver: DriverConnection;
  readonly #timeout: number | undefined;
  /** Whether the connection is encrypted. */
  readonly encrypted: boolean;
  #lost: DatabaseError | undefined;
  #busy: Promise<void> | undefined;

  private constructor(
    driver: DriverConnection,
    { encrypted, timeout }: { readonly encrypted: boolean; readonly timeout: number | undefined },
  ) {
    this.#driver = driver;
    this.#timeout = timeout;
    this.encrypted = encrypted;
    driver.on("error", (error: unknown) => this.#lost ??= statementError(error));
  }

  /**
   * Connects. With `preferred`, it continues unencrypted only if the server offers no TLS.
   * @throws {DatabaseError} `unreachable` or `refused`.
   */
  static async open(target: ConnectionTarget, options: OpenOptions = {}): Promise<Connection> {
    const { mode } = target.tls;
    if ("socket" in target.address) await checkSocket(target.address.socket);
    const encrypt = mode !== "disabled" && !(mode === "preferred" && "socket" in target.address);
    try {
      return await Connection.#open(target, { ...options, encrypt });
    } catch (error) {
      const noTls = encrypt && (error as { code?: string }).code === "HANDSHAKE_NO_SSL_SUPPORT";
      if (!noTls || mode !== "preferred") throw await connectErrorOf(error);
      return await Connection.open({ ...target, tls: { ...target.tls, mode: "disabled" } }, options);
    }
  }

  /** Fails with the driver's error. The driver is loaded here: commands that connect to nothing start without it. */
  static async #open(
    { address, tls, account }: ConnectionTarget,
    { encrypt, multipleStatements = false, timeout }: OpenOptions & { readonly encrypt: boolean },
  ): Promise<Connection> {
    const options: ConnectionOptions & { readonly maxPreparedStatements: number } = {
      ..."socket" in address ? { socketPath: address.socket } : address,
      ...encrypt && { ssl: tlsOptions(tls) },
      user: account.user,
      password: account.password.reveal(),
      multipleStatements,
      connectTimeout: timeout ?? CONNECT_TIMEOUT,
      enableKeepAlive: true,
      charset: "utf8mb4",
      dateStrings: true,
      supportBigNumbers: true,
      // Statements are complete: nothing in them is a placeholder.
      queryFormat: (sql) => sql,
      // Prepared statements are not used here; the driver's cache for them costs 0.5 MB a connection.
      maxPreparedStatements: 1,
      connectAttributes: { program_name: PROGRAM_NAME },
    };
    const { createConnection } = await import("./driver.ts");
    return await new Promise((resolve, reject) => {
      const driver = createConnection(options);
      driver.once("connect", () => {
        driver.removeListener("error", failed);
        resolve(new Connection(driver, { encrypted: encrypt, timeout }));
      });
      const failed = (error: unknown) => {
        driver.destroy();
        reject(error);
      };
      // The socket may fail more than once, and an error without a listener would end the process.
      driver.on("error", failed);
      (driver as unknown as DriverSocket).stream.on("error", () => {});
    });
  }

  /** Why the connection cannot be used any more, if that is so. */
  get lost(): DatabaseError | undefined {
    return this.#lost;
  }

  /** Settles once all that was asked is answered, and does not fail; undefined: what is asked next is sent at once. */
  get busy(): Promise<void> | undefined {
    return this.#busy;
  }

  /** The connection's id on the server. */
  get id(): number {
    return this.#driver.threadId;
  }

  /**
   * Runs one statement (or several, on a connection opened for that; the last result counts).
   * @throws {DatabaseError} With `denied` or `statement`, the connection can still be used; with `lost` or
   * `refused`, it cannot.
   */
  async query(sql: string): Promise<readonly Row[]> {
    return (await this.queryAll(sql)).at(-1) ?? [];
  }

  /**
   * Runs one statement and returns all its results: a compound statement may have several.
   * @throws {DatabaseError} As {@linkcode query}.
   */
  async queryAll(sql: string): Promise<readonly (readonly Row[])[]> {
    return resultsOf(await this.#ask((done) => this.#driver.query(sql, done)));
  }

  /**
   * Runs one statement that returns no rows.
   * @throws {DatabaseError} As {@linkcode query}.
   */
  async run(sql: string): Promise<Done> {
    const { affectedRows = 0, info = "" } = await this.#ask((done) =>
      this.#driver.query(sql, done)
    ) as Partial<Done>;
    return { affectedRows, info };
  }

  /**
   * Runs one statement and hands over each row as it comes, so that a million of them need not be kept. The deadline is
   * for the first rows, and then for more of them.
   * @throws {DatabaseError} As {@linkcode query}; what `take` throws, and then the connection cannot be used any more.
   */
  async each(sql: string, take: (row: Row) => void): Promise<void> {
    let failure: { readonly error: unknown } | undefined;
    let count = 0;
    await this.#ask((done, renew) => {
      const query = this.#driver.query(sql);
      query.on("error", (error: unknown) => done(error, undefined));
      query.on("end", () => done(undefined, undefined));
      query.on("result", (row: Row) => {
        if (failure !== undefined) return;
        if (++count % 256 === 0) renew();
        try {
          take(row);
        } catch (error) {
          failure = { error };
          done({ code: "the rest is not read", fatal: true }, undefined);
        }
      });
    }).catch((error) => {
      throw failure === undefined ? error : failure.error;
    });
  }

  /**
   * Runs one or more statements, and returns what came of each, its values as bytes.
   * @throws {DatabaseError} As {@linkcode query}.
   * @throws {TooLargeError} The connection cannot be used any more.
   */
  async answers(sql: string, options: AnswerOptions): Promise<readonly Answer[]> {
    if (this.#lost !== undefined) throw this.#lost;
    try {
      return await readAnswers(this.#driver, sql, options);
    } catch (error) {
      const isKept = error instanceof DatabaseError &&
        (error.kind === "statement" || error.kind === "denied");
      if (!isKept) this.drop(error instanceof DatabaseError ? error : undefined);
      throw error;
    }
  }

  /** Throws the connection away at once. */
  drop(why = new DatabaseError("lost", "the connection was closed")): void {
    this.#lost ??= why;
    this.#driver.destroy();
  }

  /**
   * Resets the session: ends its transaction, locks and temporary tables, and sets its variables back to the
   * server's. It keeps its id, its default database and its role.
   * @throws {DatabaseError} As {@linkcode query}.
   */
  async reset(): Promise<void> {
    await this.#ask((done) => this.#driver.reset((error) => done(error, undefined)));
  }

  /** Sends something, after what was asked before, and waits for its answer. */
  #ask(send: Sending): Promise<unknown> {
    const answered = this.#askNow(send);
    const done = () => {
      if (this.#busy === busy) this.#busy = undefined;
    };
    const busy = this.#busy = answered.then(done, done);
    return answered;
  }

  /** Waits up to the deadline, which may be renewed. */
  #askNow(send: Sending): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#lost !== undefined) return reject(this.#lost);
      const fail = (error: DatabaseError) => {
        if (error.kind === "lost" || error.kind === "refused") {
          // After a timeout the next statement would queue behind the one that hangs.
          this.#lost ??= error;
          this.#driver.destroy();
        }
        reject(error);
      };
      const late = () => fail(noAnswer());
      const begin = () =>
        this.#timeout === undefined
          ? LONG_DEADLINES.begin(STATEMENT_TIMEOUT, late)
          : DEADLINES.begin(this.#timeout, late);
      let end = begin();
      const renew = () => {
        end();
        end = begin();
      };
      send((error, result) => {
        end();
        if (error === null || error === undefined) resolve(result);
        else fail(statementError(error));
      }, renew);
    });
  }

  /** Closes the connection properly, or just drops it if that takes too long. Never fails. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#driver.destroy();
        resolve();
      };
      const timer = setTimeout(done, 300);
      if (this.#lost !== undefined) return done();
      this.#lost = new DatabaseError("lost", "the connection was closed");
      this.#driver.end(done);
    });
  }
}

type Sending = (done: (error: unknown, result: unknown) => void, renew: () => void) => void;

/**
 * The rows of each statement that returned any. For a single statement the driver returns the rows without a list
 * around them.
 */
function resultsOf(result: unknown): readonly (readonly Row[])[] {
  if (!Array.isArray(result)) return [];
  const isSingle = !result.some((item) => Array.isArray(item) || "affectedRows" in item);
  return isSingle ? [result as readonly Row[]] : result.filter((item) => Array.isArray(item));
}
