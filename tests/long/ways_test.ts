import { assertEquals } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { ACCOUNTS, Client, type LabServer, requireFlavors, startPair } from "../lab/mod.ts";
import {
  appClients,
  assertCleanEnd,
  assertSpared,
  type Case,
  INTERRUPTED,
  killsOf,
  linesOf,
  onEachFlavor,
  runOnce,
  slowQuery,
  start,
  startSniper,
  writeConfig,
} from "../integration/fixture.ts";
import { runProgram } from "../program.ts";
import { createKillProcedures, dropKillProcedures } from "./kill_procedures.ts";

const QUERIES = "policies: [{ name: long, where: time > 500ms, then: kill query }]";
const CONNECTIONS =
  "policies: [{ name: idle, where: idle_time > 4s and user = 'app', then: kill connection }]";

const CASES: readonly Case[] = [
  ["by a provider's procedures where the account may not KILL", async (pair) => {
    await createKillProcedures(pair);
    try {
      await using app = await appClients(pair.primary, 2);
      const [busy, idle] = app.clients as [Client, Client];
      const running = start(busy, slowQuery(20));
      await idle.query("SELECT 1");
      await systemClock.sleep(800);
      const ended = await runOnce({ rules: QUERIES, databases: [pair.primary] });
      assertCleanEnd(ended);
      assertEquals([killsOf(linesOf(ended)), await running.error], [
        [`killed ${busy.id}`],
        INTERRUPTED,
      ]);
      await systemClock.sleep(4000);
      await busy.query("SELECT 1");
      const disconnected = await runOnce({ rules: CONNECTIONS, databases: [pair.primary] });
      assertCleanEnd(disconnected);
      assertEquals(killsOf(linesOf(disconnected)), [`killed ${idle.id}`]);
      assertEquals(await busy.query("SELECT 1 AS one"), [{ one: 1 }]);
    } finally {
      await dropKillProcedures(pair);
    }
  }],

  ["two entries that lead to one server: that is told, and one of them acts", async ({ primary }) => {
    const { host, port } = primary;
    await using sniper = await startSniper({
      rules: QUERIES,
      databases: [
        `{ name: one, host: ${host}, port: ${port} }`,
        `{ name: two, host: ${host}, port: ${port} }`,
      ],
    });
    const told = await sniper.event("the warning", ({ event }) => event === "same-server");
    assertEquals([told["database"], told["other"]].toSorted(), ["one", "two"]);
    assertEquals(told["level"], "warning");
    await using app = await appClients(primary, 1);
    const running = start(app.clients[0]!, slowQuery(20));
    assertEquals(await running.error, INTERRUPTED);
    await systemClock.sleep(300);
    const authors = sniper.events().filter((event) => event["outcome"] === "killed");
    assertEquals(authors.length, 1);
  }],

  ["an idle policy with kill query is refused before anything is connected to", async () => {
    await using config = await writeConfig({
      rules: "policies: [{ name: p, where: idle_time > 1h, then: kill query }]",
      databases: ["{ name: nowhere, host: 127.0.0.1, port: 1 }"],
    });

    const { code, stderr } = await runProgram(["validate-config", config.file]);
    assertEquals(code, 2);
    assertEquals(
      stderr.trim().split(": ").slice(1).join(": "),
      'policies[0].where: this selects idle sessions only, and "kill query" does nothing to them, ' +
        '"kill connection" does: "idle_time > 1h"',
    );
  }],
];

await onEachFlavor("Ways to kill", CASES, { alone: true });

for (const flavor of await requireFlavors()) {
  Deno.test(`What clients call themselves on ${flavor}`, async (t) => {
    // MariaDB's performance schema is off by default, and the account needs the right to read it.
    const serverArguments = flavor === "mariadb" ? ["--performance-schema=ON"] : [];
    await using pair = await startPair(flavor, { serverArguments, alone: true });
    await using root = await Client.connect(pair.primary);
    await root.query("GRANT SELECT ON performance_schema.* TO sniper@'%'");
    await t.step("a sniper under another account is spared", () => assertSparesOtherSnipers(pair.primary));
    await t.step("a dump is one by the name of its program", () => assertIsDump(pair.primary));
  });
}

async function assertIsDump(primary: LabServer): Promise<void> {
  const program = { connectAttributes: { program_name: "mysqldump" } };
  await using dump = await Client.connect(primary, ACCOUNTS.app, { database: "test", ...program });
  const running = start(dump, slowQuery(60));
  await systemClock.sleep(800);
  const { stdout } = await runOnce({ rules: QUERIES, databases: [primary] });
  assertEquals(killsOf(linesOf({ stdout })), [`needs-verb ${dump.id}`]);
  await assertSpared(primary, running);
}

async function assertSparesOtherSnipers(primary: LabServer): Promise<void> {
  const program = { connectAttributes: { program_name: "query-sniper" } };
  await using other = await Client.connect(primary, ACCOUNTS.app, { database: "test", ...program });
  await using app = await appClients(primary, 1);
  const spared = start(other, slowQuery(60));
  const killed = start(app.clients[0]!, slowQuery(20));
  await systemClock.sleep(800);
  const result = await runOnce({ rules: QUERIES, databases: [primary] });
  assertCleanEnd(result);
  assertEquals(killsOf(linesOf(result)), [`killed ${app.clients[0]!.id}`]);
  assertEquals(await killed.error, INTERRUPTED);
  await assertSpared(primary, spared);
}
