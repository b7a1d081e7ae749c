// What a kill of an idle transaction that arrives late can hit. A client begins transactions back to back, changes
// a row, thinks for a millisecond or two, and commits; kills of the connection are aimed at it whenever it is
// seen idle. What counts is how many statements the server began and never answered, by its own counters: that
// often the kill hit a statement, and not the pause that it was aimed at.
//
//   deno run --allow-all tests/bench/race_idle.ts [mariadb|mysql …] [COUNT]

import { connect, disconnect, kill, readIdentity, readSessions } from "../../src/mysql/mod.ts";
import { Secret } from "../../src/text/secret.ts";
import { ACCOUNTS, availableFlavors, Client, type Flavor, type LabServer, startPair } from "../lab/mod.ts";

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** A client of transactions; it connects anew whenever its connection was ended. */
class Victim {
  /** How many statements were answered. */
  answered = 0;
  #client: Client | undefined;
  #stopped = false;
  readonly #done: Promise<void>;

  constructor(server: LabServer) {
    this.#done = this.#run(server);
  }

  get id(): number | undefined {
    return this.#client?.id;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  async #run(server: LabServer): Promise<void> {
    while (!this.#stopped) {
      let client: Client | undefined;
      try {
        client = this.#client = await Client.connect(server, ACCOUNTS.app, { database: "test" });
        for (let id = 1; !this.#stopped; id++) {
          for (
            const sql of ["BEGIN", `UPDATE item SET stock = ${id} WHERE id = ${1 + id % 5000}`, "COMMIT"]
          ) {
            if (sql === "COMMIT") await pause(1 + Math.random());
            await client.query(sql);
            this.answered++;
          }
        }
        await client.close();
      } catch {
        client?.destroy();
      }
      this.#client = undefined;
    }
  }
}

/** How many statements of the kinds that only the victim runs the server has begun. */
async function begun(root: Client): Promise<number> {
  const rows = await root.query(
    "SHOW GLOBAL STATUS WHERE Variable_name IN ('Com_begin', 'Com_update', 'Com_commit')",
  );
  return rows.reduce((sum, row) => sum + Number(row["Value"]), 0);
}

async function bench(flavor: Flavor, count: number) {
  await using pair = await startPair(flavor);
  const { host, port } = pair.primary;
  const { user, password } = ACCOUNTS.sniper;
  const account = { user, password: new Secret(password) };
  const server = await connect({ address: { host, port }, tls: { mode: "disabled" }, account }, {
    armed: true,
  });
  const { identity } = await readIdentity(server.watching, server.capabilities);
  await using root = await Client.connect(pair.primary);
  const before = await begun(root);
  const victim = new Victim(pair.primary);
  const answers = { sent: 0, missed: 0 };
  try {
    for (let aimed = 0; aimed < count;) {
      await pause(0);
      const { id } = victim;
      if (id === undefined) continue;
      const read = { ids: [id], uptime: Infinity };
      const [session] = await readSessions(server.watching, server.capabilities, read);
      if (session === undefined || !session.idle || session.execution === "") continue;
      aimed++;
      const { execution, running } = session;
      const target = {
        kind: "connection",
        id,
        execution,
        running,
        server: identity,
        lease: undefined,
      } as const;
      answers[await kill(server.killing!, server.capabilities, target)]++;
    }
    await pause(100);
  } finally {
    await victim.stop();
    await disconnect(server);
  }
  return { flavor, aimed: count, ...answers, hit_a_statement: await begun(root) - before - victim.answered };
}

const available = await availableFlavors();
const flavors = available.filter((flavor) => Deno.args.includes(flavor));
const count = Number(Deno.args.find((argument) => /^\d+$/.test(argument)) ?? 10_000);
for (const flavor of flavors.length > 0 ? flavors : available) {
  // deno-lint-ignore no-console
  console.log(JSON.stringify(await bench(flavor, count)));
}
Deno.exit(0);
