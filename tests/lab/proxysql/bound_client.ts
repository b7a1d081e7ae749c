import { Client } from "../client.ts";
import { ACCOUNTS } from "../account.ts";
import type { LabServer } from "../server.ts";
import type { Given, ProxyState } from "./proxy_state.ts";

/** How the stand-in shows a client. */
export interface BoundOptions {
  /** Columns of its row that are not what is usual. */
  readonly row?: Given;
  /** Whether mysql-show_processlist_extended is on, so that the server's own id is shown. */
  readonly extended?: boolean;
  /** Whether the session is really ended where it is killed. */
  readonly mortal?: boolean;
}

const BOUND = new WeakMap<ProxyState, Map<number, BoundClient>>();

/**
 * A connection to a real server that a stand-in for ProxySQL shows as one of its own, for a client of app at 10.1.1.1. Who
 * kills the session at the stand-in ends the connection. What the stand-in shows of it is what it was told.
 */
export class BoundClient implements AsyncDisposable {
  readonly session: number;
  readonly client: Client;
  readonly #proxy: ProxyState;
  readonly #server: LabServer;
  readonly #options: BoundOptions;

  private constructor(
    session: number,
    given: {
      readonly proxy: ProxyState;
      readonly server: LabServer;
      readonly client: Client;
      readonly options: BoundOptions;
    },
  ) {
    this.session = session;
    this.#proxy = given.proxy;
    this.#server = given.server;
    this.client = given.client;
    this.#options = given.options;
  }

  static async connect(
    proxy: ProxyState,
    server: LabServer,
    options: BoundOptions = {},
  ): Promise<BoundClient> {
    const client = await Client.connect(server, ACCOUNTS.app, { database: "test" });
    const { extended = true, row = {} } = options;
    const [l_srv_port] = await portsOf(server, client);
    const { host, port } = server;
    const mysql = { host, port, thread_id: client.id, user: "app" };
    const session = proxy.addSession({
      ...{ user: "app", db: "test", cli_host: "10.1.1.1", hostgroup: 10, command: "Sleep", time_ms: 0 },
      ...{ l_srv_host: "127.0.0.1", l_srv_port: l_srv_port ?? null, srv_host: host, srv_port: port },
      extended_info: extended
        ? JSON.stringify({ active_transactions: 0, backends: [{ hostgroup_id: 10, conn: { mysql } }] })
        : null,
      ...row,
    });
    const bound = new BoundClient(session, { proxy, server, client, options });
    const all = BOUND.get(proxy) ?? new Map<number, BoundClient>();
    BOUND.set(proxy, all.set(session, bound));
    proxy.onKill = (id) => void all.get(id)?.end();
    return bound;
  }

  /** Runs a statement, which the stand-in shows; returns the number of its error, -1 where the connection ended. */
  run(sql: string): Promise<number> {
    this.#proxy.changeSession(this.session, {
      command: "Query",
      time_ms: 5,
      info: sql,
      ...this.#options.row,
    });
    return this.client.query(sql).then(() => 0, ({ errno = -1 }: { errno?: number }) => {
      if (this.#options.row?.["info"] === undefined) {
        this.#proxy.changeSession(this.session, { command: "Sleep", info: null });
      }
      return errno < 0 || errno === 1927 ? -1 : errno;
    });
  }

  /** Ends the connection, as a proxy does whose session is killed. */
  async end(): Promise<void> {
    if (this.#options.mortal === false) return;
    await using root = await Client.connect(this.#server);
    await root.query(`KILL CONNECTION ${this.client.id}`).catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#proxy.endSession(this.session);
    BOUND.get(this.#proxy)?.delete(this.session);
    await this.client.close();
  }
}

async function portsOf(server: LabServer, { id }: Client): Promise<readonly number[]> {
  await using root = await Client.connect(server);
  const rows = await root.query("SELECT HOST AS host FROM information_schema.PROCESSLIST WHERE ID = ?", [id]);
  return rows.map(({ host }) => Number(String(host).split(":").at(-1)));
}
