// Who is there when both tools look: one set of sessions for all rows of the gallery.

import { systemClock } from "../../src/clock.ts";
import { type Account, ACCOUNTS, Client, type ClientOptions, type LabServer, waitFor } from "../lab/mod.ts";
import { errorOf, slowQuery, start } from "../integration/fixture.ts";

/** What the gallery calls a minute, in seconds. */
export const LONG_S = 5;

/** How long old sessions run on: longer than any test. */
const FOREVER_S = 300;

/** The lab's sessions, while they last. */
export interface Stage extends AsyncDisposable {
  /** Starts the young sessions, in place of those of last time. They are young for {@linkcode LONG_S}. */
  renew(): Promise<void>;
  /** The name of a session on the stage; undefined for others. */
  nameOf(id: number): string | undefined;
}

interface Actor {
  readonly user?: string;
  readonly options?: ClientOptions;
  /** What it does first, and is idle since, if it runs nothing. */
  readonly before?: readonly string[];
  /** What it runs. */
  readonly sql?: string;
  readonly prepared?: true;
}

const SLOW = slowQuery(FOREVER_S);

const SHOP: Actor = { user: "shop", sql: SLOW };

const OLD: Readonly<Record<string, Actor>> = {
  "alike 1": SHOP,
  "alike 2": SHOP,
  read: { sql: SLOW },
  small: { sql: SLOW.replace("SELECT", "select") },
  comment: { sql: `/*controller:orders*/ ${SLOW}` },
  string: { sql: slowQuery(FOREVER_S, "controller:orders") },
  with: { sql: `WITH two AS (SELECT 1 UNION ALL SELECT 2) SELECT SLEEP(${FOREVER_S / 2}) FROM two` },
  parenthesis: { sql: `(${SLOW})` },
  prepared: { sql: SLOW, prepared: true },
  update: { sql: `UPDATE item SET stock = SLEEP(${FOREVER_S}) WHERE id = 1` },
  idle: { before: ["SELECT 1"] },
  batch: { user: "app_batch", sql: SLOW },
  report: { user: "report", options: { database: "reports" }, sql: SLOW },
  "idle report": { user: "report", options: { database: "reports" }, before: ["SELECT 1"] },
  local: { user: "report", options: { bySocket: true }, sql: SLOW },
  holder: {
    user: "clerk",
    before: ["BEGIN", "UPDATE item SET stock = 1 WHERE id = 2", "SELECT COUNT(*) FROM config"],
  },
};

/** Who comes after {@linkcode OLD}: some wait for one of those. */
const LATER: Readonly<Record<string, Actor>> = {
  "alike 3": SHOP,
  "alike 4": SHOP,
  "alike 5": SHOP,
  "alike 6": SHOP,
  waiter: {
    before: [`SET SESSION innodb_lock_wait_timeout = ${FOREVER_S}`],
    sql: "UPDATE item SET stock = 2 WHERE id = 2",
  },
  alter: { user: "dba", sql: "ALTER TABLE config COMMENT 'altered', FORCE" },
};

const YOUNG: Readonly<Record<string, Actor>> = {
  "young read": { sql: SLOW },
  "young prepared": { sql: SLOW, prepared: true },
  "young idle": { before: ["SELECT 1"] },
};

/** Puts all on stage; returns when the old are old. */
export async function setStage(server: LabServer): Promise<Stage> {
  await makeAccounts(server);
  const cast = new Cast(server);
  try {
    await cast.enter({ oldest: SHOP });
    await systemClock.sleep(1_500); // process lists count whole seconds
    await cast.enter(OLD);
    await systemClock.sleep(300);
    await cast.enter(LATER);
    await systemClock.sleep(LONG_S * 1_000 + 1_500); // "longer than" is a second more, of whole ones
    await cast.recognize("dump", "USER = 'replication'");
  } catch (error) {
    await cast[Symbol.asyncDispose]();
    throw error;
  }
  return cast;
}

class Cast implements Stage {
  readonly #server: LabServer;
  readonly #clients = new Map<string, Client>();
  readonly #names = new Map<number, string>();

  constructor(server: LabServer) {
    this.#server = server;
  }

  /** Returns when the server shows that all of them do what they are to do. */
  async enter(actors: Readonly<Record<string, Actor>>): Promise<void> {
    const busy: number[] = [];
    await Promise.all(
      Object.entries(actors).map(async ([name, actor]) => {
        const client = await connect(this.#server, actor);
        this.#clients.set(name, client);
        this.#names.set(client.id, name);
        for (const sql of actor.before ?? []) await client.query(sql);
        if (actor.sql === undefined) return;
        busy.push(client.id);
        if (actor.prepared) client.execute(actor.sql).catch(() => {});
        else start(client, actor.sql);
      }),
    );
    await waitFor("the statements to run", async () => {
      const running = await this.#sessions("COMMAND IN ('Query', 'Execute')");
      return busy.every((id) => running.includes(id));
    });
  }

  /** Gives a name to a session that is there anyway. */
  async recognize(name: string, condition: string): Promise<void> {
    for (const id of await this.#sessions(condition)) this.#names.set(id, name);
  }

  async renew(): Promise<void> {
    await this.#leave(Object.keys(YOUNG));
    await this.enter(YOUNG);
  }

  nameOf(id: number): string | undefined {
    return this.#names.get(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#leave([...this.#clients.keys()]);
  }

  async #sessions(condition: string): Promise<readonly number[]> {
    await using root = await Client.connect(this.#server);
    const rows = await root.query(
      `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE ${condition}`,
    );
    return rows.map(({ id }) => Number(id));
  }

  /** A server sleeps on for a client that has hung up, unless it is told. */
  async #leave(names: readonly string[]): Promise<void> {
    await using root = await Client.connect(this.#server);
    await Promise.all(
      names.flatMap((name) => this.#clients.get(name) ?? []).map(async (client) => {
        await errorOf(root.query(`KILL ${client.id}`));
        await client.close();
      }),
    );
  }
}

async function connect(server: LabServer, { user = "app", options }: Actor): Promise<Client> {
  const account: Account = user === ACCOUNTS.app.user ? ACCOUNTS.app : { user, password: user };
  return await Client.connect(server, account, { database: "test", ...options });
}

async function makeAccounts(server: LabServer): Promise<void> {
  await using root = await Client.connect(server);
  await root.query("CREATE DATABASE reports");
  for (const user of ["app_batch", "report", "clerk", "dba", "shop"]) {
    await root.query(`CREATE USER ${user}@'%' IDENTIFIED BY '${user}'`);
    for (const schema of ["test", "reports"]) await root.query(`GRANT ALL ON ${schema}.* TO ${user}@'%'`);
  }
}
