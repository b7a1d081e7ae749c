import { type Connection as DriverConnection, type ConnectionOptions, createConnection } from "mysql2";
import type { Account, Address, Tls } from "../config/mod.ts";
import { Deadlines } from "./deadlines.ts";
import { connectError, DatabaseError, noAnswer, statementError } from "./error.ts";

/** A row as the server sent it: by column name; large numbers and times are text. */
export type Row = Readonly<Record<string, string | number | null>>;

/** Where to connect, as whom, and how. */
export interface ConnectionTarget {
  readonly address: Address;
  readonly tls: Tls;
  readonly account: Account;
}

/** How long to wait for a connection, in milliseconds. */
const CONNECT_TIMEOUT = 5000;
/** How long to wait for an answer, in milliseconds: more than the server may take for any statement of ours. */
const STATEMENT_TIMEOUT = 4000;
/** Of all statements under way, on all connections. */
const DEADLINES = new Deadlines(STATEMENT_TIMEOUT);

/** The name that this program's connections carry in `performance_schema.session_connect_attrs`. */
export const PROGRAM_NAME = "query-sniper";

/** One connection to one server. Statements are asked one at a time. */
export class Connection {
  readonly #driver: DriverConnection;
  /** Whether the connection is encrypted. */
  readonly encrypted: boolean;
  #lost: DatabaseError | undefined;

  private constructor(driver: DriverConnection, encrypted: boolean) {
    this.#driver = driver;
    this.encrypted = encrypted;
    driver.on("error", (error: unknown) => this.#lost ??= statementError(error));
  }

  /**
   * Connects; `preferred` goes on in the clear only where the server offers no TLS.
   * @throws {DatabaseError} `unreachable` or `refused`.
   */
  static async open(
    target: ConnectionTarget,
    options: { readonly multipleStatements?: boolean } = {},
  ): Promise<Connection> {
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

  /** Fails with the driver's error. */
  static #open(
    { address, tls, account }: ConnectionTarget,
    { encrypt, multipleStatements = false }: {
      readonly encrypt: boolean;
      readonly multipleStatements?: boolean;
    },
  ): Promise<Connection> {
    const options: ConnectionOptions & { readonly maxPreparedStatements: number } = {
      ..."socket" in address ? { socketPath: address.socket } : address,
      ...encrypt && { ssl: tlsOptions(tls) },
      user: account.user,
      password: account.password.reveal(),
      multipleStatements,
      connectTimeout: CONNECT_TIMEOUT,
      enableKeepAlive: true,
      charset: "utf8mb4",
      dateStrings: true,
      supportBigNumbers: true,
      // Statements are complete: nothing in them is a placeholder, whatever it looks like.
      queryFormat: (sql) => sql,
      // Prepared statements are not used here; the driver's cache for them costs 0.5 MB a connection.
      maxPreparedStatements: 1,
      connectAttributes: { program_name: PROGRAM_NAME },
    };
    return new Promise((resolve, reject) => {
      const driver = createConnection(options);
      driver.once("connect", () => {
        driver.removeListener("error", failed);
        resolve(new Connection(driver, encrypt));
      });
      const failed = (error: unknown) => {
        driver.destroy();
        reject(error);
      };
      // It may fail more than once: an error that nobody hears would end the process.
      driver.on("error", failed);
      (driver as unknown as DriverSocket).stream.on("error", () => {});
    });
  }

  /** Why the connection cannot be used any more, once that is known. */
  get lost(): DatabaseError | undefined {
    return this.#lost;
  }

  /** The connection's id on the server. */
  get id(): number {
    return this.#driver.threadId;
  }

  /**
   * Asks one statement (several only on a connection opened for that; the last result counts).
   * @throws {DatabaseError} `denied` or `statement`, and the connection lives on; `lost` or `refused`, and it does not.
   */
  async query(sql: string): Promise<readonly Row[]> {
    return (await this.queryAll(sql)).at(-1) ?? [];
  }

  /**
   * Asks one statement, and returns all its results: a compound statement may have several.
   * @throws {DatabaseError} As {@linkcode query}.
   */
  async queryAll(sql: string): Promise<readonly (readonly Row[])[]> {
    return resultsOf(await this.#ask((done) => this.#driver.query(sql, done)));
  }

  /**
   * Makes the session a new one: ends its transaction, its locks and its temporary tables, and its variables are the
   * server's again. It stays with its id, its default database and its role.
   * @throws {DatabaseError} As {@linkcode query}.
   */
  async reset(): Promise<void> {
    await this.#ask((done) => this.#driver.reset((error) => done(error, undefined)));
  }

  /** Sends something, and waits for its answer for as long as an answer may take. */
  #ask(send: (done: (error: unknown, result: unknown) => void) => void): Promise<unknown> {
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
      const end = DEADLINES.begin(() => fail(noAnswer()));
      send((error, result) => {
        end();
        if (error === null || error === undefined) resolve(result);
        else fail(statementError(error));
      });
    });
  }

  /** Takes leave of the server, or just hangs up where that takes too long. Never fails. */
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

/** The driver's socket, which its types do not have. */
interface DriverSocket {
  readonly stream: { on(event: "error", listener: () => void): unknown };
}

/** Older runtimes tell of a socket that is not there only that the connection was lost. */
async function checkSocket(path: string): Promise<void> {
  try {
    await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw connectError({ code: "ENOENT" });
    throw connectError(error instanceof Deno.errors.PermissionDenied ? { code: "EACCES" } : error);
  }
}

/**
 * Older runtimes tell that nothing listens also where the process may not open one more file. That is seen through unless a
 * file is free again a moment later.
 */
async function connectErrorOf(error: unknown): Promise<DatabaseError> {
  const isServers = Number((error as { errno?: number }).errno) > 0;
  return connectError(!isServers && await hasAllFiles() ? { code: "EMFILE" } : error);
}

/** Whether the process has as many files open as it may. */
async function hasAllFiles(): Promise<boolean> {
  try {
    (await Deno.open("/dev/null")).close();
    return false;
  } catch (error) {
    return (error as { code?: string }).code === "EMFILE";
  }
}

function tlsOptions({ mode, ca, cert, key }: Tls): NonNullable<ConnectionOptions["ssl"]> {
  const verify = mode === "verify-ca" || mode === "verify-identity";
  return {
    rejectUnauthorized: verify,
    verifyIdentity: mode === "verify-identity",
    ...ca !== undefined && { ca },
    ...cert !== undefined && { cert },
    ...key !== undefined && { key: key.reveal() },
  };
}

/** The rows of each statement that had any; the driver hands over those of a single one as they are. */
function resultsOf(result: unknown): readonly (readonly Row[])[] {
  if (!Array.isArray(result)) return [];
  const isSingle = !result.some((item) => Array.isArray(item) || "affectedRows" in item);
  return isSingle ? [result as readonly Row[]] : result.filter((item) => Array.isArray(item));
}
