// The ready policies of config/policies at work: on real servers, with their limits lowered and nothing else.

import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { ACCOUNTS, caughtUp, Client, type LabServer } from "../lab/mod.ts";
import { ROOT } from "../program.ts";
import {
  appClients,
  assertCleanEnd,
  assertSpared,
  type Case,
  type ConfigText,
  INTERRUPTED,
  killsOf,
  linesOf,
  onEachFlavor,
  runOnce,
  slowQuery,
  start,
  startSniper,
  withLockInfo,
} from "../integration/fixture.ts";

const CASES: readonly Case[] = [
  ["apply-lag: an idle transaction holds up the applier, and a long read does not", async (pair) => {
    const { primary, replica, flavor } = pair;
    await using root = await Client.connect(primary, ACCOUNTS.root, { database: "test" });
    await root.query("CREATE TABLE moving (id INT PRIMARY KEY)");
    await caughtUp(pair);
    await using _plugin = await withLockInfo(pair, replica);
    await using app = await appClients(replica, 2);
    const [holder, reading] = app.clients as [Client, Client];
    for (const sql of ["BEGIN", "SELECT * FROM moving"]) await holder.query(sql);
    const spared = start(reading, slowQuery(4));
    await using sniper = await startSniper(
      await ready("apply-lag", {
        limits: { lag: "1s", lag_over: "100ms", held: "500ms" },
        databases: [primary, replica],
      }),
    );
    await sniper.event("both", () => sniper.events().filter(({ event }) => event === "lease").length === 2);
    await root.query("DROP TABLE moving");
    await sniper.event("the kill", ({ event }) => event === "kill");
    await caughtUp(pair);
    assertEquals(sniper.kills(), [`killed ${holder.id}`], flavor);
    assertEquals(await spared.error, 0);
    assertCleanEnd(await sniper.stop());
  }],

  ["history: who holds the oldest view is ended, and not the oldest transaction", async ({ primary }) => {
    await using app = await appClients(primary, 2);
    const [old, pinning] = app.clients as [Client, Client];
    await using writer = await Client.connect(primary, ACCOUNTS.root, { database: "test" });
    await old.query("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
    for (const client of [old, pinning]) {
      for (const sql of ["BEGIN", "SELECT COUNT(*) FROM item"]) await client.query(sql);
    }
    // MariaDB times transactions in whole seconds, and what it shows is the least that they may be.
    await systemClock.sleep(2500);
    // MySQL keeps some hundred entries for itself.
    for (let id = 1; id <= 2500; id++) await writer.query(`UPDATE item SET stock = -stock WHERE id = ${id}`);
    const result = await runOnce(
      await ready("history", {
        limits: { hll: "2k", hll_over: "1k", pinned: "500ms" },
        databases: [primary],
      }),
    );
    assertCleanEnd(result);
    assertEquals(killsOf(linesOf(result)), [`killed ${pinning.id}`]);
    assertEquals(await old.query("SELECT 1 AS one"), [{ one: 1 }]);
  }],

  ["lock-pile-up: the head of the queue is ended, and not the ALTER in the middle", async (pair) => {
    const { primary } = pair;
    await using _plugin = await withLockInfo(pair, primary);
    await using app = await appClients(primary, 8);
    const [holder, altering, ...queries] = app.clients as [Client, Client, ...Client[]];
    for (const sql of ["BEGIN", "SELECT COUNT(*) FROM config"]) await holder.query(sql);
    const alter = start(altering, "ALTER TABLE config COMMENT 'y', FORCE");
    await systemClock.sleep(500);
    const stuck = queries.map((client) => start(client, "SELECT COUNT(*) FROM config"));
    await systemClock.sleep(500);
    const result = await runOnce(
      await ready("lock-pile-up", { limits: { waiters: "5", held: "300ms" }, databases: [primary] }),
    );
    assertCleanEnd(result);
    assertEquals(killsOf(linesOf(result)), [`killed ${holder.id}`]);
    assertEquals(await Promise.all([alter, ...stuck].map(({ error }) => error)), Array(7).fill(0));
  }],

  ["idle-transactions: what holds rows is ended; what reads, or has ended, is not", async (pair) => {
    const { primary } = pair;
    await using _plugin = await withLockInfo(pair, primary);
    await using app = await appClients(primary, 4);
    const [holder, reader, idle, busy] = app.clients as [Client, Client, Client, Client];
    for (const sql of ["BEGIN", "UPDATE item SET stock = 1 WHERE id = 4000"]) await holder.query(sql);
    for (const sql of ["BEGIN", "SELECT COUNT(*) FROM item"]) await reader.query(sql);
    await idle.query("UPDATE item SET stock = 1 WHERE id = 4001");
    for (const sql of ["BEGIN", "UPDATE item SET stock = 1 WHERE id = 4002"]) await busy.query(sql);
    const running = start(busy, slowQuery(60));
    // MariaDB has whole seconds only, and a transaction is as young as it may be.
    await systemClock.sleep(2500);
    const result = await runOnce(
      await ready("idle-transactions", {
        limits: { idle_transaction_time: "500ms", transaction_time: "1s" },
        databases: [primary],
      }),
    );
    assertCleanEnd(result);
    assertEquals(killsOf(linesOf(result)), [`killed ${holder.id}`]);
    assertEquals(await reader.query("SELECT 1 AS one"), [{ one: 1 }]);
    assertEquals(await idle.query("SELECT 1 AS one"), [{ one: 1 }]);
    await assertSpared(primary, running);
  }],

  ["long-reads: a long read is ended; a write, and who waits for a lock, are not", async ({ primary }) => {
    await using app = await appClients(primary, 3);
    const [reading, writing, waiting] = app.clients as [Client, Client, Client];
    const read = start(reading, slowQuery(20));
    const write = start(writing, "UPDATE item SET stock = SLEEP(10) WHERE id = 4100");
    await systemClock.sleep(200);
    const wait = start(waiting, "SELECT * FROM item WHERE id = 4100 FOR UPDATE");
    await systemClock.sleep(800);
    const result = await runOnce(
      await ready("long-reads", {
        limits: { threads_running: "2", query_time: "500ms" },
        databases: [primary],
      }),
    );
    // Without the plugin MariaDB does not show who holds a metadata lock, but it does show who waits.
    assertCleanEnd(result);
    assertEquals(killsOf(linesOf(result)), [`killed ${read.id}`]);
    assertEquals([await read.error, await write.error, await wait.error], [INTERRUPTED, 0, 0]);
  }],

  ["stampede: half of those that run the same query are ended, the newest", async (pair) => {
    const { primary } = pair;
    await using app = await appClients(primary, 10);
    const alike = (clients: readonly Client[]) =>
      clients.map((client, index) => start(client, slowQuery(60, `note ${index}`)));
    const first = alike(app.clients.slice(0, 5));
    await systemClock.sleep(500);
    const last = alike(app.clients.slice(5));
    await systemClock.sleep(800);
    const result = await runOnce(
      await ready("stampede", {
        limits: { threads_running: "5", alike: "5", alike_time: "300ms" },
        databases: [primary],
      }),
    );
    assertCleanEnd(result);
    const killed = killsOf(linesOf(result)).filter((kill) => kill.startsWith("killed "));
    assertEquals(killed.toSorted(), last.map(({ id }) => `killed ${id}`).toSorted());
    assertEquals(await Promise.all(last.map(({ error }) => error)), last.map(() => INTERRUPTED));
    for (const statement of first) await assertSpared(primary, statement);
  }],

  [
    "connection-storm: the longest idle goes first, and who is in a transaction stays",
    async ({ primary }) => {
      await using app = await appClients(primary, 5);
      const [busy, inside, longest, ...idle] = app.clients as [Client, Client, Client, ...Client[]];
      for (const sql of ["BEGIN", "SELECT COUNT(*) FROM item"]) await inside.query(sql);
      for (const client of [longest, ...idle]) {
        await systemClock.sleep(300);
        await client.query("SELECT 1");
      }
      const running = start(busy, slowQuery(60));
      await systemClock.sleep(700);
      const result = await runOnce(
        await ready("connection-storm", {
          limits: { connections: "2%", connections_over: "1%", unused: "500ms" },
          databases: [primary],
        }),
      );
      assertCleanEnd(result);
      const kills = killsOf(linesOf(result));
      // 15% of a handful of connections would be one: the budget never allows fewer than five.
      assertEquals(
        kills.filter((kill) => kill.startsWith("killed ")),
        [longest, ...idle].map(({ id }) => `killed ${id}`),
      );
      assert(kills.every((kill) => !kill.endsWith(` ${inside.id}`) && !kill.endsWith(` ${busy.id}`)));
      assertEquals(await inside.query("SELECT 1 AS one"), [{ one: 1 }]);
      await assertSpared(primary, running);
    },
  ],
];

await onEachFlavor("The ready policies", CASES);

/** A ready policy as it is in its file, but for its limits, its databases, and a shorter `for`. */
async function ready(
  name: string,
  { limits, databases }: {
    readonly limits: Readonly<Record<string, string>>;
    readonly databases: readonly LabServer[];
  },
): Promise<ConfigText> {
  const file = await Deno.readTextFile(`${ROOT}config/policies/${name}.yaml`);
  let rules = file.slice(0, file.indexOf("\ndatabases:")).replace(/^mode: .*\n/m, "");
  for (const [limit, value] of Object.entries(limits)) {
    const lowered = rules.replace(new RegExp(`^  ${limit}: \\S+`, "m"), `  ${limit}: ${value}`);
    assert(lowered !== rules, `${name}.yaml has no limit ${limit}`);
    rules = lowered;
  }
  return { rules: rules.replace(/^ {4}for: .*/m, "    for: 300ms"), databases };
}
