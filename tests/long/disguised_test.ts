import { assertEquals } from "@std/assert";
import { Client, type Flavor, type LabServer, requireFlavors, startPair, waitFor } from "../lab/mod.ts";
import { appClients, assertCleanEnd, INTERRUPTED, start, startSniper } from "../integration/fixture.ts";

/** What statements are is not always what they begin with, nor is an account always who it is shown as. */
interface Kind {
  readonly flavor: Flavor;
  readonly schema: "on" | "off";
}

const MARIADB_EVENTS = [
  "--performance-schema-instrument=statement/%=ON",
  "--performance-schema-consumer-events-statements-current=ON",
];

const KINDS = (await requireFlavors()).flatMap((flavor): readonly Kind[] => [
  { flavor, schema: "on" },
  { flavor, schema: "off" },
]);

const OLD = "budget: { kills: 1000 }\n" +
  "policies: [{ name: old, where: running and time > 1s, then: kill query, rollback: any }]";

const SELECTS = "budget: { kills: 1000 }\n" +
  "policies: [{ name: selects, where: \"running and verb = 'select' and time > 1s\", then: kill query }]";

for (const { flavor, schema } of KINDS) {
  Deno.test(`Disguised statements on ${flavor}, performance schema ${schema}`, async (t) => {
    const events = flavor === "mariadb" && schema === "on" ? MARIADB_EVENTS : [];
    await using pair = await startPair(flavor, {
      serverArguments: [`--performance-schema=${schema.toUpperCase()}`, ...events],
    });
    const { primary } = pair;
    await using root = await Client.connect(primary, undefined, { database: "test" });

    await t.step("what commits what was done before is a COMMIT, whatever it is called", async () => {
      await using clients = await appClients(primary, 4);
      const [begin, switched, started, old] = clients.clients as [Client, Client, Client, Client];
      await using sniper = await startSniper({ rules: OLD, databases: [primary] });
      await sniper.event("the connection", ({ event }) => event === "connected");
      await switched.query("SET autocommit = 0");
      await Promise.all([begin, started].map((client) => client.query("BEGIN")));
      for (const [index, client] of [begin, switched, started].entries()) {
        await client.query(`UPDATE item SET stock = 4711 WHERE id = ${index + 1}`);
      }
      await root.query("FLUSH TABLES WITH READ LOCK");
      const commits = [
        start(begin, "/* next */ BEGIN WORK"),
        start(switched, "SET @@session.autocommit = 1"),
        start(started, "START TRANSACTION"),
      ];
      const select = start(old, "SELECT SLEEP(30) FROM config");
      assertEquals(await select.error, INTERRUPTED);
      await sniper.event("the kill", ({ outcome }) => outcome === "killed");
      await root.query("UNLOCK TABLES");
      assertEquals(await Promise.all(commits.map(({ error }) => error)), [0, 0, 0]);
      const rows = await root.query("SELECT id FROM item WHERE stock = 4711 ORDER BY id");
      assertEquals(rows.map(({ id }) => id), [1, 2, 3]);
      assertEquals(sniper.kills(), [`killed ${select.id}`]);
      assertCleanEnd(await sniper.stop());
    });

    if (flavor === "mariadb") {
      await t.step(
        "DDL in EXECUTE IMMEDIATE and in blocks is spared, a SELECT is not",
        () => immediate(primary),
      );
    }
    if (flavor === "mariadb" && schema === "off") {
      await t.step("a CALL is not taken for one of the role that defines the routine", () => roles(primary));
      await t.step(
        "nor, with its caller's rights, for the SELECT inside of it, nor is a block",
        () => inner(primary),
      );
    }
    if (schema === "on") {
      await t.step(
        "of many statements that end without an error each is told as killed",
        () => many(primary),
      );
    }
  });
}

async function immediate(server: LabServer): Promise<void> {
  await using root = await Client.connect(server, undefined, { database: "test" });
  await using clients = await appClients(server, 4);
  const [literal, variable, block, select] = clients.clients as [Client, Client, Client, Client];
  await variable.query("SET @sql = 'ALTER TABLE config COMMENT ''4711'''");
  await using sniper = await startSniper({ rules: OLD, databases: [server] });
  await sniper.event("the connection", ({ event }) => event === "connected");
  await root.query("BEGIN");
  await root.query("SELECT * FROM config");
  const changes = [
    start(literal, "EXECUTE IMMEDIATE 'ALTER TABLE config COMMENT \"4711\"'"),
    start(variable, "EXECUTE IMMEDIATE @sql"),
    start(block, "BEGIN NOT ATOMIC ALTER TABLE config COMMENT '4711'; END"),
  ];
  const old = start(select, "EXECUTE IMMEDIATE 'SELECT SLEEP(30) FROM item'");
  assertEquals(await old.error, INTERRUPTED);
  const expected = [...changes.map(({ id }) => `needs-verb ${id}`), `killed ${old.id}`].toSorted();
  await waitFor("all to be told", () => Promise.resolve(sniper.kills().length >= expected.length));
  assertEquals(sniper.kills().toSorted(), expected);
  await root.query("COMMIT");
  assertEquals(await Promise.all(changes.map(({ error }) => error)), [0, 0, 0]);
  assertCleanEnd(await sniper.stop());
}

async function roles(server: LabServer): Promise<void> {
  await using root = await Client.connect(server, undefined, { database: "test" });
  for (
    const sql of [
      "CREATE ROLE reports",
      "GRANT ALL ON test.* TO reports",
      "CREATE USER batch@'%' IDENTIFIED BY 'batch'",
      "GRANT ALL ON test.* TO batch@'%'",
      "CREATE DEFINER = reports PROCEDURE report() BEGIN DECLARE i INT DEFAULT 0; WHILE i < 8 DO " +
      "SELECT SLEEP(0.5) INTO @n; SET i = i + 1; END WHILE; END",
    ]
  ) await root.query(sql);
  await using batch = await Client.connect(server, { user: "batch", password: "batch" }, {
    database: "test",
  });
  await using sniper = await startSniper({
    rules: `protect: ["user = 'batch'"]\n${SELECTS}`,
    databases: [server],
  });
  await sniper.event("the connection", ({ event }) => event === "connected");
  assertEquals(await start(batch, "CALL report()").error, 0);
  assertEquals(sniper.kills().filter((kill) => kill.startsWith("killed")), []);
  assertCleanEnd(await sniper.stop());
}

async function inner(server: LabServer): Promise<void> {
  await using root = await Client.connect(server, undefined, { database: "test" });
  const body =
    "BEGIN DECLARE i INT DEFAULT 0; WHILE i < 8 DO SELECT SLEEP(0.5) INTO @n; SET i = i + 1; END WHILE; END";
  await root.query(`CREATE PROCEDURE invoked() SQL SECURITY INVOKER ${body}`);
  await using clients = await appClients(server, 3);
  const [caller, block, select] = clients.clients as [Client, Client, Client];
  await using sniper = await startSniper({ rules: SELECTS, databases: [server] });
  await sniper.event("the connection", ({ event }) => event === "connected");
  const old = start(select, "SELECT SLEEP(30) FROM item");
  const calls = [start(caller, "CALL invoked()"), start(block, body.replace("BEGIN", "BEGIN NOT ATOMIC"))];
  assertEquals(await Promise.all(calls.map(({ error }) => error)), [0, 0]);
  assertEquals(await old.error, INTERRUPTED);
  assertEquals(sniper.kills(), [`killed ${old.id}`]);
  assertCleanEnd(await sniper.stop());
}

async function many(server: LabServer): Promise<void> {
  await using clients = await appClients(server, 40);
  await using sniper = await startSniper({ rules: OLD, databases: [server] });
  await sniper.event("the connection", ({ event }) => event === "connected");
  const sleeps = clients.clients.map((client) => start(client, "DO SLEEP(30)"));
  await Promise.all(sleeps.map(({ error }) => error));
  await waitFor("all to be told", () => Promise.resolve(sniper.kills().length === sleeps.length));
  assertEquals(sniper.kills().toSorted(), sleeps.map(({ id }) => `killed ${id}`).toSorted());
  assertCleanEnd(await sniper.stop());
}
