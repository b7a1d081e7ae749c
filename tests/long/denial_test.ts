import { assertEquals, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { Client, type LabPair, type LabServer } from "../lab/mod.ts";
import { runProgram } from "../program.ts";
import {
  appClients,
  assertCleanEnd,
  assertSpared,
  type Case,
  nothingHappensFor,
  onEachFlavor,
  slowQuery,
  start,
  startSniper,
  writeConfig,
} from "../integration/fixture.ts";

const LONG = (user: string) =>
  `policies: [{ name: long, where: "user = '${user}' and time > 300ms", then: kill query }]`;

/** An account with SYSTEM_USER, or as much as MariaDB has, until it is disposed of. */
async function administrator(
  { primary, flavor }: LabPair,
): Promise<AsyncDisposable & { readonly client: Client }> {
  const root = await Client.connect(primary);
  await root.query("CREATE USER admin@'%' IDENTIFIED BY 'admin'");
  await root.query(`GRANT ${flavor === "mysql" ? "SYSTEM_USER" : "SUPER"} ON *.* TO admin@'%'`);
  const client = await Client.connect(primary, { user: "admin", password: "admin" });
  return {
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      await root.query("DROP USER admin@'%'");
      await root.close();
    },
  };
}

async function withGrant(
  { primary, flavor }: LabPair,
  run: () => Promise<void>,
  what = "SELECT ON mysql.global_grants",
): Promise<void> {
  await using root = await Client.connect(primary);
  if (flavor === "mysql") await root.query(`GRANT ${what} TO sniper@'%'`);
  try {
    await run();
  } finally {
    if (flavor === "mysql") await root.query(`REVOKE ${what} FROM sniper@'%'`);
  }
}

async function said(command: string, primary: LabServer, user: string): Promise<string> {
  await using config = await writeConfig({ rules: LONG(user), databases: [primary] });
  return (await runProgram([command, "-c", config.file])).stdout;
}

const CASES: readonly Case[] = [
  ["a right that was revoked meanwhile is what a denial tells of", async ({ primary, flavor }) => {
    const right = flavor === "mysql" ? "CONNECTION_ADMIN" : "CONNECTION ADMIN";
    await using root = await Client.connect(primary);
    await using app = await appClients(primary, 1);
    await using sniper = await startSniper({ rules: LONG("app"), databases: [primary] });
    await sniper.event("the lease", ({ event }) => event === "lease");
    await root.query(`REVOKE ${right} ON *.* FROM sniper@'%'`);
    try {
      // MariaDB keeps a connection's rights as they were when it was made.
      if (flavor === "mariadb") {
        const sql = "SELECT ID AS id FROM information_schema.PROCESSLIST WHERE USER = 'sniper'";
        for (const { id } of await root.query(sql)) await root.query(`KILL ${id}`);
        await sniper.event("the gap", ({ event, need }) => event === "privilege" && need === "kill");
        await systemClock.sleep(500);
      }
      const spared = start(app.clients[0]!, slowQuery(60));
      const denied = await sniper.event("the refusal", ({ outcome }) => outcome === "denied");
      assertStringIncludes(String(denied["note"]), `GRANT ${right} ON *.* TO 'sniper'@'%'`);
      assertEquals(String(denied["note"]).includes("SYSTEM_USER"), false, String(denied["note"]));
      await assertSpared(primary, spared);
    } finally {
      await root.query(`GRANT ${right} ON *.* TO sniper@'%'`);
    }
    await sniper.stop();
  }],

  ["an account that a kill does not reach is tried once, and not for its next statement", async (pair) => {
    const { primary, flavor } = pair;
    await using admin = await administrator(pair);
    await using sniper = await startSniper({
      rules: `budget: { kills: 1, per: 1m }\n${LONG("admin")}`,
      databases: [primary],
    });
    const first = start(admin.client, slowQuery(60));
    // SUPER of MariaDB protects nobody.
    if (flavor === "mariadb") {
      await sniper.event("the kill", ({ outcome }) => outcome === "killed");
      assertEquals(sniper.kills(), [`killed ${first.id}`]);
      await first.error;
      return;
    }
    const denied = await sniper.event("the refusal", ({ outcome }) => outcome === "denied");
    assertStringIncludes(String(denied["note"]), "the session's account has SYSTEM_USER, which protects it");
    await assertSpared(primary, first);
    const second = start(admin.client, slowQuery(60));
    const skipped = await sniper.event("the second", ({ reason }) => reason === "denied");
    assertStringIncludes(String(skipped["note"]), "the account has SYSTEM_USER");
    await nothingHappensFor(500);
    assertEquals(sniper.kills(), [`denied ${first.id}`, `denied ${second.id}`]);
    assertEquals(sniper.events().filter(({ outcome }) => outcome === "denied").length, 1, "tried once");
    assertEquals(sniper.events().some(({ event }) => event === "budget"), false, "it cost nothing");
    await assertSpared(primary, second);
    assertCleanEnd(await sniper.stop());
  }],

  ["explain, check and dry runs say whom a kill would not reach, or that nobody shows that", async (pair) => {
    const { primary, flavor } = pair;
    await using admin = await administrator(pair);
    const query = start(admin.client, slowQuery(60));
    await systemClock.sleep(700);
    const unknown = "whose account has SYSTEM_USER, so that a kill would be refused, is not known: " +
      "GRANT SELECT ON mysql.global_grants TO 'sniper'@'%'";
    const refused = "but the server would refuse that: the account has SYSTEM_USER";
    const explained = await said("explain", primary, "admin");
    assertStringIncludes(explained, "long: kill query");
    assertEquals(explained.includes(unknown), flavor === "mysql", explained);
    assertEquals((await said("check", primary, "admin")).includes(unknown), flavor === "mysql");
    await withGrant(pair, async () => {
      const told = await said("explain", primary, "admin");
      assertEquals([told.includes(refused), told.includes(unknown)], [flavor === "mysql", false], told);
      const checked = await said("check", primary, "admin");
      assertEquals(
        checked.includes('a kill of their sessions is refused: "admin@%"'),
        flavor === "mysql",
        checked,
      );
      await using sniper = await startSniper({ mode: "dry-run", rules: LONG("admin"), databases: [primary] });
      const would = await sniper.event("the verdict", ({ outcome }) => outcome === "would-kill");
      assertEquals(
        would["note"],
        flavor === "mysql" ? "the server would refuse that: the account has SYSTEM_USER" : undefined,
      );
      assertCleanEnd(await sniper.stop());
    });
    await assertSpared(primary, query);
  }],
];

await onEachFlavor("A denial", CASES, { alone: true });
