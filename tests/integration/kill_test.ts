import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { connect, disconnect, kill, readIdentity, readSessions } from "../../src/mysql/mod.ts";
import { Secret } from "../../src/text/secret.ts";
import { ACCOUNTS, Client, type LabPair, type LabServer, waitFor } from "../lab/mod.ts";
import {
  appClients,
  assertCleanEnd,
  assertSpared,
  type Case,
  errorOf,
  INTERRUPTED,
  nothingHappensFor,
  onEachFlavor,
  type Running,
  runOnce,
  slowQuery,
  type Sniper,
  start,
  startSniper,
} from "./fixture.ts";

const LONG = "policies: [{ name: long, where: \"user = 'app' and time > 500ms\", then: kill query }]";

const CASES: readonly Case[] = [
  ["kills what runs too long, and nothing else", async ({ primary }) => {
    await using app = await appClients(primary, 3);
    const [slow, quick, idle] = app.clients as [Client, Client, Client];
    await using sniper = await startSniper({ rules: LONG, databases: [primary] });
    await sniper.event("the connection", ({ event }) => event === "connected");
    const victim = start(slow, slowQuery(20));
    assertEquals(await errorOf(quick.query(slowQuery(0.1))), 0);
    assertEquals(await victim.error, INTERRUPTED);
    const event = await sniper.event("the kill", ({ event }) => event === "kill");
    assertEquals(event["outcome"], "killed");
    assertEquals(event["action"], "kill query");
    assertEquals(event["statement"], {
      ...event["statement"] as object,
      digest_text: "SELECT ? AS `note` , `SLEEP` (?) FROM ( SELECT ? UNION ALL SELECT ? ) AS `two`",
      verb: "select",
    });
    assertEquals(await slow.query("SELECT 1 AS one"), [{ one: 1 }], "its session lives on");
    assertEquals(await idle.query("SELECT 1 AS one"), [{ one: 1 }]);
    assertEquals(sniper.kills(), [`killed ${victim.id}`]);
    assertCleanEnd(await sniper.stop());
  }],

  ["kills a prepared statement, which shows as Execute", async ({ primary }) => {
    await using app = await appClients(primary, 2);
    const [binary, text] = app.clients as [Client, Client];
    const marker = slowQuery(20).replace("'sesame-4711'", "?");
    const first = errorOf(binary.execute(marker, ["sesame-4711"]));
    await text.query(`PREPARE slow FROM "${marker}"`);
    await text.query("SET @note = 'sesame-4711'");
    const second = errorOf(text.query("EXECUTE slow USING @note"));
    await using sniper = await startSniper({
      rules: "policies: [{ name: long, where: \"verb = 'select' and time > 500ms\", then: kill query }]",
      databases: [primary],
    });
    assertEquals([await first, await second], [INTERRUPTED, INTERRUPTED]);
    assertCleanEnd(await sniper.stop());
  }],

  ["spares everything in a dry run, and says once what it would kill", async ({ primary }) => {
    await using app = await appClients(primary, 1);
    const [client] = app.clients as [Client];
    for (const [mode, args] of [["dry-run", []], ["enforce", ["--dry-run"]]] as const) {
      await using sniper = await startSniper({ mode, rules: LONG, databases: [primary] }, args);
      const spared = start(client, slowQuery(60));
      await sniper.event(
        "the decision",
        ({ event, outcome }) => event === "kill" && outcome === "would-kill",
      );
      await nothingHappensFor(1000);
      await assertSpared(primary, spared);
      assertEquals(sniper.kills(), [`would-kill ${spared.id}`]);
      assertCleanEnd(await sniper.stop());
    }
  }],

  ["logs what a log policy matches, and kills nothing", async ({ primary }) => {
    await using app = await appClients(primary, 1);
    const matched = start(app.clients[0]!, slowQuery(60));
    await using sniper = await startSniper({
      rules: LONG.replace("kill query", "log"),
      databases: [primary],
    });
    await sniper.event("the match", ({ event }) => event === "match");
    await nothingHappensFor(1000);
    await assertSpared(primary, matched);
    assertEquals(sniper.events().filter(({ event }) => event === "match" || event === "kill").length, 1);
    assertCleanEnd(await sniper.stop());
  }],

  ["ends idle connections, and only those", async ({ primary }) => {
    await using app = await appClients(primary, 2);
    const [idle, busy] = app.clients as [Client, Client];
    const running = start(busy, slowQuery(60));
    await using sniper = await startSniper({
      rules:
        "policies: [{ name: idle, where: \"user = 'app' and idle_time > 700ms\", then: kill connection }]",
      databases: [primary],
    });
    await sniper.event("the kill", ({ event, outcome }) => event === "kill" && outcome === "killed");
    assertEquals(sniper.kills(), [`killed ${idle.id}`]);
    assertEquals(await errorOf(idle.query("SELECT 1")), -1);
    await assertSpared(primary, running);
    assertCleanEnd(await sniper.stop());
  }],

  ["ends the connections of running statements", async ({ primary }) => {
    await using app = await appClients(primary, 1);
    const victim = start(app.clients[0]!, slowQuery(20));
    await using sniper = await startSniper({
      rules: LONG.replace("kill query", "kill connection"),
      databases: [primary],
    });
    assertEquals(await victim.error, -1);
    await sniper.event("the kill", ({ event, outcome }) => event === "kill" && outcome === "killed");
    assertCleanEnd(await sniper.stop());
  }],

  ["spares replication and itself where a policy would end everything", async (pair) => {
    await using app = await appClients(pair.primary, 2);
    await using sniper = await startSniper({
      rules: "policies: [{ name: all, where: always, then: kill connection }]",
      databases: [pair.primary, pair.replica],
    });
    const ids = app.clients.map(({ id }) => id);
    await waitFor("the kills", () => Promise.resolve(sniper.kills().length >= 2));
    // Several more looks, at which there is nothing left but what is never selected.
    await nothingHappensFor(1000);
    assertEquals([...sniper.kills()].sort(), ids.map((id) => `killed ${id}`).sort());
    assertCleanEnd(await sniper.stop());
    await assertReplicates(pair);
  }],

  ["spares what is protected, and says why", async ({ primary }) => {
    await using app = await appClients(primary, 1);
    await using root = await Client.connect(primary);
    await using sniper = await startSniper({
      rules: `policies: [{ name: long, where: time > 500ms, then: kill query }]\nprotect: ["user = 'root'"]`,
      databases: [primary],
    });
    const spared = start(root, slowQuery(60));
    const victim = start(app.clients[0]!, slowQuery(20));
    assertEquals(await victim.error, INTERRUPTED);
    await sniper.event("the refusal", ({ reason }) => reason === "protected");
    await nothingHappensFor(500);
    await assertSpared(primary, spared);
    assertEquals([...sniper.kills()].sort(), [`killed ${victim.id}`, `protected ${spared.id}`]);
    assertCleanEnd(await sniper.stop());
  }],

  ["ends DDL only where the policy names its verb", async ({ primary }) => {
    await using root = await Client.connect(primary);
    await root.query("GRANT ALTER ON test.* TO app@'%'");
    await using app = await appClients(primary, 2);
    const [holder, altering] = app.clients as [Client, Client];
    await holder.query("BEGIN");
    await holder.query("SELECT * FROM config");
    const ddl = start(altering, "ALTER TABLE config ADD COLUMN extra INT");
    {
      await using sniper = await startSniper({ rules: LONG, databases: [primary] });
      await sniper.event("the refusal", ({ event, reason }) => event === "kill" && reason === "needs-verb");
      assertEquals(sniper.kills(), [`needs-verb ${ddl.id}`]);
    }
    await using sniper = await startSniper({
      rules: "policies: [{ name: ddl, where: \"verb = 'alter' and time > 500ms\", then: kill query }]",
      databases: [primary],
    });
    assertEquals(await ddl.error, INTERRUPTED);
    assertCleanEnd(await sniper.stop());
  }],

  ["keeps to its budget", async ({ primary }) => {
    await using app = await appClients(primary, 3);
    const running = app.clients.map((client) => start(client, slowQuery(60)));
    await using sniper = await startSniper({
      rules: `${LONG}\nbudget: { kills: 2, per: 1h }`,
      databases: [primary],
    });
    await sniper.event("the budget", ({ event }) => event === "budget");
    await nothingHappensFor(1000);
    await assertKilled(2, running, sniper, primary);
    assertEquals(sniper.kills().map((kill) => kill.split(" ")[0]).toSorted(), ["budget", "killed", "killed"]);
    const budgets = sniper.events().filter(({ event }) => event === "budget");
    assertEquals(budgets.map(({ state, limit, allowed, per }) => ({ state, limit, allowed, per })), [
      { state: "spent", limit: "kills", allowed: 2, per: "1h" },
    ]);
    assertCleanEnd(await sniper.stop());
  }],

  ["kills no more than its share of the running sessions", async ({ primary }) => {
    await using app = await appClients(primary, 10);
    const running = app.clients.map((client) => start(client, slowQuery(60)));
    await using sniper = await startSniper({
      rules: `${LONG}\nbudget: { share: 20%, per: 1h, at_least: 1 }`,
      databases: [primary],
    });
    const spent = await sniper.event("the budget", ({ event }) => event === "budget");
    assertEquals([spent["state"], spent["limit"], spent["allowed"]], ["spent", "share", 2]);
    await nothingHappensFor(1000);
    await assertKilled(2, running, sniper, primary);
    assertCleanEnd(await sniper.stop());
  }],

  ["kills all of a handful: the usual share is never fewer than five", async ({ primary }) => {
    await using app = await appClients(primary, 4);
    const running = app.clients.map((client) => start(client, slowQuery(60)));
    await using sniper = await startSniper({
      rules: `${LONG}\nbudget: { share: 20%, per: 1h }`,
      databases: [primary],
    });
    await waitFor("all of them to be killed", () => Promise.resolve(sniper.kills().length === 4));
    await assertKilled(4, running, sniper, primary);
    assertEquals(sniper.events().filter(({ event }) => event === "budget"), []);
    assertCleanEnd(await sniper.stop());
  }],

  ["takes as many victims at a look as the policy says, the oldest first", async ({ primary }) => {
    await using app = await appClients(primary, 2);
    const [first, second] = app.clients as [Client, Client];
    const older = start(first, slowQuery(20));
    await systemClock.sleep(100);
    const younger = start(second, slowQuery(20));
    await systemClock.sleep(700);
    const { stdout } = await runOnce({
      rules: LONG.replace("query }", "query, victims: { limit: 1 } }"),
      databases: [primary],
    });
    assertEquals(await older.error, INTERRUPTED);
    const kills = stdout.trim().split("\n").map((line) => JSON.parse(line)).filter(({ event }) =>
      event === "kill"
    );
    assertEquals(kills.map(({ reason, outcome, session }) => `${reason ?? outcome} ${session.id}`), [
      `victims-limit ${younger.id}`,
      `killed ${older.id}`,
    ]);
    await assertSpared(primary, younger);
  }],

  [
    "kills all that a gate lets it select, on several databases at once, from cron",
    async ({ primary, replica }) => {
      await using onPrimary = await appClients(primary, 3);
      await using onReplica = await appClients(replica, 3);
      const running = [...onPrimary.clients, ...onReplica.clients].map((client) =>
        start(client, slowQuery(20))
      );
      await systemClock.sleep(700);
      const result = await runOnce({
        rules: `
        limits: { hll: 1, lag: 1ms, age: 500ms }
        policies:
          - name: impacted
            when: hll > limits.hll or lag > limits.lag or threads_running > 2
            where: user = 'app' and time > limits.age
            then: kill query`,
        databases: [primary, replica],
      });
      assertCleanEnd(result);
      assertEquals(await Promise.all(running.map(({ error }) => error)), running.map(() => INTERRUPTED));
      const last = JSON.parse(result.stdout.trim().split("\n").at(-1)!);
      assertEquals([last.event, last.looks, last.kills, last.errors], ["stop", 2, 6, 0]);
    },
  ],

  ["kill() misses a statement that is over, and the next one of its session lives", async ({ primary }) => {
    await using app = await appClients(primary, 1);
    const [client] = app.clients as [Client];
    const { host, port } = primary;
    const { user, password } = ACCOUNTS.sniper;
    const server = await connect({
      address: { host, port },
      tls: { mode: "preferred" },
      account: { user, password: new Secret(password) },
    }, { armed: true });
    try {
      const { identity } = await readIdentity(server.watching, server.capabilities);
      const first = start(client, slowQuery(1));
      const read = () =>
        readSessions(server.watching, server.capabilities, { ids: [client.id], uptime: Infinity });
      const [seen] = await waitFor("the statement", async () => {
        const sessions = await read();
        return sessions[0]?.running ? sessions : undefined;
      });
      assertEquals(await first.error, 0);
      const next = start(client, slowQuery(60));
      // Its client may have the answer before the server has done with the statement.
      await waitFor("the next statement", async () => {
        const [now] = await read();
        return now?.running && now.execution !== seen!.execution;
      });
      for (const kind of ["query", "connection"] as const) {
        const { id, execution, running } = seen!;
        const target = { kind, id, execution, running, server: identity, lease: undefined };
        assertEquals(await kill(server.killing!, server.capabilities, target), "missed", kind);
        const [now] = await read();
        for (
          const other of [{ ...identity, server: "another" }, { ...identity, started: identity.started - 60 }]
        ) {
          const elsewhere = {
            kind,
            id,
            execution: now!.execution,
            running: true,
            server: other,
            lease: undefined,
          };
          assertEquals(
            await kill(server.killing!, server.capabilities, elsewhere),
            "missed",
            "another server",
          );
        }
      }
      await assertSpared(primary, next);
      assertEquals(await client.query("SELECT 1 AS one"), [{ one: 1 }]);
    } finally {
      await disconnect(server);
    }
  }],

  ["reports a kill that the server denies, with the privilege that is missing", async (pair) => {
    await using root = await Client.connect(pair.primary);
    const grants = pair.flavor === "mysql"
      ? ["GRANT PROCESS ON *.* TO observer@'%'", "GRANT SELECT ON performance_schema.* TO observer@'%'"]
      : ["GRANT PROCESS ON *.* TO observer@'%'", "GRANT SELECT ON mysql.proc TO observer@'%'"];
    for (const sql of ["CREATE USER observer@'%' IDENTIFIED BY 'observer'", ...grants]) await root.query(sql);
    await using app = await appClients(pair.primary, 1);
    const spared = start(app.clients[0]!, slowQuery(60));
    await systemClock.sleep(700);
    const account = { user: "observer", password: "observer" };
    const { code, stdout } = await runOnce({ rules: LONG, databases: [pair.primary], account });
    await root.query("DROP USER observer@'%'");
    await assertSpared(pair.primary, spared);
    assertEquals(code, 1);
    const events = stdout.trim().split("\n").map((line) => JSON.parse(line));
    const privilege = pair.flavor === "mysql" ? "CONNECTION_ADMIN" : "CONNECTION ADMIN";
    const grant = `GRANT ${privilege} ON *.* TO 'observer'@'%'`;
    assertEquals(events.find(({ event }) => event === "privilege")?.remedy, grant);
    const denied = events.find(({ event }) => event === "kill");
    assertEquals(denied.outcome, "denied");
    assertStringIncludes(denied.note, grant);
  }],
];

await onEachFlavor("The program kills", CASES);

/** Demands that so many of the statements were killed, and that all others run on. */
async function assertKilled(
  count: number,
  running: readonly Running[],
  sniper: Sniper,
  server: LabServer,
): Promise<void> {
  const kills = sniper.kills();
  const [killed, spared] = [true, false].map((is) =>
    running.filter(({ id }) => kills.includes(`killed ${id}`) === is)
  ) as [Running[], Running[]];
  assertEquals(killed.length, count);
  assertEquals(await Promise.all(killed.map(({ error }) => error)), killed.map(() => INTERRUPTED));
  for (const statement of spared) await assertSpared(server, statement);
}

async function assertReplicates({ primary, replica, flavor }: LabPair): Promise<void> {
  await using writer = await Client.connect(primary);
  await using reader = await Client.connect(replica);
  const value = `after ${Date.now()}`;
  await writer.query("REPLACE INTO test.config VALUES ('kill-test', ?)", [value]);
  await waitFor("the row on the replica", async () => {
    const [row] = await reader.query("SELECT value FROM test.config WHERE name = 'kill-test'");
    return row?.["value"] === value;
  });
  const [status] = await reader.query(flavor === "mysql" ? "SHOW REPLICA STATUS" : "SHOW SLAVE STATUS");
  assert(status !== undefined);
}
