import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { systemClock } from "../../src/clock.ts";
import { ACCOUNTS, Client, type LabPair, waitFor } from "../lab/mod.ts";
import { type LoggedEvent, runProgram } from "../program.ts";
import {
  appClients,
  assertCleanEnd,
  type Case,
  onEachFlavor,
  slowQuery,
  start,
  startSniper,
  withLockInfo,
  writeConfig,
} from "../integration/fixture.ts";

const ROOTS = (rollback = "") =>
  `policies: [{ name: roots, where: "blocking > 0 and not waiting", then: kill connection${rollback} }]`;
const WAIT = "UPDATE item SET stock = 2 WHERE id = 50";

/** What `explain` says of one session. */
async function explained({ primary }: LabPair, id: number, rules = ROOTS()) {
  await using config = await writeConfig({ rules, databases: [primary] });
  const args = ["explain", "-c", config.file, "--session", String(id), "--format", "json"];
  const { stdout, stderr } = await runProgram(args);
  const [session] = (JSON.parse(stdout) as { sessions: readonly { session: LoggedEvent }[] }).sessions;
  return { session: session?.session, stderr };
}

/** The `unkillable` events of a program that watches a queue, once a second look could have told them again. */
async function unkillable(pair: LabPair, rules: string): Promise<readonly LoggedEvent[]> {
  await using sniper = await startSniper({ rules, databases: [pair.primary] });
  await sniper.event("who is at the head", ({ event }) => event === "unkillable");
  await systemClock.sleep(2500);
  assertEquals(sniper.kills(), []);
  assertCleanEnd(await sniper.stop());
  return sniper.events().filter(({ event }) => event === "unkillable");
}

const CASES: readonly Case[] = [
  [
    "an event of the server's own that heads a queue is told by name, and explain says what it is",
    async (pair) => {
      const { primary, flavor } = pair;
      await using root = await Client.connect(primary, ACCOUNTS.root, { database: "test" });
      await root.query("SET GLOBAL event_scheduler = ON");
      await root.query(
        "CREATE EVENT holding ON SCHEDULE AT CURRENT_TIMESTAMP DO BEGIN START TRANSACTION; " +
          "UPDATE item SET stock = 1 WHERE id = 50; DO SLEEP(60); ROLLBACK; END",
      );
      const sql = "SELECT ID AS id FROM information_schema.PROCESSLIST WHERE INFO LIKE 'DO SLEEP(60)%'";
      const id = await waitFor(
        "the event",
        async () => (await root.query(sql))[0]?.["id"] as number | undefined,
      );
      await using app = await appClients(primary, 1);
      const waiter = start(app.clients[0]!, WAIT);
      try {
        const events = await unkillable(pair, ROOTS());
        assertEquals(events.length, 1);
        const [told] = events;
        assertEquals(told!["blocking"], 1);
        if (flavor === "mysql") {
          assertEquals(told!["thread"], "thread/sql/event_worker");
        } else assertEquals((told!["session"] as LoggedEvent)["id"], id);
        assertStringIncludes(String(told!["reason"]), "it is ");
        const { stderr } = await explained(pair, id);
        assertStringIncludes(
          stderr,
          flavor === "mysql"
            ? `has this id: ${id}: it is an event that the scheduler runs (thread/sql/event_worker)`
            : "",
        );
        assertEquals((await explained(pair, waiter.id)).session?.["waits_for"], [id]);
      } finally {
        await root.query(`KILL ${id}`);
        await root.query("DROP EVENT IF EXISTS holding");
        if (flavor === "mariadb") await root.query("SET GLOBAL event_scheduler = OFF");
      }
      assertEquals(await waiter.error, 0);
    },
  ],

  [
    "a transaction that XA has prepared, and that heads a queue, is told, its client there or gone",
    async (pair) => {
      const { primary, flavor } = pair;
      await using root = await Client.connect(primary, ACCOUNTS.root, { database: "test" });
      const holder = await Client.connect(primary, ACCOUNTS.root, { database: "test" });
      for (
        const sql of [
          "XA START 'h'",
          "UPDATE item SET stock = 1 WHERE id = 50",
          "XA END 'h'",
          "XA PREPARE 'h'",
        ]
      ) await holder.query(sql);
      await using app = await appClients(primary, 1);
      const waiter = start(app.clients[0]!, WAIT);
      await systemClock.sleep(200);
      const [attached] = await unkillable(pair, ROOTS());
      // MySQL detaches it from its session at once.
      if (flavor === "mariadb") {
        assertEquals((attached!["session"] as LoggedEvent)["id"], holder.id);
        assertStringIncludes(String(attached!["reason"]), "its transaction is prepared by XA");
      } else assertEquals(attached!["rows_modified"], 1);
      await holder.close();
      await systemClock.sleep(300);
      assertEquals((await unkillable(pair, ROOTS())).map((event) => event["rows_modified"]), [1]);
      const [told] = await unkillable(pair, ROOTS(", rollback: any"));
      assertEquals(told!["reason"], "XA RECOVER shows it, XA COMMIT or XA ROLLBACK ends it");
      assertEquals((await explained(pair, waiter.id)).session?.["waits_for"], [0]);
      await root.query("XA ROLLBACK 'h'");
      assertEquals(await waiter.error, 0);
    },
  ],

  [
    "a session at the head of a queue whose transaction XA prepares by and by is told then, though no policy selects it",
    async (pair) => {
      const { primary, flavor } = pair;
      await using holder = await Client.connect(primary, ACCOUNTS.root, { database: "test" });
      // MySQL would detach it from its session.
      if (flavor === "mysql") await holder.query("SET xa_detach_on_prepare = OFF");
      await holder.query("XA START 'h'");
      await holder.query("UPDATE item SET stock = 1 WHERE id = 50");
      await using app = await appClients(primary, 1);
      const waiter = start(app.clients[0]!, WAIT);
      await using sniper = await startSniper({
        rules: 'policies: [{ name: roots, where: "blocking > 5 and not waiting", then: kill connection }]',
        databases: [primary],
      });
      const told = () => sniper.events().filter(({ event }) => event === "unkillable");
      await sniper.event("the connection", ({ event }) => event === "connected");
      await systemClock.sleep(2000);
      assertEquals(told(), [], "a transaction that goes on may be ended");
      await holder.query("XA END 'h'");
      await holder.query("XA PREPARE 'h'");
      const event = await sniper.event("the head", ({ event }) => event === "unkillable");
      assertEquals((event["session"] as LoggedEvent)["id"], holder.id);
      assertEquals(event["blocking"], 1);
      assertStringIncludes(String(event["reason"]), "its transaction is prepared by XA");
      await systemClock.sleep(1500);
      assertEquals(told().length, 1);
      assertCleanEnd(await sniper.stop());
      await holder.query("XA ROLLBACK 'h'");
      assertEquals(await waiter.error, 0);
    },
  ],

  ["a waiter's explanation names those it waits for, in words as well", async (pair) => {
    await using app = await appClients(pair.primary, 2);
    const [holder, waiting] = app.clients as [Client, Client];
    await holder.query("BEGIN");
    await holder.query("UPDATE item SET stock = 1 WHERE id = 50");
    const waiter = start(waiting, WAIT);
    await systemClock.sleep(300);
    assertEquals((await explained(pair, waiter.id)).session?.["waits_for"], [holder.id]);
    await using config = await writeConfig({ rules: ROOTS(), databases: [pair.primary] });
    const { stdout } = await runProgram(["explain", "-c", config.file, "--session", String(waiter.id)]);
    assertStringIncludes(stdout, `, waiting for ${holder.id}`);
    await holder.query("ROLLBACK");
    assertEquals(await waiter.error, 0);
  }],

  [
    "lock-pile-up opens for a queue of GET_LOCK(), and ends the statement's session at its head",
    async (pair) => {
      const { primary } = pair;
      await using _info = await withLockInfo(pair, primary);
      const policy = await Deno.readTextFile(join(Deno.cwd(), "config/policies/lock-pile-up.yaml"));
      const [, policies] = /^(policies:[\s\S]*?)^protect:/m.exec(policy)!;
      const count = 6;
      await using app = await appClients(primary, count + 1);
      const [holder, ...others] = app.clients as [Client, ...Client[]];
      await holder.query("SELECT GET_LOCK('pile', 1)");
      const held = start(holder, slowQuery(60));
      const waiters = others.map((client) => start(client, "SELECT GET_LOCK('pile', 60)"));
      await using sniper = await startSniper({
        rules: `limits: { waiters: ${count - 1}, held: 1s }\n${policies}`,
        databases: [primary],
      });
      const gate = await sniper.event("the gate", ({ event, state }) => event === "gate" && state === "open");
      assertStringIncludes(JSON.stringify(gate["because"]), `"left":"${count}"`);
      await sniper.event("the kill", ({ event, outcome }) => event === "kill" && outcome === "killed");
      assertEquals(await held.error, -1);
      assertEquals(sniper.kills(), [`killed ${held.id}`]);
      await waitFor("one of them to have the lock", async () =>
        await Promise.race([
            ...waiters.map(({ error }) => error),
            systemClock.sleep(50),
          ]) === 0 || undefined);
      assertCleanEnd(await sniper.stop());
    },
  ],
];

await onEachFlavor("The head of a queue", CASES, { alone: true });
