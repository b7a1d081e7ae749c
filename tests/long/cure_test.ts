// What is killed is the cause: on real servers, with a second client as witness.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { ACCOUNTS, caughtUp, Client, type LabPair, type LabServer, waitFor } from "../lab/mod.ts";
import {
  appClients,
  assertCleanEnd,
  assertSpared,
  type Case,
  INTERRUPTED,
  loggedDuring,
  onEachFlavor,
  runOnce,
  slowQuery,
  start,
  startSniper,
  withLockInfo,
} from "../integration/fixture.ts";
import { startWriter, throughSlowLink } from "../integration/lag_observer.ts";

const CASES: readonly Case[] = [
  [
    "history: the holder of the oldest read view is ended, and the list falls",
    async ({ primary, flavor }) => {
      await using app = await appClients(primary, 2);
      const [old, pinning] = app.clients as [Client, Client];
      await using other = await Client.connect(primary, ACCOUNTS.root, { database: "test" });
      await using writer = await Client.connect(primary, ACCOUNTS.root, { database: "test" });
      await old.query("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
      for (const sql of ["BEGIN", "SELECT COUNT(*) FROM item"]) await old.query(sql);
      await systemClock.sleep(1100);
      for (const sql of ["BEGIN", "SELECT COUNT(*) FROM item"]) await pinning.query(sql);
      await using sniper = await startSniper({
        rules: `
        limits: { hll: 2k }
        policies:
          - name: history
            when: hll > limits.hll
            where: pins_purge
            then: kill connection
            settle: 30s`,
        databases: [primary],
      });
      await sniper.event("the first look", ({ event }) => event === "lease");
      await writeHistory(writer, 1500);
      const long = start(other, slowQuery(8));
      await systemClock.sleep(300);
      await writeHistory(writer, 1500);
      const kill = await sniper.event("the kill", ({ outcome }) => outcome === "killed");
      assertEquals([kill["outcome"], (kill["session"] as { id: number }).id], ["killed", pinning.id]);
      assertEquals(
        (kill["because"] as readonly { expression: string }[]).map(({ expression }) => expression),
        [
          "hll > limits.hll",
          "pins_purge",
        ],
      );
      // Purge wakes up with the writes of others.
      await waitFor("the gate's closing", async () => {
        await writeHistory(writer, 1);
        return sniper.events().some(({ event, state }) => event === "gate" && state === "closed");
      }, { timeoutMs: 20_000 });
      assertEquals(sniper.kills(), [`killed ${pinning.id}`], flavor);
      assertEquals(await old.query("SELECT 1 AS one"), [{ one: 1 }], "the older transaction pins nothing");
      assertEquals(await long.error, 0, "the long query is younger");
      assertCleanEnd(await sniper.stop());
    },
  ],

  ["the network is the reason: the lag is seen, and nobody is killed for it", async (pair) => {
    const { primary, replica } = pair;
    await using _writer = await startWriter(primary);
    await using link = await throughSlowLink(pair);
    await caughtUp(pair);
    await using app = await appClients(replica, 1);
    await using sniper = await startSniper({
      rules: `
        policies:
          - { name: late, when: lag > 3s, where: running, then: log }
          - { name: applying, when: lag_apply > 1s, where: running and user = 'app', then: kill query }`,
      databases: [
        `{ name: source, host: ${primary.host}, port: ${primary.port} }`,
        `{ name: replica, host: ${replica.host}, port: ${replica.port}, source: source }`,
      ],
    });
    await sniper.event("both", () => sniper.events().filter(({ event }) => event === "lease").length === 2);
    const spared = start(app.clients[0]!, slowQuery(6));
    link.limit(0);
    const gate = await sniper.event("the gate", ({ event, state }) => event === "gate" && state === "open");
    const [clause] = gate["because"] as readonly { expression: string; by: string }[];
    assertEquals([gate["policy"], clause?.expression, clause?.by], ["late", "lag > 3s", "source positions"]);
    assertEquals(await spared.error, 0);
    assertEquals(sniper.kills(), []);
    link.limit(Number.POSITIVE_INFINITY);
    await sniper.event("the gate's closing", ({ event, state }) => event === "gate" && state === "closed");
    assertCleanEnd(await sniper.stop());
  }],

  ["a reader holds up the applier: it is ended among twenty, and the replica catches up", async (pair) => {
    const { primary, replica } = pair;
    await using root = await Client.connect(primary, ACCOUNTS.root, { database: "test" });
    await root.query("CREATE TABLE IF NOT EXISTS moved (id INT PRIMARY KEY)");
    await caughtUp(pair);
    await using _plugin = await withLockInfo(pair, replica);
    await using app = await appClients(replica, 20);
    const [culprit, ...others] = app.clients as [Client, ...Client[]];
    const held = start(culprit, "SELECT SLEEP(60) FROM (SELECT 1) AS one LEFT JOIN moved ON TRUE");
    const spared = others.map((client) => start(client, slowQuery(12)));
    await using sniper = await startSniper({
      rules: `
        policies:
          - name: applier
            when: lag_apply > 1s
            where: blocks_replication
            then: kill query
            settle: 5s`,
      databases: [primary, replica],
    });
    await sniper.event("both", () => sniper.events().filter(({ event }) => event === "lease").length === 2);
    await root.query("ALTER TABLE moved ADD COLUMN IF NOT EXISTS a INT".replace(
      pair.flavor === "mysql" ? " IF NOT EXISTS" : "\0",
      "",
    ));
    const kill = await sniper.event("the kill", ({ event }) => event === "kill");
    assertEquals([kill["database"], kill["outcome"]], [replica.name, "killed"]);
    // A SLEEP that is interrupted may end without an error on MySQL.
    assert([0, INTERRUPTED].includes(await held.error));
    await caughtUp(pair);
    assertEquals(await Promise.all(spared.map(({ error }) => error)), spared.map(() => 0));
    assertEquals(sniper.kills(), [`killed ${culprit.id}`]);
    assertCleanEnd(await sniper.stop());
    await root.query("DROP TABLE moved");
  }],

  ["row locks: of a chain behind an idle transaction the root is ended", async (pair) => {
    const { primary } = pair;
    await using _plugin = await withLockInfo(pair, primary);
    await using app = await appClients(primary, 5);
    const [holder, ...waiters] = app.clients as [Client, ...Client[]];
    for (const sql of ["BEGIN", "UPDATE item SET stock = 1 WHERE id = 77"]) await holder.query(sql);
    const waiting = waiters.map((client) => start(client, "UPDATE item SET stock = 2 WHERE id = 77"));
    await systemClock.sleep(800);
    const result = await runOnce({
      rules: "policies: [{ name: blockers, where: blocking >= 4 and not waiting, then: kill connection }]",
      databases: [primary],
    });
    assertCleanEnd(result);
    const kills = killEvents(result.stdout);
    assertEquals(kills.map(({ outcome, session }) => [outcome, session.id]), [["killed", holder.id]]);
    assertEquals(kills[0]!.because[0], { expression: "blocking >= 4", left: "4", right: "4" });
    assertEquals(await Promise.all(waiting.map(({ error }) => error)), [0, 0, 0, 0]);
  }],

  ["a pile-up behind an ALTER behind a long SELECT: one kill frees all", async (pair) => {
    const { primary } = pair;
    await using _plugin = await withLockInfo(pair, primary);
    await using app = await appClients(primary, 32);
    const [long, altering, ...queries] = app.clients as [Client, Client, ...Client[]];
    const culprit = start(long, "SELECT name, SLEEP(60) FROM config");
    await systemClock.sleep(500);
    const alter = start(altering, "ALTER TABLE config COMMENT 'x', FORCE");
    await systemClock.sleep(500);
    const stuck = queries.map((client) => start(client, "SELECT * FROM config"));
    await systemClock.sleep(500);
    const result = await runOnce({
      rules: `
        policies:
          - name: pile-up
            when: metadata_lock_waits > 20
            where: blocking > 20 and not waiting
            then: kill query
            victims: { order: most-blocking, limit: 1 }`,
      databases: [primary],
    });
    assertCleanEnd(result);
    assertEquals(killEvents(result.stdout).map(({ outcome, session }) => [outcome, session.id]), [
      ["killed", long.id],
    ]);
    assert([0, INTERRUPTED].includes(await culprit.error));
    assertEquals(
      [await alter.error, ...await Promise.all(stuck.map(({ error }) => error))],
      Array(31).fill(0),
    );
  }],

  ["what would be costly to undo is spared, unless the policy says any", async ({ primary }) => {
    await using app = await appClients(primary, 1);
    const [client] = app.clients as [Client];
    for (const sql of ["BEGIN", "UPDATE item SET stock = stock + 1 WHERE id <= 500"]) await client.query(sql);
    // MariaDB times transactions in whole seconds, and what it shows is the least that they may be.
    await systemClock.sleep(2500);
    const once = (rest: string) =>
      runOnce({
        rules: `
          limits: { rollback_rows: 100 }
          policies:
            - name: idle
              where: idle and transaction_time > 200ms and user = 'app'
              then: kill connection${rest}`,
        databases: [primary],
      });
    const [spared] = killEvents((await once("")).stdout);
    assertEquals([spared?.outcome, spared?.reason], ["skipped", "rollback-cost"]);
    assertEquals(spared?.because.at(-1), {
      expression: "rows_modified > limits.rollback_rows",
      left: "500",
      right: "100",
    });
    assertEquals(await client.query("SELECT 1 AS one"), [{ one: 1 }]);
    const [killed] = killEvents((await once("\n              rollback: any")).stdout);
    assertEquals(killed?.outcome, "killed");
  }],

  ["a stampede: sessions that run the same statement are counted", async ({ primary }) => {
    await using app = await appClients(primary, 6);
    const alike = app.clients.slice(0, 5).map((client, index) =>
      start(client, slowQuery(20, `note ${index}`))
    );
    const lone = start(app.clients[5]!, `${slowQuery(60)} LIMIT 2`);
    await systemClock.sleep(600);
    const result = await runOnce({
      rules: "policies: [{ name: stampede, where: same_digest >= 5 and same_user >= 6, then: kill query }]",
      databases: [primary],
    });
    assertCleanEnd(result);
    assertEquals(killEvents(result.stdout).map(({ outcome }) => outcome), Array(5).fill("killed"));
    assertEquals(await Promise.all(alike.map(({ error }) => error)), alike.map(() => INTERRUPTED));
    await assertSpared(primary, lone);
  }],

  ["a prepared transaction without a session is named, and cannot be killed", async ({ primary, flavor }) => {
    await using root = await Client.connect(primary, ACCOUNTS.root, { database: "test" });
    const gone = await Client.connect(primary, ACCOUNTS.root, { database: "test" });
    for (
      const sql of ["XA START 'x'", "UPDATE item SET stock = 1 WHERE id = 99", "XA END 'x'", "XA PREPARE 'x'"]
    ) await gone.query(sql);
    await gone.close();
    await using app = await appClients(primary, 1);
    await app.clients[0]!.query("SELECT 1");
    await systemClock.sleep(400);
    const result = await runOnce({
      rules: "policies: [{ name: pins, where: pins_purge and user = 'app', then: kill connection }]",
      databases: [primary],
    });
    await root.query("XA ROLLBACK 'x'");
    assertCleanEnd(result);
    const named = eventsOf(result.stdout).find(({ event }) => event === "unkillable");
    assertEquals([named?.["rows_modified"], killEvents(result.stdout)], [1, []], flavor);
  }],

  [
    "a transaction that XA has prepared is spared while its session is there, too",
    async ({ primary, flavor }) => {
      await using app = await appClients(primary, 1);
      const [client] = app.clients as [Client];
      for (
        const sql of [
          "XA START 'y'",
          "UPDATE item SET stock = 1 WHERE id = 98",
          "XA END 'y'",
          "XA PREPARE 'y'",
        ]
      ) {
        await client.query(sql);
      }
      await systemClock.sleep(2500);
      const result = await runOnce({
        rules:
          `policies: [{ name: p, where: "idle and idle_time > 1s and user = 'app'", then: kill connection }]`,
        databases: [primary],
      });
      assertCleanEnd(result);
      // MySQL detaches it from its session at once (xa_detach_on_prepare), which is like any other then.
      const isDetached = flavor === "mysql";
      assertEquals(killEvents(result.stdout).map(({ outcome }) => outcome), isDetached ? ["killed"] : []);
      await using root = await Client.connect(primary);
      await (isDetached ? root : client).query("XA ROLLBACK 'y'");
    },
  ],

  ["policies that name only lag cost one statement a look", async (pair) => {
    const { primary, replica } = pair;
    await using sniper = await startSniper({
      rules: "policies: [{ name: late, when: lag > 1h, where: running, then: kill query }]",
      databases: [primary, replica],
    });
    await sniper.event("both", () => sniper.events().filter(({ event }) => event === "lease").length === 2);
    await systemClock.sleep(1500);
    const logged = await loggedDuring(replica, () => systemClock.sleep(2000), { user: "sniper" });
    const statements = logged.filter((text) => /query-sniper|session_status/i.test(text));
    assert(statements.length >= 10, `${statements.length} statements`);
    assertEquals(new Set(statements).size, 1, JSON.stringify([...new Set(statements)], null, 1));
    assertStringIncludes(statements[0]!, "GET_LOCK('query-sniper'");
    assert(!/PROCESSLIST|performance_schema\.threads/i.test(statements[0]!), "no session is read");
    assertCleanEnd(await sniper.stop());
  }],

  ["a number of the user's own opens a gate; whatever is none is unknown", async ({ primary }) => {
    await using app = await appClients(primary, 1);
    const victim = start(app.clients[0]!, slowQuery(120));
    await systemClock.sleep(600);
    const run = async (sql: string) => {
      const { stdout, code } = await runOnce({
        rules: `
          metrics: { queue: { sql: "${sql}", every: 5s } }
          policies:
            - name: queue
              when: metric.queue > 10
              where: time > 200ms and user = 'app'
              then: kill query`,
        databases: [primary],
      });
      assertEquals(code, 0, stdout);
      const gate = eventsOf(stdout).find(({ event }) => event === "gate");
      const [clause] = gate === undefined ? [] : gate["because"] as KillEvent["because"];
      return [gate?.["state"] ?? "closed", clause?.left, killEvents(stdout).map(({ outcome }) => outcome)];
    };
    const unknown = (reason: string) => ["unknown", `unknown: ${reason}`, []];
    assertEquals(await run("SELECT 10"), ["closed", undefined, []]);
    assertEquals(await run("SELECT NULL"), unknown("its SQL yields NULL"));
    assertEquals(await run("SELECT 'x4711'"), unknown("its SQL yields no number"));
    assertEquals(await run("SELECT 1, 2"), unknown("its SQL yields 1 rows of 2 columns, not one number"));
    assertEquals(
      await run("SELECT 1 FROM (SELECT 1) AS t WHERE FALSE"),
      unknown("its SQL yields 0 rows of 0 columns, not one number"),
    );
    assertEquals((await run("SELECT nothing"))[0], "unknown");
    assertEquals((await run("SELECT 11 FROM (SELECT 1) AS t WHERE SLEEP(30)"))[0], "unknown", "too slow");
    assertEquals(await run("SELECT 11"), ["open", "11", ["killed"]]);
    assertEquals(await victim.error, INTERRUPTED);
  }],

  ["where nobody shows who blocks whom, nobody is killed for it, and it says what helps", async (pair) => {
    if (pair.flavor === "mysql") await withoutMetadataLocks(pair.primary, () => assertSaysWhatHelps(pair));
    else await assertSaysWhatHelps(pair);
  }],
];

await onEachFlavor("The cause", CASES);

async function assertSaysWhatHelps({ primary, flavor }: LabPair): Promise<void> {
  await using app = await appClients(primary, 2);
  const [holder, waiter] = app.clients as [Client, Client];
  for (const sql of ["BEGIN", "SELECT * FROM config"]) await holder.query(sql);
  const alter = start(waiter, "ALTER TABLE config COMMENT 'x', FORCE");
  await systemClock.sleep(600);
  const { stdout, code } = await runOnce({
    rules: "policies: [{ name: p, where: blocking > 0 and not waiting, then: kill connection }]",
    databases: [primary],
  });
  const told = eventsOf(stdout).filter(({ event }) => event === "privilege");
  assertEquals([code, told.length, told[0]?.["need"], killEvents(stdout)], [1, 1, "locks", []]);
  assertStringIncludes(
    String(told[0]!["remedy"]),
    flavor === "mysql" ? "wait/lock/metadata/sql/mdl" : "INSTALL SONAME 'metadata_lock_info'",
  );
  await holder.query("COMMIT");
  assertEquals(await alter.error, 0);
}

/** Turns MySQL's instrument of metadata locks off for a while. */
async function withoutMetadataLocks(server: LabServer, run: () => Promise<void>): Promise<void> {
  await using root = await Client.connect(server);
  const turn = (enabled: "YES" | "NO") =>
    root.query(
      "UPDATE performance_schema.setup_instruments SET ENABLED = ? WHERE NAME = 'wait/lock/metadata/sql/mdl'",
      [enabled],
    );
  await turn("NO");
  try {
    await run();
  } finally {
    await turn("YES");
  }
}

/** Each statement is a transaction of its own, and leaves one entry of history. */
async function writeHistory(writer: Client, count: number): Promise<void> {
  for (let id = 1; id <= count; id++) {
    await writer.query("UPDATE item SET stock = stock + 1 WHERE id = ?", [id]);
  }
}

interface KillEvent {
  readonly outcome: string;
  readonly reason?: string;
  readonly session: { readonly id: number };
  readonly because: readonly {
    readonly expression: string;
    readonly left: string;
    readonly right?: string;
  }[];
}

function eventsOf(stdout: string) {
  return stdout.trim().split("\n").map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

function killEvents(stdout: string): readonly KillEvent[] {
  return eventsOf(stdout).filter(({ event }) => event === "kill") as unknown as readonly KillEvent[];
}
