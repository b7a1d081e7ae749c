import { assertEquals, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { Client, type LabPair } from "../lab/mod.ts";
import {
  appClients,
  assertCleanEnd,
  type Case,
  errorOf,
  INTERRUPTED,
  killsOf,
  nothingHappensFor,
  onEachFlavor,
  type Running,
  runOnce,
  slowQuery,
  type Sniper,
  start,
  startSniper,
} from "../integration/fixture.ts";

/** The holder of a lock that it runs a long query with, and one that waits for the lock. */
interface Queue extends AsyncDisposable {
  readonly holder: Client;
  readonly query: Running;
  readonly waiter: Running;
}

const HOLD = ["BEGIN", "SELECT * FROM config FOR UPDATE"];

async function queue({ primary }: LabPair): Promise<Queue> {
  const app = await appClients(primary, 2);
  const [holder, waiting] = app.clients as [Client, Client];
  for (const sql of HOLD) await holder.query(sql);
  const query = start(holder, slowQuery(60));
  const waiter = start(waiting, "UPDATE config SET value = value WHERE name = 'greeting'");
  return { holder, query, waiter, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() };
}

const POLICY = (where: string) =>
  `policies: [{ name: holder, where: "${where}", then: kill query, escalate: 1500ms }]`;
const HOLDER = "user = 'app' and blocking > 0 and not waiting";

/** Its kills, each with what was done. */
function actionsOf(sniper: Sniper): readonly string[] {
  return sniper.events().filter(({ event }) => event === "kill").map((
    { action, outcome, reason, escalation },
  ) => [action, reason ?? outcome, ...escalation === true ? ["escalation"] : []].join(", "));
}

/** Demands that a session's connection is left, although its statement was ended, for longer than `escalate`. */
async function assertLeft(holder: Client, sniper: Sniper): Promise<void> {
  await nothingHappensFor(3000);
  assertEquals(actionsOf(sniper).filter((action) => action.startsWith("kill connection, killed")), []);
  assertEquals(await errorOf(holder.query("SELECT 1")), 0, "its session goes on");
}

const CASES: readonly Case[] = [
  [
    "a statement whose client reads no more survives its kill, and its connection goes",
    async ({ primary }) => {
      await using app = await appClients(primary, 1);
      const [client] = app.clients as [Client];
      await using sniper = await startSniper({
        rules: POLICY("user = 'app' and time > 500ms"),
        databases: [primary],
      });
      const endless = start(client, "SELECT a.note, b.note FROM item a JOIN item b");
      client.stopReading();
      await sniper.event("the end", ({ escalation }) => escalation === true);
      assertEquals(actionsOf(sniper), ["kill query, survived", "kill connection, killed, escalation"]);
      assertCleanEnd(await sniper.stop());
      client.destroy();
      assertEquals(await endless.error, -1);
    },
  ],

  ["kill query on a holder of locks is followed by its connection, and the queue goes on", async (pair) => {
    await using sniper = await startSniper({ rules: POLICY(HOLDER), databases: [pair.primary] });
    await using stage = await queue(pair);
    assertEquals(await stage.query.error, INTERRUPTED);
    assertEquals(await stage.waiter.error, 0);
    const last = await sniper.event("the end", ({ escalation, outcome }) => escalation === true && !!outcome);
    assertEquals(actionsOf(sniper), ["kill query, killed", "kill connection, killed, escalation"]);
    assertEquals((last["session"] as { id: number }).id, stage.holder.id);
    assertStringIncludes(String(last["note"]), "its transaction still holds what it was selected for");
    assertCleanEnd(await sniper.stop());
  }],

  ["what its session runs next in the same transaction does not change that", async (pair) => {
    await using sniper = await startSniper({ rules: POLICY(HOLDER), databases: [pair.primary] });
    await using stage = await queue(pair);
    assertEquals(await stage.query.error, INTERRUPTED);
    await stage.holder.query("SELECT 1");
    assertEquals(await start(stage.holder, slowQuery(30)).error, -1);
    assertEquals(await stage.waiter.error, 0);
    await sniper.event("the end", ({ escalation, outcome }) => escalation === true && outcome === "killed");
    assertEquals(actionsOf(sniper), ["kill query, killed", "kill connection, killed, escalation"]);
    assertCleanEnd(await sniper.stop());
  }],

  ["once waits for that step, and no longer", async (pair) => {
    await using stage = await queue(pair);
    await systemClock.sleep(300);
    const { stdout } = await runOnce({ rules: POLICY(HOLDER), databases: [pair.primary] });
    const { id } = stage.holder;
    assertEquals(killsOf(stdout.trim().split("\n")), [`killed ${id}`, `killed ${id}`]);
    assertEquals(await stage.waiter.error, 0);
  }],

  ["a transaction that began since keeps its connection, whomever it blocks", async (pair) => {
    await using sniper = await startSniper({ rules: POLICY(HOLDER), databases: [pair.primary] });
    await using stage = await queue(pair);
    assertEquals(await stage.query.error, INTERRUPTED);
    await stage.holder.query("COMMIT");
    assertEquals(await stage.waiter.error, 0);
    for (const sql of HOLD) await stage.holder.query(sql);
    await using app = await appClients(pair.primary, 1);
    const next = start(app.clients[0]!, "UPDATE config SET value = value WHERE name = 'greeting'");
    await assertLeft(stage.holder, sniper);
    assertEquals(actionsOf(sniper), ["kill query, killed"]);
    assertEquals(await errorOf(stage.holder.query("COMMIT")), 0);
    assertEquals(await next.error, 0);
    assertCleanEnd(await sniper.stop());
  }],

  ["who is protected by then keeps the connection", async (pair) => {
    const rules = `${POLICY(HOLDER)}\nprotect: [idle]`;
    await using sniper = await startSniper({ rules, databases: [pair.primary] });
    await using stage = await queue(pair);
    assertEquals(await stage.query.error, INTERRUPTED);
    await assertLeft(stage.holder, sniper);
    assertEquals(actionsOf(sniper)[0], "kill query, killed");
    assertEquals(actionsOf(sniper).slice(1).every((action) => action.endsWith("protected")), true);
    assertEquals(await errorOf(stage.holder.query("ROLLBACK")), 0);
    assertEquals(await stage.waiter.error, 0);
    assertCleanEnd(await sniper.stop());
  }],

  ["a policy for running sessions leaves the connection of one that rests", async (pair) => {
    const rules = POLICY(`running and ${HOLDER}`);
    await using sniper = await startSniper({ rules, databases: [pair.primary] });
    await using stage = await queue(pair);
    assertEquals(await stage.query.error, INTERRUPTED);
    await assertLeft(stage.holder, sniper);
    assertEquals(actionsOf(sniper), ["kill query, killed"]);
    assertEquals(await errorOf(stage.holder.query("ROLLBACK")), 0);
    assertEquals(await stage.waiter.error, 0);
    assertCleanEnd(await sniper.stop());
  }],

  ["one that no longer blocks anybody keeps its connection", async (pair) => {
    await using sniper = await startSniper({ rules: POLICY(HOLDER), databases: [pair.primary] });
    await using stage = await queue(pair);
    assertEquals(await stage.query.error, INTERRUPTED);
    await using root = await Client.connect(pair.primary);
    await root.query(`KILL ${stage.waiter.id}`);
    assertEquals(await stage.waiter.error, -1);
    await assertLeft(stage.holder, sniper);
    assertEquals(await errorOf(stage.holder.query("ROLLBACK")), 0);
    assertCleanEnd(await sniper.stop());
  }],
];

await onEachFlavor("A second step", CASES, { alone: true });
