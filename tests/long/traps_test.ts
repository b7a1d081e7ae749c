import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { Client } from "../lab/mod.ts";
import {
  appClients,
  assertCleanEnd,
  assertSpared,
  type Case,
  INTERRUPTED,
  killsOf,
  nothingHappensFor,
  onEachFlavor,
  runOnce,
  slowQuery,
  start,
  startSniper,
} from "../integration/fixture.ts";

const ESCALATING =
  "policies: [{ name: long, where: \"user = 'app' and time > 500ms\", then: kill query, escalate: 1500ms }]";

/** What other killers were seen to get wrong, each a case. */
const CASES: readonly Case[] = [
  ["an absurd Time, by SET timestamp, does not make a statement old", async ({ primary }) => {
    await using app = await appClients(primary, 2);
    const [absurd, other] = app.clients as [Client, Client];
    await absurd.query("SET timestamp = 1");
    await using sniper = await startSniper({
      rules: "policies: [{ name: long, where: \"user = 'app' and time > 3s\", then: kill query }]",
      databases: [primary],
    });
    assertEquals(await start(absurd, slowQuery(0.8)).error, 0);
    const old = start(absurd, slowQuery(20));
    assertEquals(await start(other, slowQuery(0.8)).error, 0);
    assertEquals(await old.error, INTERRUPTED, "its real age counts");
    await sniper.event("the kill", ({ outcome }) => outcome === "killed");
    assertEquals(sniper.kills(), [`killed ${old.id}`]);
    assertCleanEnd(await sniper.stop());
  }],

  [
    "KILL QUERY is not sent to an idle transaction, and its session is not told killed",
    async ({ primary }) => {
      await using app = await appClients(primary, 1);
      const [client] = app.clients as [Client];
      await client.query("BEGIN");
      await client.query("SELECT * FROM config FOR UPDATE");
      await using sniper = await startSniper({
        rules: `
        policies:
          - { name: idle, where: "user = 'app' and (idle_time > 100ms or time > 100ms)", then: kill query }`,
        databases: [primary],
      });
      await sniper.event("the connection", ({ event }) => event === "connected");
      await nothingHappensFor(1000);
      assertEquals(sniper.kills(), []);
      assertEquals(await start(client, "COMMIT").error, 0);
      assertCleanEnd(await sniper.stop());
    },
  ],

  ["the next statement of a session is not hit for the one before it", async ({ primary }) => {
    await using app = await appClients(primary, 1);
    const [client] = app.clients as [Client];
    await using sniper = await startSniper({
      rules: "policies: [{ name: long, where: \"user = 'app' and time > 150ms\", then: kill query }]",
      databases: [primary],
    });
    await sniper.event("the connection", ({ event }) => event === "connected");
    // Statements that end just before or after the limit, back to back: only old ones may be hit.
    const hits: number[] = [];
    for (let round = 0; round < 40; round++) {
      // Every tenth is old enough to be hit for sure.
      const seconds = round % 10 === 9 ? 2 : round % 2 === 0 ? 0.02 : 0.14 + Math.random() * 0.14;
      const begun = performance.now();
      const error = await start(client, slowQuery(seconds)).error;
      if (error !== 0) hits.push(performance.now() - begun);
    }
    assertEquals(hits.filter((milliseconds) => milliseconds < 145), []);
    assert(hits.length >= 4, `old ones are hit: ${hits.length}`);
    assertCleanEnd(await sniper.stop());
  }],

  [
    "a CALL is judged by its own age, or spared, and never hit for an inner statement",
    async ({ primary, flavor }) => {
      await using root = await Client.connect(primary, undefined, { database: "test" });
      await root.query("GRANT CREATE ROUTINE, EXECUTE ON test.* TO app@'%'");
      await root.query("DROP PROCEDURE IF EXISTS steps");
      // MySQL goes on with a CALL whose DO SLEEP() was interrupted: it is an error only for a query of rows.
      const step = "SELECT SUM(n + SLEEP(0.15)) INTO @n FROM (SELECT 1 AS n UNION ALL SELECT 2) AS two;";
      await root.query(`CREATE PROCEDURE steps() BEGIN ${step.repeat(5)} END`);
      await using app = await appClients(primary, 1);
      await using sniper = await startSniper({
        rules: "policies: [{ name: long, where: \"user = 'app' and time > 700ms\", then: kill query }]",
        databases: [primary],
      });
      await sniper.event("the connection", ({ event }) => event === "connected");
      const { error } = start(app.clients[0]!, "CALL steps()");
      // MySQL shows the CALL, with its age. MariaDB shows the inner statement only: none of them is old.
      assertEquals(await error, flavor === "mysql" ? INTERRUPTED : 0);
      assertCleanEnd(await sniper.stop());
    },
  ],

  [
    "names of any length and text in any script are killed and told as they are",
    async ({ primary, flavor }) => {
      const name = flavor === "mysql" ? "u".repeat(32) : "ü".repeat(80);
      await using root = await Client.connect(primary);
      await root.query(`CREATE USER '${name}'@'%' IDENTIFIED BY 'long'`);
      await root.query(`GRANT SELECT ON test.* TO '${name}'@'%'`);
      await using client = await Client.connect(primary, { user: name, password: "long" }, {
        database: "test",
      });
      const victim = start(client, slowQuery(20).replace("AS note", "AS `žluťoučký`"));
      await using sniper = await startSniper({
        rules: `policies: [{ name: long, where: "user = '${name}' and time > 300ms", then: kill query }]`,
        databases: [primary],
      });
      assertEquals(await victim.error, INTERRUPTED);
      const kill = await sniper.event("the kill", ({ outcome }) => outcome === "killed");
      assertEquals((kill["session"] as { user: string }).user, name);
      assertStringIncludes((kill["statement"] as { digest_text: string }).digest_text, "`žluťoučký`");
      assertCleanEnd(await sniper.stop());
      await root.query(`DROP USER '${name}'@'%'`);
    },
  ],

  ["an account with SYSTEM_USER is out of reach on MySQL, and that is said", async ({ primary }) => {
    await using root = await Client.connect(primary);
    await root.query("CREATE USER admin@'%' IDENTIFIED BY 'admin'");
    await root.query("GRANT SYSTEM_USER ON *.* TO admin@'%'");
    await using admin = await Client.connect(primary, { user: "admin", password: "admin" });
    const spared = start(admin, slowQuery(60));
    await using sniper = await startSniper({
      rules: "policies: [{ name: long, where: \"user = 'admin' and time > 300ms\", then: kill query }]",
      databases: [primary],
    });
    const denied = await sniper.event("the refusal", ({ outcome }) => outcome === "denied");
    assertStringIncludes(String(denied["note"]), "SYSTEM_USER");
    await nothingHappensFor(500);
    await assertSpared(primary, spared);
    assertEquals(sniper.kills(), [`denied ${spared.id}`], "asked for once");
    assertCleanEnd(await sniper.stop());
    await root.query("DROP USER admin@'%'");
  }, "mysql"],

  ["a rollback that takes seconds is told as one, and is not killed again", async ({ primary }) => {
    await using root = await Client.connect(primary, undefined, { database: "test" });
    await root.query("DROP TABLE IF EXISTS bulk");
    await root.query(
      "CREATE TABLE bulk (id INT AUTO_INCREMENT PRIMARY KEY, a INT, b CHAR(100), KEY (a), KEY (b))",
    );
    await using app = await appClients(primary, 1);
    const sql = "INSERT INTO bulk (a, b) SELECT a.id, a.note FROM item a JOIN item b ON b.id <= 400";
    const begun = performance.now();
    const victim = start(app.clients[0]!, sql);
    // It is looked for so shortly that the server is still busy undoing.
    await using sniper = await startSniper({
      rules: `
        verify: 100ms
        policies: [{ name: writes, where: "verb = 'insert' and time > 3s", then: kill query, rollback: any }]`,
      databases: [primary],
    });
    const kill = await sniper.event("the kill", ({ event }) => event === "kill");
    assertEquals(await victim.error, INTERRUPTED, `after ${Math.round(performance.now() - begun)} ms`);
    assertEquals(kill["outcome"], "rolling-back", JSON.stringify(kill));
    await nothingHappensFor(500);
    assertEquals(sniper.kills().length, 1);
    assertEquals(await root.query("SELECT COUNT(*) AS n FROM bulk"), [{ n: 0 }]);
    await root.query("DROP TABLE bulk");
    assertCleanEnd(await sniper.stop());
  }],
  // What goes on after KILL QUERY is known of MySQL only: a CALL whose DO SLEEP() was interrupted.
  ["a statement that survives its kill loses its connection, and only then", async ({ primary }) => {
    await using root = await Client.connect(primary, undefined, { database: "test" });
    await root.query("GRANT CREATE ROUTINE, EXECUTE ON test.* TO app@'%'");
    await root.query("DROP PROCEDURE IF EXISTS stubborn");
    await root.query(`CREATE PROCEDURE stubborn() BEGIN ${"DO SLEEP(0.3);".repeat(60)} END`);
    await using app = await appClients(primary, 1);
    await using sniper = await startSniper({ rules: ESCALATING, databases: [primary] });
    const { id, error } = start(app.clients[0]!, "CALL stubborn()");
    assertEquals(await error, -1);
    await sniper.event("the end", ({ outcome }) => outcome === "killed");
    const kills = sniper.events().filter(({ event }) => event === "kill");
    assertEquals(kills.map(({ action, outcome, escalation }) => [action, outcome, escalation]), [
      ["kill query", "survived", undefined],
      ["kill connection", "killed", true],
    ]);
    assertEquals(sniper.kills(), [`survived ${id}`, `killed ${id}`]);
    assertCleanEnd(await sniper.stop());
    // `once` waits for it as well, and no longer.
    await using again = await appClients(primary, 1);
    const second = start(again.clients[0]!, "CALL stubborn()");
    await systemClock.sleep(600);
    const { stdout } = await runOnce({ rules: ESCALATING, databases: [primary] });
    assertEquals(killsOf(stdout.trim().split("\n")), [`survived ${second.id}`, `killed ${second.id}`]);
    assertEquals(await second.error, -1);
  }, "mysql"],
];

await onEachFlavor("A trap", CASES, { alone: true });
