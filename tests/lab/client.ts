import { connect as connectSocket, type Socket } from "node:net";
import mysql from "mysql2";
import { type Account, ACCOUNTS } from "./account.ts";

/** One row of a result: column name to value. Dates are strings, numbers past 2^53 too. */
export type Row = Readonly<Record<string, unknown>>;

/** Where a client connects to; every LabServer is one. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly socket: string;
}

/** How a client connects. */
export interface ClientOptions {
  /** The default schema; none unless told. */
  readonly database?: string;
  /** Lets `query` send several statements in one round trip. */
  readonly multipleStatements?: boolean;
  /** Goes through the server's socket instead of TCP. */
  readonly bySocket?: boolean;
  /** What the client says of itself, for instance its `program_name`. */
  readonly connectAttributes?: Record<string, string>;
  /** Milliseconds until connecting fails; 10,000 unless told. */
  readonly connectTimeoutMs?: number;
}

// With its default of 16,000, mysql2 allocates 0.6 MB per connection for prepared statements. Its types do not
// have the option.
const MYSQL2_OPTIONS: mysql.ConnectionOptions & { maxPreparedStatements: number } = {
  supportBigNumbers: true,
  dateStrings: true,
  maxPreparedStatements: 1,
};

/** One connection to a lab server. Rejections are mysql2's errors, with `errno` and `code`. */
export class Client {
  /** The server's id of this connection, its CONNECTION_ID(). */
  readonly id: number;
  readonly #connection: mysql.Connection;
  readonly #socket: Socket;
  readonly #closed: Promise<void>;
  readonly #pending = new Set<(error: Error) => void>();

  private constructor(connection: mysql.Connection, socket: Socket, closed: Promise<void>) {
    this.#connection = connection;
    this.#socket = socket;
    this.#closed = closed;
    this.id = connection.threadId;
  }

  /** Connects and logs in, as root unless told. Rejects with mysql2's error, for instance `errno` 1045. */
  static async connect(
    server: Address,
    account: Account = ACCOUNTS.root,
    options: ClientOptions = {},
  ): Promise<Client> {
    const { bySocket, connectTimeoutMs = 10_000, ...rest } = options;
    const socket = bySocket ? connectSocket(server.socket) : connectSocket(server.port, server.host);
    socket.setNoDelay(true);
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    const connection = mysql.createConnection({
      ...MYSQL2_OPTIONS,
      ...rest,
      ...account,
      connectTimeout: connectTimeoutMs,
      // Says that the password may go in clear, which MySQL expects on its socket.
      ...(bySocket ? { socketPath: server.socket } : {}),
      stream: () => socket,
    });
    try {
      await new Promise<void>((resolve, reject) => {
        connection.once("connect", () => resolve());
        connection.once("error", reject);
      });
    } catch (error) {
      socket.destroy();
      throw error;
    }
    // What ends a connection is told to the statements that wait for it; without a listener it would be thrown.
    connection.on("error", () => {});
    return new Client(connection, socket, closed);
  }

  /** Runs a statement in the text protocol. Rows of several results come one after another. */
  query(sql: string, values?: readonly unknown[]): Promise<readonly Row[]> {
    return this.#run((done) => this.#connection.query({ sql, values: values?.slice() }, done));
  }

  /** Prepares and runs a statement in the binary protocol. */
  execute(sql: string, values: readonly (string | number | null)[] = []): Promise<readonly Row[]> {
    return this.#run((done) => this.#connection.execute(sql, values.slice(), done));
  }

  /** Reads nothing more of what the server sends, so that the server waits to send it. */
  stopReading(): void {
    this.#socket.pause();
  }

  /** Takes leave of the server and waits for it to hang up; hangs up itself after a second, or amid a statement. */
  async close(): Promise<void> {
    if (this.#pending.size > 0) return await this.#hangUp();
    if (this.#socket.destroyed) return await this.#closed;
    this.#connection.end();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, 1_000));
    await Promise.race([this.#closed, late]);
    clearTimeout(timer);
    await this.#hangUp();
  }

  /** Hangs up at once, without a word to the server. What is under way rejects with `code` CLIENT_DESTROYED. */
  destroy(): void {
    this.#connection.destroy();
    this.#socket.destroy();
    const error = Object.assign(new Error("The client was destroyed"), { code: "CLIENT_DESTROYED" });
    for (const reject of this.#pending) reject(error);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #hangUp(): Promise<void> {
    this.destroy();
    await this.#closed;
  }

  #run(send: (done: Done) => void): Promise<readonly Row[]> {
    return new Promise<readonly Row[]>((resolve, reject) => {
      this.#pending.add(reject);
      send((error, result, fields) => {
        this.#pending.delete(reject);
        if (error) reject(error);
        else resolve(rowsOf(result, fields));
      });
    });
  }
}

type Done = (error: mysql.QueryError | null, result: unknown, fields: unknown) => void;

function rowsOf(result: unknown, fields: unknown): readonly Row[] {
  if (!Array.isArray(result)) return []; // what an INSERT and the like answer
  const isSeveral = Array.isArray(fields) && fields.some((each) => each === undefined || Array.isArray(each));
  return isSeveral ? result.filter((each) => Array.isArray(each)).flat() : result;
}
