import type { Clock } from "../clock.ts";
import type { ProxysqlConfig } from "../config/mod.ts";
import type { Row } from "../connection/mod.ts";
import { type Proxy, type ProxyReading, ProxyRefusal, type ProxySilence } from "../target/mod.ts";
import { Admin } from "./admin.ts";
import { AdminError, NOT_DONE } from "./admin_error.ts";
import { type ClientList, clientList, longClientList } from "./client_list.ts";
import { type Statement, STATEMENTS } from "./statement.ts";

export interface FrontProxyOptions {
  readonly clock: Clock;
  /** How long whoever wants to know waits for an answer, in milliseconds. */
  readonly patience: number;
}

/** The least time between two readings, in milliseconds: ProxySQL holds a mutex for each. */
const SPACING = 1000;
/**
 * After so long without an answer the one before says nothing any more, in milliseconds. Until then it does, however old
 * it is: of what goes on since before it.
 */
const SILENT_AFTER = 2000;

/** A ProxySQL in front of databases, for those who watch them. It connects when it is first asked. */
export class FrontProxy implements Proxy, AsyncDisposable {
  readonly name: string;
  readonly host: string | undefined;
  readonly cannotEnd: string | undefined;
  readonly #options: FrontProxyOptions;
  readonly #reader: Admin;
  /** Ends sessions, and looks at them just before: on one connection, in that order. */
  readonly #ender: Admin | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #last: Omit<ProxyReading, "proxy"> | undefined;
  #silent = "it has not answered yet";
  #begun = -Infinity;
  #reading: Promise<void> | undefined;
  /** Whether it has answered in time lately, so that it is worth to wait. */
  #isPrompt = true;
  /** Whether it shows which connections a session has; unknown before the first answer. */
  #hasExtended = true;

  constructor(config: ProxysqlConfig, options: FrontProxyOptions) {
    const { name, address, admin, stats } = config;
    this.name = name;
    this.host = "host" in address ? address.host : undefined;
    this.#options = options;
    this.#reader = new Admin({ ...config, account: (stats ?? admin)! }, options);
    this.#ender = admin && new Admin({ ...config, account: admin }, options);
    this.cannotEnd = admin === undefined
      ? "the credentials name no administrator of that ProxySQL, who could end the client's session"
      : undefined;
  }

  async read(): Promise<ProxyReading | ProxySilence> {
    const { clock, patience } = this.#options;
    if (this.#reading === undefined && clock.now() - this.#begun >= SPACING) this.#begin();
    if (this.#reading !== undefined && this.#isPrompt) {
      const over = new AbortController();
      const isIn = await Promise.race([
        this.#reading.then(() => true),
        clock.sleep(patience, over.signal).then(() => false),
      ]);
      over.abort();
      if (!isIn) this.#isPrompt = false;
    }
    const last = this.#last;
    const isSilent = this.#reading !== undefined && clock.now() - this.#begun > SILENT_AFTER;
    return last === undefined || isSilent ? { proxy: this, silent: this.#silent } : { proxy: this, ...last };
  }

  session<T>(
    id: number,
    use: (reading: ProxyReading, end: () => Promise<boolean>) => Promise<T>,
  ): Promise<T> {
    // An admin interface answers one statement at a time, and what is ended is what was seen just before.
    const turn = this.#turn.then(async () => {
      const at = this.#options.clock.now();
      const admin = this.#ender ?? this.#reader;
      const list = clientList(await this.#rows(admin, id), []);
      const { connected } = admin;
      // One session is not all.
      return await use(
        { proxy: this, at, epoch: connected, ...list, tellsAll: false },
        () => this.#end(id, connected),
      );
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** `connected`: the connection that the session was seen over. */
  async #end(id: number, connected: number): Promise<boolean> {
    const ender = this.#ender;
    if (ender === undefined) throw new ProxyRefusal(this.cannotEnd!);
    try {
      await ender.run(STATEMENTS.killConnection(id), ender.onlyOver(connected));
      return true;
    } catch (error) {
      if (!(error instanceof AdminError)) throw error;
      if (error.kind === "no-session") return false;
      throw NOT_DONE.has(error.kind) ? new ProxyRefusal(error.message, { advice: error.advice }) : error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#reader, this.#ender].map((admin) => admin?.[Symbol.asyncDispose]()));
  }

  #begin(): void {
    const { clock, patience } = this.#options;
    const at = clock.now();
    this.#begun = at;
    this.#reading = this.#readAll().then(
      (list) => {
        this.#last = { at, ...list };
        this.#silent = "it does not answer";
        this.#isPrompt = clock.now() - at <= patience;
      },
      (error) => {
        this.#last = undefined;
        // Nobody waits for this, so whatever it is must not end the program.
        this.#silent = error instanceof AdminError ? error.message : "what it answers cannot be read";
        this.#isPrompt = false;
      },
    ).finally(() => this.#reading = undefined);
  }

  async #readAll(): Promise<ClientList & Pick<ProxyReading, "epoch">> {
    const rows = await this.#rows(this.#reader);
    // Old versions do not show these: then nobody knows which connection is nobody's.
    const free = await this.#reader.rowsIfKnown(STATEMENTS.freeConnections());
    const epoch = this.#reader.connected;
    const list = await longClientList(rows, free ?? [], () => this.#options.clock.sleep(0));
    return { ...list, epoch, tellsAll: free !== undefined && list.tellsAll };
  }

  async #rows(admin: Admin, id?: number): Promise<readonly Row[]> {
    const ask = (statement: Statement) => admin.rows(statement);
    if (!this.#hasExtended) return await ask(STATEMENTS.clientsPlain(id));
    try {
      return await ask(STATEMENTS.clients(id));
    } catch (error) {
      if (!(error instanceof AdminError) || error.kind !== "unknown") throw error;
      this.#hasExtended = false;
      return await ask(STATEMENTS.clientsPlain(id));
    }
  }
}
