import { assertEquals } from "@std/assert";
import { clauseText, describe, levelOf, type PublicEvent, sessionText } from "../../src/events/mod.ts";

const BECAUSE = [{ expression: "lag > limits.lag", left: "42s", right: "30s" }];
const SESSION = { id: 812, user: "app", host: "10.0.0.5", db: "shop", command: "Query", time_ms: 12_873 };
const IDLE = { id: 813, user: "app", host: null, db: "", command: "Sleep", idle_time_ms: 5000 };
const STATEMENT = { digest: "d1", digest_text: "SELECT ?", tables: [], tags: {} };
const DATABASE = { database: "orders" } as const;
const START = {
  event: "start",
  version: "1.2.3",
  config: "query-sniper.yaml",
  databases: 2,
  armed: 1,
  sql: "digest",
} as const;
const KILL = {
  event: "kill",
  ...DATABASE,
  policy: "impacted",
  mode: "enforce",
  action: "kill query",
  outcome: "killed",
  because: BECAUSE,
  session: SESSION,
} as const;
const BUDGET = {
  event: "budget",
  ...DATABASE,
  state: "spent",
  limit: "kills",
  policy: "impacted",
  action: "kill query",
  allowed: 30,
  per: "1m",
} as const;
const BEAT = {
  event: "heartbeat",
  ...DATABASE,
  looks: 60,
  kills: 1,
  errors: 0,
  skipped: 0,
  late: 0,
  late_ms: 3,
} as const;
const CHANGE = { event: "config", state: "changed", file: "q.yaml", ...DATABASE } as const;
const BLOCKER = { event: "unkillable", ...DATABASE, reason: "it is an applier" } as const;

/** Each event with its level and what it says. */
const TOLD: readonly (readonly [event: PublicEvent, told: string])[] = [
  [START, "info query-sniper 1.2.3, query-sniper.yaml: 2 databases, 1 in enforce mode"],
  [
    { event: "notify", channel: "dba", state: "failed", reason: "answered with 403", waiting: 1 },
    "error dba is not told: answered with 403: 1 notice waits",
  ],
  [{ event: "notify", channel: "dba", state: "recovered" }, "info dba is told again"],
  [
    {
      event: "http",
      state: "listening",
      address: "127.0.0.1:9180",
      access: "open",
      tls: false,
      connections: 64,
    },
    "info http://127.0.0.1:9180 is served to anybody who can reach it",
  ],
  [
    {
      event: "http",
      state: "listening",
      address: "10.0.0.1:9180",
      access: "certificate and token",
      tls: true,
    },
    "info https://10.0.0.1:9180 is served to who has a certificate and token",
  ],
  [
    { event: "http", state: "listening", address: "[::1]:9180", access: "token", caveat: "no limits" },
    "warning http://[::1]:9180 is served to who has a token: no limits",
  ],
  [
    {
      event: "http",
      state: "refused",
      address: "[::1]:9180",
      reason: "cannot listen on [::1]:9180: it is taken",
    },
    "error cannot listen on [::1]:9180: it is taken",
  ],
  [{ event: "http", state: "stopped", address: "[::1]:9180" }, "info [::1]:9180: no longer served"],
  [
    { ...START, databases: 1, sql: "raw", paused: "a migration" },
    "warning query-sniper 1.2.3, query-sniper.yaml: 1 database, 1 in enforce mode; statements are logged with " +
    'their data; kills are paused: "a migration"',
  ],
  [
    { ...START, paused: "x" },
    'warning query-sniper 1.2.3, query-sniper.yaml: 2 databases, 1 in enforce mode; kills are paused: "x"',
  ],
  [
    { event: "stop", reason: "SIGTERM", looks: 1, kills: 2, errors: 0 },
    "info SIGTERM: 1 look, 2 kills, 0 errors",
  ],
  [
    {
      event: "connected",
      ...DATABASE,
      flavor: "mysql",
      version: "MySQL 9.7",
      mode: "enforce",
      encrypted: true,
    },
    "info orders: MySQL 9.7, enforce, TLS",
  ],
  [
    {
      event: "connected",
      ...DATABASE,
      flavor: "mysql",
      version: "MySQL 9.7",
      mode: "dry-run",
      encrypted: false,
    },
    "info orders: MySQL 9.7, dry-run, not encrypted",
  ],
  [
    { event: "identity", ...DATABASE, server: "abc", read_only: false, grace: "10s" },
    "warning orders: another server, or the same in another role, writable: all is forgotten, and nothing is " +
    "killed for 10s",
  ],
  [
    { event: "identity", ...DATABASE, server: "abc", read_only: true, grace: "10s" },
    "warning orders: another server, or the same in another role, read-only: all is forgotten, and nothing is " +
    "killed for 10s",
  ],
  [
    { event: "same-server", ...DATABASE, other: "orders-vip" },
    "warning orders: this is the same server as orders-vip: with the lease, one of them acts",
  ],
  [
    { event: "unreachable", ...DATABASE, reason: "nothing listens there" },
    "error orders: nothing listens there",
  ],
  [
    { event: "unreachable", ...DATABASE, reason: "nothing listens there", advice: "check host and port" },
    "error orders: nothing listens there: check host and port",
  ],
  [
    { event: "privilege", ...DATABASE, need: "kill", missing: "CONNECTION_ADMIN", remedy: "GRANT it" },
    "error orders: no right to do kill, missing CONNECTION_ADMIN: GRANT it",
  ],
  [
    { event: "privilege", ...DATABASE, need: "identity", missing: "x", remedy: "y" },
    "warning orders: no right to do identity, missing x: y",
  ],
  [
    { event: "unkillable", ...DATABASE, trx: 4711, time_ms: 65_000, rows_modified: 12 },
    "warning orders: the transaction 4711, 65s old, with 12 changed rows, has no session: XA RECOVER shows it, " +
    "XA COMMIT or XA ROLLBACK ends it",
  ],
  [
    { event: "unkillable", ...DATABASE, trx: 4711, rows_modified: 12 },
    "warning orders: the transaction 4711, 0s old, with 12 changed rows, has no session: XA RECOVER shows it, " +
    "XA COMMIT or XA ROLLBACK ends it",
  ],
  [
    { ...BLOCKER, session: SESSION, blocking: 1 },
    "warning orders: nobody ends session 812 of app@10.0.0.5 in shop, running for 12.873s, for which 1 session " +
    "waits: it is an applier",
  ],
  [
    { ...BLOCKER, thread: "thread/sql/compress_gtid_table", blocking: 3 },
    "warning orders: nobody ends thread/sql/compress_gtid_table, for which 3 sessions wait: it is an applier",
  ],
  [
    BLOCKER,
    "warning orders: nobody ends a transaction without a session, for which 0 sessions wait: it is an applier",
  ],
  [
    { event: "gate", ...DATABASE, policy: "impacted", state: "open", because: BECAUSE },
    "warning orders: impacted is open; lag > limits.lag: 42s against 30s",
  ],
  [
    {
      event: "gate",
      ...DATABASE,
      policy: "impacted",
      state: "open",
      because: [...BECAUSE, { expression: "hll > 1M", left: "2M", right: "1M" }],
    },
    "warning orders: impacted is open; lag > limits.lag: 42s against 30s; hll > 1M: 2M",
  ],
  [
    { event: "gate", ...DATABASE, policy: "impacted", state: "unknown", because: [] },
    "warning orders: impacted is unknown",
  ],
  [
    { event: "gate", ...DATABASE, policy: "impacted", state: "closed", because: [] },
    "info orders: impacted is closed",
  ],
  [
    { event: "shard-gate", schema: "shop", shard: "s1", policy: "hot", state: "open", because: BECAUSE },
    "warning shop: s1: hot is open; lag > limits.lag: 42s against 30s",
  ],
  [
    { event: "shard-gate", schema: "shop", policy: "cold", state: "closed", because: [] },
    "info shop: cold is closed",
  ],
  [
    {
      ...{ event: "shard-change", schema: "shop", action: "add shard", added: "s9", change: "7" },
      ...{ state: "cancelled", step: "ended", reason: "cancel was ordered" },
    },
    "warning shop: change 7, add shard with s9 was cancelled: cancel was ordered",
  ],
  [
    {
      event: "match",
      ...DATABASE,
      policy: "watch",
      mode: "enforce",
      action: "log",
      because: [],
      session: SESSION,
      statement: STATEMENT,
    },
    "info orders: matched session 812 of app@10.0.0.5 in shop, running for 12.873s: SELECT ? (watch)",
  ],
  [
    { ...KILL, took_ms: 3.2, statement: STATEMENT, note: "a note" },
    "warning orders: kill query, killed in 3.2 ms: session 812 of app@10.0.0.5 in shop, running for 12.873s: " +
    "SELECT ? (impacted; lag > limits.lag: 42s against 30s): a note",
  ],
  [
    { ...KILL, session: IDLE, action: "kill connection", because: [] },
    "warning orders: kill connection, killed: session 813 of app@unknown, idle for 5s (impacted)",
  ],
  [
    { ...KILL, outcome: "skipped", reason: "protected", because: [] },
    "info orders: spared, protected: session 812 of app@10.0.0.5 in shop, running for 12.873s (impacted)",
  ],
  [
    { ...KILL, outcome: "would-kill", because: [] },
    "info orders: would kill query session 812 of app@10.0.0.5 in shop, running for 12.873s (impacted)",
  ],
  [BUDGET, "warning orders: 30 kills per 1m: spent (impacted): deciding and logging only"],
  [{ ...BUDGET, allowed: 1, state: "recovered" }, "info orders: 1 kill per 1m: free again"],
  [
    { ...BUDGET, limit: "share", action: "kill connection", allowed: 5 },
    "warning orders: 5 kill connections, a share of what is there, per 1m: spent (impacted): deciding and " +
    "logging only",
  ],
  [
    { event: "gave-up", ...DATABASE, policy: "impacted", rounds: 3, because: BECAUSE },
    "warning orders: impacted stops until its gate closes: its last 3 rounds did not improve it; " +
    "lag > limits.lag: 42s against 30s",
  ],
  [{ event: "lease", ...DATABASE, state: "held" }, "info orders: this program holds the lease, and kills"],
  [
    { event: "lease", ...DATABASE, state: "elsewhere", holder: "connection 7 of sniper@10.0.0.9" },
    "warning orders: nothing is killed from here, the lease is held by connection 7 of sniper@10.0.0.9",
  ],
  [
    { event: "lease", ...DATABASE, state: "unavailable", reason: "no such function" },
    "error orders: nothing is killed, the server cannot lock (lease: off does without): no such function",
  ],
  [
    {
      ...{ event: "pause", ...DATABASE, state: "paused", source: "request", reason: "restore" },
      ...{ by: "kim (10.0.0.5)", until: "2026-11-20T10:10:00.000Z" },
    },
    'warning orders: kills are paused: "restore", by kim (10.0.0.5), until 2026-11-20T10:10:00.000Z',
  ],
  [
    { event: "pause", ...DATABASE, state: "resumed", source: "request", reason: "its time is over" },
    'info orders: kills are resumed: "its time is over"',
  ],
  [
    { event: "pause", state: "paused", source: "file", reason: "by hand" },
    'warning all databases: kills are paused: "by hand"',
  ],
  [
    { event: "journal", state: "failed", file: "journal.sqlite", reason: "the disk is full" },
    "error journal.sqlite cannot be written: the disk is full: nothing is killed until it can be",
  ],
  [
    { event: "journal", state: "recovered", file: "journal.sqlite" },
    "info journal.sqlite can be written again",
  ],
  [
    { event: "journal", state: "incomplete", file: "journal.sqlite", reason: "the disk is full", lost: 3 },
    "warning journal.sqlite lacks 3 records of decisions and looks, and no kill: the disk is full",
  ],
  [
    {
      event: "abandoned",
      ...DATABASE,
      policy: "impacted",
      action: "kill query",
      outcome: "unconfirmed",
      session_id: 812,
      intended_at: "2026-11-20T10:00:00.000Z",
    },
    "warning orders: kill query of session 812, impacted, intended at 2026-11-20T10:00:00.000Z: unconfirmed, the " +
    "program ended before its outcome was known",
  ],
  [
    { event: "evidence", ...DATABASE, file: "e.jsonl", looks: 4 },
    "info orders: 4 looks before a kill are in e.jsonl",
  ],
  [
    { event: "evidence", ...DATABASE, file: "e.jsonl" },
    "info orders: 0 looks before a kill are in e.jsonl",
  ],
  [
    { event: "evidence", ...DATABASE, file: "e.jsonl", reason: "no space" },
    "error orders: the looks before a kill cannot be written to e.jsonl: no space",
  ],
  [
    { event: "config", state: "reloaded", file: "q.yaml", databases: 3, armed: 1, changed: 2 },
    "info q.yaml is in force: 3 databases, 1 in enforce mode, 2 changed",
  ],
  [
    {
      event: "config",
      state: "refused",
      file: "q.yaml",
      problems: ["q.yaml:1:2: mode: no mode", "q.yaml:2:1: x"],
    },
    "error q.yaml is wrong, and nothing has changed: q.yaml:1:2: mode: no mode; q.yaml:2:1: x",
  ],
  [{ ...CHANGE, change: "added" }, "info orders: is watched from now on"],
  [{ ...CHANGE, change: "removed" }, "info orders: is not watched any more"],
  [
    {
      ...CHANGE,
      change: "connection",
      keys: [{ key: "host", before: "10.0.0.1", after: "10.0.0.2" }],
    },
    "info orders: is connected to anew: host: 10.0.0.1 -> 10.0.0.2",
  ],
  [
    {
      ...CHANGE,
      change: "rules",
      keys: [{ key: "limits.a", after: "1s" }, { key: "limits.b", before: "2s" }],
    },
    "info orders: goes on under other rules: limits.a: (none) -> 1s, limits.b: 2s -> (none)",
  ],
  [BEAT, "info orders: 60 looks, 3 ms late at most, 1 kill, 0 errors"],
  [
    { ...BEAT, skipped: 2, paused: "a migration" },
    'warning orders: 60 looks, 3 ms late at most, 2 looks skipped, 1 kill, 0 errors; kills are paused: "a migration"',
  ],
];

for (const [event, told] of TOLD) {
  Deno.test(`${event.event} says: ${told}`, () => {
    assertEquals(`${levelOf(event)} ${describe(event, (need) => `do ${need}`)}`, told);
  });
}

Deno.test("a session is told by whoever it belongs to, as far as that is known", () => {
  const text = (rest: Partial<Parameters<typeof sessionText>[0]>) => sessionText({ ...SESSION, ...rest });
  assertEquals(text({}), "session 812 of app@10.0.0.5 in shop, running for 12.873s");
  assertEquals(
    text({ user: null, definer: "root" }),
    "session 812 of unknown, shown as root in shop, running for 12.873s",
  );
  assertEquals(text({ user: null }), "session 812 of unknown, shown as nobody in shop, running for 12.873s");
  const { time_ms: _, ...neither } = SESSION;
  assertEquals(sessionText(neither), "session 812 of app@10.0.0.5 in shop");
});

Deno.test("a session is told with whom it waits for: sessions, a transaction without one, threads of the server", () => {
  const waits_for = [1, 0, -5];
  assertEquals(
    sessionText({ ...SESSION, waits_for }),
    "session 812 of app@10.0.0.5 in shop, running for 12.873s, waiting for 1, a transaction without a session, " +
      "a thread of the server",
  );
});

Deno.test("a clause is told with its values where they say more than it does itself", () => {
  assertEquals(clauseText({ expression: "lag > 30s", left: "42s", right: "30s" }), "lag > 30s: 42s");
  assertEquals(
    clauseText({ expression: "lag > limits.lag", left: "42s", right: "30s", by: "heartbeat" }),
    "lag > limits.lag: 42s by heartbeat against 30s",
  );
  assertEquals(clauseText({ expression: "user = 'app'", left: "'app'", right: "'app'" }), "user = 'app'");
  assertEquals(
    clauseText({ expression: "USER = 'app'", left: "'app'", right: "'app'", by: "x" }),
    "USER = 'app' by x",
  );
  assertEquals(
    clauseText({ expression: "user = 'app'", left: "'web'", right: "'app'" }),
    "user = 'app': 'web'",
  );
  assertEquals(
    clauseText({ expression: "user != limits.x", left: "'a'", right: "'a'" }),
    "user != limits.x: 'a' against 'a'",
  );
  assertEquals(
    clauseText({ expression: "user <> limits.x", left: "'a'", right: "'a'" }),
    "user <> limits.x: 'a' against 'a'",
  );
  assertEquals(
    clauseText({ expression: "NOT user = 'a'", left: "'a'", right: "'a'" }),
    "NOT user = 'a': 'a'",
  );
  assertEquals(
    clauseText({ expression: "lag < limits.x", left: "1s", right: "1s" }),
    "lag < limits.x: 1s against 1s",
  );
  assertEquals(clauseText({ expression: "running", left: "true" }), "running");
  assertEquals(clauseText({ expression: "running", left: "true", by: "x" }), "running by x");
  assertEquals(clauseText({ expression: "running", left: "false" }), "running: false");
  assertEquals(
    clauseText({ expression: "x = true", left: "true", right: "false" }),
    "x = true: true against false",
  );
});
