import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import type { ConnectionTarget } from "../../src/connection/mod.ts";
import { Secret } from "../../src/text/secret.ts";
import { Turns } from "../../src/mysql/turns.ts";
import { ACCOUNTS, Client, type LabPair, type LabServer, waitFor } from "../lab/mod.ts";
import { runProgram } from "../program.ts";
import {
  appClients,
  assertCleanEnd,
  assertSpared,
  type Case,
  INTERRUPTED,
  nothingHappensFor,
  onEachFlavor,
  slowQuery,
  start,
  startSniper,
  withLockInfo,
  writeConfig,
} from "../integration/fixture.ts";
import { HOSTILE, withSettings } from "../integration/hostile_settings.ts";

const WATCHER = { user: "watcher", password: "watcher" };

function targetOf(
  { host, port }: LabServer,
  { user, password } = ACCOUNTS.sniper as typeof WATCHER,
): ConnectionTarget {
  return {
    address: { host, port },
    tls: { mode: "preferred" },
    account: { user, password: new Secret(password) },
  };
}

/** How often InnoDB says anew what transactions there are, in milliseconds, and not if it is asked sooner. */
const ANEW = 130;

/** No transaction stays ours: what is seen of one is of a look under way, and each of those is over in a moment. */
async function assertNothingHeld(root: Client, user = "sniper"): Promise<void> {
  const sql = "SELECT COUNT(*) AS n FROM information_schema.INNODB_TRX t " +
    "JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id " +
    "WHERE p.USER = ? AND t.trx_started < NOW() - INTERVAL 2 SECOND";
  for (let index = 0; index < 25; index++) {
    await systemClock.sleep(ANEW);
    assertEquals(await root.query(sql, [user]), [{ n: 0 }]);
  }
}

const CASES: readonly Case[] = [
  ["a hostile server is seen as it is, and the same is killed there", async (pair) => {
    const { flavor, primary } = pair;
    await using _info = await withLockInfo(pair, primary);
    await using app = await appClients(primary, 3);
    const [victim, writer, waiter] = app.clients as [Client, Client, Client];
    await writer.query("BEGIN");
    await writer.query("UPDATE item SET stock = 1 WHERE id = 1");
    await using config = await writeConfig({ mode: "dry-run", rules: EVERYTHING, databases: [primary] });
    const waiting = start(waiter, "UPDATE item SET stock = 2 WHERE id = 1");
    const spared = start(victim, slowQuery(120));
    const before = await explained(config.file);
    await using hostile = await withSettings(primary, HOSTILE[flavor]);
    assertEquals(await explained(config.file), before);
    assertEquals(before.sessions.length, 3, JSON.stringify(before));
    // A client that connects now is limited to what makes no sense.
    await hostile.root.query(`KILL QUERY ${spared.id}`);
    assertEquals(await spared.error, INTERRUPTED);
    await using sniper = await startSniper({ rules: ROOTS, databases: [primary] });
    const killed = start(victim, slowQuery(120));
    assertEquals(await waiting.error, 0, "the root blocker was ended");
    assertEquals(await killed.error, INTERRUPTED);
    await sniper.event("the kill", ({ policy, outcome }) => policy === "long" && outcome === "killed");
    await assertNothingHeld(hostile.root);
    // Unless each connection states for how long it may be silent, those here are closed after a second.
    assertEquals(sniper.kills().toSorted(), [`killed ${victim.id}`, `killed ${writer.id}`].toSorted());
    assertEquals(sniper.events().filter(({ event }) => event === "unreachable" || event === "privilege"), []);
    assertCleanEnd(await sniper.stop());
  }],

  [
    "autocommit = 0 for all: metrics change, and an ALTER of their table waits for nobody",
    async ({ primary }) => {
      await using hostile = await withSettings(primary, { autocommit: 0 });
      const { root } = hostile;
      await root.query("CREATE TABLE test.jobs (id INT PRIMARY KEY)");
      await using sniper = await startSniper({
        rules: `
        metrics: { jobs: { sql: SELECT COUNT(*) FROM test.jobs, every: 1s } }
        policies: [{ name: queue, when: metric.jobs > 0, where: user = 'nobody', then: kill query }]`,
        databases: [primary],
        account: ACCOUNTS.root,
      });
      await sniper.event("the connection", ({ event }) => event === "connected");
      await nothingHappensFor(1500);
      await assertNothingHeld(root, "root");
      await root.query("INSERT INTO test.jobs VALUES (1)");
      await sniper.event("the gate", ({ event, state }) => event === "gate" && state === "open");
      await root.query("SET SESSION lock_wait_timeout = 3");
      await root.query("ALTER TABLE test.jobs ADD COLUMN note INT");
      await root.query("DROP TABLE test.jobs");
      assertCleanEnd(await sniper.stop());
    },
  ],

  ["autocommit = 0 for all: a healthy replica's lag by its heartbeat table stays small", async (pair) => {
    const { primary, replica } = pair;
    await using hostile = await withSettings(replica, { autocommit: 0 });
    await using root = await Client.connect(primary);
    await root.query("CREATE TABLE test.beats (server_id INT PRIMARY KEY, ts DATETIME(6))");
    await using _beats = every(
      100,
      () => root.query("REPLACE INTO test.beats VALUES (@@server_id, UTC_TIMESTAMP(6))"),
    );
    await using app = await appClients(replica, 1);
    await waitFor(
      "the table on the replica",
      () => hostile.root.query("SELECT 1 FROM test.beats").catch(() => false),
    );
    await using sniper = await startSniper({
      rules: `
        heartbeat: test.beats
        policies: [{ name: lagging, when: lag > 3s, where: user = 'app' and running, then: kill query }]`,
      databases: [replica],
      account: ACCOUNTS.root,
    });
    const spared = start(app.clients[0]!, slowQuery(120));
    await sniper.event("the connection", ({ event }) => event === "connected");
    await nothingHappensFor(5000);
    assertEquals(sniper.events().filter(({ event }) => event === "gate" || event === "kill"), []);
    await assertNothingHeld(hostile.root, "root");
    await assertSpared(replica, spared);
    assertCleanEnd(await sniper.stop());
  }],

  ...[
    ["sql_select_limit", { sql_select_limit: 2 }],
    ["max_join_size", { max_join_size: 1000, sql_big_selects: 0 }],
  ].map(([name, settings]): Case => [
    `${name} for all: sessions and who blocks whom are seen, and what runs is killed`,
    async (pair) => {
      const { primary } = pair;
      await using _info = await withLockInfo(pair, primary);
      await using app = await appClients(primary, 5);
      const [victim, writer, ...waiters] = app.clients as [Client, Client, ...Client[]];
      await using _hostile = await withSettings(primary, settings as Readonly<Record<string, number>>);
      await writer.query("BEGIN");
      await writer.query("UPDATE item SET stock = 1 WHERE id = 1");
      const waiting = waiters.map((waiter) => start(waiter, "UPDATE item SET stock = 2 WHERE id = 1"));
      await using sniper = await startSniper({ rules: ROOTS, databases: [primary] });
      const killed = start(victim, slowQuery(120));
      assertEquals(await killed.error, INTERRUPTED);
      assertEquals(await Promise.all(waiting.map(({ error }) => error)), [0, 0, 0]);
      const ends = (policy: string) =>
        sniper.event(
          `the kill by ${policy}`,
          (event) => event["policy"] === policy && event["outcome"] === "killed",
        );
      await Promise.all([ends("long"), ends("roots")]);
      assertCleanEnd(await sniper.stop());
    },
  ]),

  ["what init_connect sets, begins and locks is ended before anything is asked", async (pair) => {
    const { primary } = pair;
    await using _info = await withLockInfo(pair, primary);
    await using _watcher = await withWatcher(pair);
    await using app = await appClients(primary, 1);
    const spared = start(app.clients[0]!, slowQuery(120));
    const init = "SET autocommit = 0, sql_select_limit = 1, timestamp = 5, time_zone = ''+13:00''; " +
      "DO GET_LOCK(''init'', 0); SELECT COUNT(*) FROM test.config; LOCK TABLES test.config WRITE";
    await using hostile = await withSettings(primary, { init_connect: init });
    const { root } = hostile;
    await using sniper = await startSniper({
      mode: "dry-run",
      rules: `
        policies:
          - { name: long, when: uptime < 1d, where: "user = 'app' and time > 300ms and time < 1h", then: kill query }`,
      databases: [primary],
      account: WATCHER,
    });
    await sniper.event("the verdict", ({ outcome }) => outcome === "would-kill");
    assertEquals(await root.query("SELECT IS_USED_LOCK('init') AS holder"), [{ holder: null }]);
    await root.query("SET SESSION lock_wait_timeout = 2");
    await root.query("ALTER TABLE test.config COMMENT = 'free'");
    await assertNothingHeld(root, WATCHER.user);
    assertCleanEnd(await sniper.stop());
    await assertSpared(primary, spared);
  }],

  [
    "an init_connect that fails is told once, as what it is, and tried again less and less often",
    async (pair) => {
      const { primary } = pair;
      await using _watcher = await withWatcher(pair);
      const before = await connectionsTo(primary);
      await using _hostile = await withSettings(primary, { init_connect: "SELECT * FROM nowhere.nothing" });
      await using sniper = await startSniper({
        mode: "dry-run",
        rules: "policies: [{ name: long, where: user = 'app' and time > 300ms, then: kill query }]",
        databases: [primary],
        account: WATCHER,
      });
      const told = await sniper.event("the refusal", ({ event }) => event === "unreachable");
      assertStringIncludes(String(told["reason"]), "init_connect fails for this account");
      assertStringIncludes(String(told["advice"]), "mend init_connect");
      await nothingHappensFor(4000);
      const names = sniper.events().map(({ event }) => event);
      assertEquals(names, ["start", "unreachable"]);
      const tries = await connectionsTo(primary) - before;
      assert(tries >= 2 && tries < 12, `${tries} tries`);
      assertCleanEnd(await sniper.stop());
    },
  ],

  [
    "what a metric's SQL leaves open is ended before the next has its connection",
    async ({ flavor, primary }) => {
      await using root = await Client.connect(primary);
      await using turns = disposable(new Turns(targetOf(primary, ACCOUNTS.root)));
      const ids = new Set<number>();
      const inTurn = (sql: string) =>
        turns.value.take((connection) => {
          ids.add(connection.id);
          return connection.query(sql);
        });
      for (
        const sql of [
          "SET SESSION autocommit = 0, sql_select_limit = 1, div_precision_increment = 0",
          "SELECT GET_LOCK('metric', 0)",
          "LOCK TABLES test.item READ",
          "SELECT * FROM test.item FOR UPDATE",
          "START TRANSACTION WITH CONSISTENT SNAPSHOT",
          "SET SESSION TRANSACTION READ WRITE",
          "HANDLER test.item OPEN",
        ]
      ) {
        await inTurn(sql).catch((error) => assert(error.errno === 1792, error.message));
        await root.query("SET SESSION lock_wait_timeout = 2");
        await root.query("ALTER TABLE test.item COMMENT = 'free'");
        assertEquals(await root.query("SELECT IS_USED_LOCK('metric') AS holder"), [{ holder: null }], sql);
      }
      assertEquals(
        await inTurn(
          `SELECT @@autocommit AS a, @@${
            flavor === "mysql" ? "transaction" : "tx"
          }_read_only AS r, @@sql_select_limit AS l, @@div_precision_increment AS d`,
        ),
        [{ a: 1, r: 1, l: "18446744073709551615", d: 4 }],
      );
      assertEquals(ids.size, 1, "one connection serves them all");
    },
  ],
];

await onEachFlavor("Nothing is inherited:", CASES);

/** Every name of the database, and sessions as they are. */
const EVERYTHING = `
  policies:
    - name: all
      when: >-
        lag >= 0s or hll >= 0 or threads_running >= 0 or threads_connected >= 0 or connections_used >= 0%
        or row_lock_waits >= 0 or oldest_transaction >= 0s or uptime >= 0s or read_only or replica
      where: user = 'app' and (blocking > 0 or waiting or time > 1d)
      then: kill query
`;

const ROOTS = `
  policies:
    - { name: roots, where: "user = 'app' and blocking > 0 and not waiting", then: kill connection }
    - { name: long, where: "user = 'app' and verb = 'select' and time > 500ms", then: kill query }
`;

interface Explained {
  readonly policies: readonly {
    readonly state: string;
    readonly because: readonly { readonly expression: string; readonly left: string }[];
  }[];
  readonly sessions: readonly {
    readonly session: Readonly<Record<string, unknown>>;
    readonly statement?: { readonly digest_text: string };
    readonly verdicts: readonly { readonly selects: boolean | null; readonly decision?: string }[];
  }[];
}

/** What one look shows, without what differs from one to the next. */
async function explained(
  file: string,
): Promise<{ readonly gates: unknown; readonly sessions: readonly unknown[] }> {
  const { stdout, stderr, code } = await runProgram(["explain", "-c", file, "--format", "json"]);
  assertEquals(code, 0, stderr);
  const { policies, sessions } = JSON.parse(stdout) as Explained;
  return {
    gates: policies.map(({ state, because }) => [
      state,
      because.map(({ expression, left }) => [expression, /unknown/.test(left)]),
    ]),
    sessions: sessions.filter(({ session }) => session["user"] === "app").map((
      { session: { id, user, db, command }, statement, verdicts },
    ) => [
      { id, user, db, command },
      statement?.digest_text,
      verdicts.map(({ selects, decision }) => [selects, decision]),
    ]),
  };
}

/** How many connections were made to a server since it began. */
async function connectionsTo(server: LabServer): Promise<number> {
  await using root = await Client.connect(server);
  const [row] = await root.query("SHOW GLOBAL STATUS LIKE 'Connections'");
  return Number(row?.["Value"]);
}

/** An account that may see all, and may not kill: for it the server runs init_connect. */
async function withWatcher({ flavor, primary }: LabPair): Promise<AsyncDisposable> {
  const root = await Client.connect(primary);
  await root.query("CREATE USER watcher@'%' IDENTIFIED BY 'watcher'");
  await root.query("GRANT PROCESS ON *.* TO watcher@'%'");
  await root.query("GRANT SELECT, LOCK TABLES ON test.* TO watcher@'%'");
  const shown = flavor === "mysql" ? "performance_schema.*" : "mysql.proc";
  await root.query(`GRANT SELECT ON ${shown} TO watcher@'%'`);
  return {
    async [Symbol.asyncDispose]() {
      await root.query("DROP USER watcher@'%'");
      await root.close();
    },
  };
}

/** Does something again and again, until this is disposed of. */
function every(milliseconds: number, act: () => Promise<unknown>): AsyncDisposable {
  const end = new AbortController();
  const done = (async () => {
    while (!end.signal.aborted) {
      await act();
      await systemClock.sleep(milliseconds, end.signal);
    }
  })();
  return {
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await done;
    },
  };
}

function disposable(value: Turns): AsyncDisposable & { readonly value: Turns } {
  return { value, [Symbol.asyncDispose]: () => value.close() };
}
