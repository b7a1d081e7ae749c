import { connect, disconnect, type Server } from "../../src/mysql/mod.ts";
import { type LockCapabilities, probeLocks } from "../../src/mysql/probe_locks.ts";
import { Secret } from "../../src/text/secret.ts";
import { readMetadataLockWaits } from "../../src/mysql/locks/metadata_locks.ts";
import { readRowLockWaits } from "../../src/mysql/locks/row_locks.ts";
import { readTransactions, type Transactions } from "../../src/mysql/transactions/transactions.ts";
import { type WaitGraph, waitGraph } from "../../src/mysql/locks/wait_graph.ts";
import { ACCOUNTS, Client, type Flavor, type LabServer, waitFor } from "../lab/mod.ts";
import { errorOf } from "../integration/fixture.ts";

/** A server as this program sees it, and clients to provoke what it is to see. */
export interface Stage extends AsyncDisposable {
  readonly lab: LabServer;
  readonly root: Client;
  readonly capabilities: LockCapabilities;
  open(): Promise<Client>;
  transactions(...needs: readonly string[]): Promise<Transactions>;
  graph(): Promise<WaitGraph>;
}

/** A stage on one server; disposing of it ends its clients and what they run. */
export async function stageOn(lab: LabServer): Promise<Stage> {
  const { user, password } = ACCOUNTS.sniper;
  const target = {
    address: { host: lab.host, port: lab.port },
    tls: { mode: "disabled", ca: undefined, cert: undefined, key: undefined },
    account: { user, password: new Secret(password) },
  } as unknown as Parameters<typeof connect>[0];
  const server: Server = await connect(target, { armed: false });
  const capabilities = await probeLocks(server.watching, { flavor: lab.flavor, account: "'sniper'@'%'" });
  const root = await Client.connect(lab, ACCOUNTS.root, { database: "test" });
  const clients: Client[] = [];
  return {
    lab,
    root,
    capabilities,
    async open() {
      const client = await Client.connect(lab, ACCOUNTS.root, { database: "test" });
      clients.push(client);
      return client;
    },
    transactions: (...needs) => readTransactions(server.watching, capabilities, { needs: new Set(needs) }),
    graph: async () =>
      waitGraph([
        await readRowLockWaits(server.watching, capabilities),
        await readMetadataLockWaits(server.watching, capabilities),
      ]),
    async [Symbol.asyncDispose]() {
      await disconnect(server);
      for (const { id } of clients) await errorOf(root.query(`KILL ${id}`));
      for (const client of clients) client.destroy();
      const ids = clients.map(({ id }) => id).join(", ") || "0";
      await waitFor(
        "the sessions to end",
        async () =>
          (await root.query(`SELECT ID FROM information_schema.PROCESSLIST WHERE ID IN (${ids})`)).length ===
            0,
      );
      await root.close();
    },
  };
}

/** Waits for `ms` milliseconds. */
export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** INNODB_TRX is read again after 100 ms only; and what was started has to be there. */
export const SETTLE = 250;

/** A case: it provokes something on a stage; of the other flavor one that is of one flavor alone is not told to have passed. */
export type Step = readonly [name: string, run: (stage: Stage) => Promise<void>, only?: Flavor];

/** Runs steps, each on a stage of its own. */
export async function onStage(t: Deno.TestContext, lab: LabServer, steps: readonly Step[]) {
  for (const [name, step, only = lab.flavor] of steps) {
    await t.step({
      name,
      ignore: only !== lab.flavor,
      fn: async () => {
        await using stage = await stageOn(lab);
        await step(stage);
      },
    });
  }
}

/** Runs statements one after another, and leaves the last one running. */
export async function run(client: Client, statements: readonly string[], running = ""): Promise<void> {
  for (const statement of statements) await client.query(statement);
  if (running !== "") errorOf(client.query(running));
}

/** Starts a statement, and leaves it time to begin, or to wait. */
export async function started(client: Client, statement: string): Promise<void> {
  errorOf(client.query(statement));
  await sleep(SETTLE);
}

/** Each session of a graph as `[waiting, blocking, blocks_replication]`. */
export function placesOf({ places }: WaitGraph, clients: readonly { readonly id: number }[]) {
  return clients.map(({ id }) => {
    const { waiting = false, blocking = 0, blocks_replication = false } = places.get(id) ?? {};
    return [waiting, blocking, blocks_replication];
  });
}
