// `query-sniper test`: what passes, what fails and how that is told, and what is wrong in a file of tests.

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Folder } from "../config/folder.ts";
import { type ProgramResult, runProgram } from "../program.ts";

const CONFIG = `
limits: { lag: 30s, query_time: 10s }
budget: { at_least: 1 }
policies:
  - name: impacted
    when: lag > limits.lag
    for: 5s
    where: running and verb = 'select' and time > limits.query_time
    then: kill query
    escalate: 10s
    victims: { limit: 1 }
  - name: watched
    where: tag.job = 'nightly' or attribute._os = 'solaris'
    then: log
  - name: shadow
    mode: dry-run
    when: metric.queue_depth > 5
    during: Mon-Fri 08:00-20:00
    where: same_digest > 1
    then: kill query
protect:
  - user = 'backup'
metrics: { queue_depth: { sql: SELECT 1 } }
databases:
  - { name: orders, host: 10.0.0.1 }
  - { name: other, host: 10.0.0.2, interval: 5s, policies: { watched: off, shadow: off } }
`;

/** Runs the program on tests of that configuration. */
async function run(tests: string, ...options: readonly string[]): Promise<ProgramResult> {
  await using folder = await Folder.make({
    "query-sniper.yaml": CONFIG,
    "tests.yaml": `config: query-sniper.yaml\ntests:\n${tests}`,
    // Nobody logs in, so nobody minds who may read it.
    "credentials.yaml": { text: "default: { user: sniper, passwort: x }\n", mode: 0o644 },
  });
  return await runProgram(["test", "tests.yaml", ...options], { cwd: folder.path });
}

Deno.test("test passes what is as expected, an hour of simulated time in no time", async () => {
  const result = await run(`
  - name: a kill, what survives it, and who is next
    database: orders
    values: { lag: { 0s: 1s, 10s: 42s } }
    sessions:
      - { id: 7, sql: "SELECT * FROM orders", started: -5m, survives: true }
      - { id: 8, sql: "SELECT * FROM orders", started: -4m, survives: true }
      - { id: 9, sql: "SELECT * FROM orders", started: -3m, ends: 30s }
      - { id: 10, sql: "SELECT * FROM orders", started: -6m, user: backup }
    expect:
      - { at: 9s, gates: { impacted: closed }, victims: [] }
      - { at: 14s, gates: { impacted: open }, spared: [7, 8, 9] }
      - at: 15s
        victims:
          - { session: 7, policy: impacted, action: kill query, because: [ lag > limits.lag,  verb =  'select' ] }
        spared: [{ session: 8, policy: impacted, reason: victims-limit }, { session: 10, reason: protected }]
      - { at: 25s, spared: [9] }
      - { at: 1h, gates: { impacted: open, watched: open }, victims: [{ session: 7, action: kill connection }, 8, 8] }
  - name: the budget's share is of those who are there
    database: orders
    values: { lag: 42s, threads_running: 10 }
    sessions:
      - { id: 1, sql: SELECT 1, started: -3m }
      - { id: 2, sql: SELECT 1, started: -2m }
      - { id: 3, sql: SELECT 1, started: -1m }
    expect: [{ at: 10s, victims: [1, 2], spared: [{ session: 3, reason: budget }] }]
  - name: policies that look on match, each execution once
    database: orders
    start: 2026-11-20 19:59:50Z
    values: { metric.queue_depth: 6 }
    sessions:
      - { id: 1, sql: "SELECT 1 /*job='nightly'*/", started: 0s }
      - { id: 2, sql: "SELECT 2", started: 2s, attributes: { _os: solaris } }
      - { id: 3, sql: "SELECT 3", started: 10s }
      - { id: 4, idle_since: 0s, attributes: { _os: unknown } }
    expect:
      - { at: 1s, matches: [{ session: 1, policy: watched, because: [tag.job = 'nightly'] }] }
      - at: 9s
        gates: { shadow: open, impacted: unknown }
        matches: [{ session: 1, policy: shadow }, { session: 2, policy: shadow }, { session: 2, policy: watched }]
        victims: []
      - { at: 1m, gates: { shadow: closed }, matches: [] }
  - name: after a change of role nothing is killed for a while
    database: orders
    values: { lag: 42s, read_only: { 0s: true, 20s: false } }
    sessions: [{ id: 1, sql: SELECT 1, started: 10s }]
    expect:
      - { at: 29s, victims: [], spared: [{ session: 1, reason: grace }] }
      - { at: 30s, victims: [1] }
  - name: what a session does changes
    database: orders
    values: { lag: 42s }
    sessions:
      - { id: 1, idle_since: -1h, started: 10s, sql: SELECT 1 }
      - { id: 2, started: -1h, idle_since: 3s, sql: SELECT 1 }
      - { id: 3, started: -1h, sql: SELECT 1, rows_modified: { 0s: unknown, 10s: 200k, 40s: 0 } }
    expect:
      - { at: 20s, victims: [], spared: [{ session: 3, reason: rollback-cost }] }
      - { at: 21s, victims: [1] }
      - { at: 40s, victims: [] }                   # a second one is beyond the budget
      - { at: 81s, victims: [3] }
  - name: a database that is looked at every five seconds
    database: other
    values: { lag: { 0s: 1s, 6s: 42s } }
    sessions: [{ id: 1, sql: SELECT 1, started: 7s }]
    expect:
      - { at: 9s, gates: { impacted: closed } }
      - { at: 10s, gates: { impacted: open }, victims: [] }
      - { at: 17s, victims: [] }
      - { at: 18s, victims: [1] }                  # it is looked at when it has reached the limit
`);
  assertEquals(result, { code: 0, stdout: "6 passed, 0 failed\n", stderr: "" });
});

const FAILING = `
  - name: nobody is killed while the replica keeps up
    database: orders
    values: { lag: { 0s: 5s, 10s: unknown } }
    sessions: [{ id: 7, sql: SELECT 1, started: -5m }]
    expect:
      - { at: 9s, gates: { impacted: open }, victims: [{ session: 7, policy: impacted }] }
      - { at: 10s, gates: { impacted: open } }
  - name: another one is killed <&">
    database: orders
    values: { lag: 42s }
    sessions:
      - { id: 7, sql: SELECT * FROM t WHERE id = 4711, started: -5m }
      - { id: 8, sql: UPDATE t SET a = 1, started: -5m }
      - { id: 9, sql: unknown, started: -5m }
      - { id: 10, sql: SELECT 1, started: -5m, user: backup }
      - { id: 11, sql: SELECT 1, started: -1m }
      - { id: 12, sql: COMMIT, started: -5m }
      - { id: 13, idle_since: 1m }
    expect:
      - { at: 4s, victims: [7] }
      - at: 5s
        victims: [{ session: 7, because: [lag > 30s] }, 8, 9, 10, 11, 12, 13]
        spared: [7, { session: 8, policy: impacted, reason: protected }]
      - { at: 20s, victims: [7, 11] }
      - { at: 1m, matches: [{ session: 11, policy: watched }] }
  - name: this passes
    database: other
    expect: [{ at: 0s, gates: { impacted: unknown } }]
`;

const FAILURES_OF_FIRST = `\
  at 9s, gate of impacted
    expected  open
    found     closed: lag > limits.lag: 5s against 30s
  at 9s, victims
    expected  session 7 by impacted
    found     nobody
    because   session 7, impacted: its gate is closed: lag > limits.lag: 5s against 30s
  at 10s, gate of impacted
    expected  open
    found     unknown: lag > limits.lag: unknown: the test says so against 30s
`;

const FAILURES_OF_SECOND = `\
  at 4s, victims
    expected  session 7
    found     nobody
    because   session 7, impacted: its gate is open since 0s, and not yet for 5s
  at 5s, victims
    expected  session 7 because lag > 30s
              session 8
              session 9
              session 10
              session 11
              session 12
              session 13
    found     session 7 by impacted (kill query) at 5s
    because   session 8, impacted: "where" is false: verb = 'select': 'update'
              session 9, impacted: "where" is unknown: verb = 'select': unknown: the server shows no statement text
              session 10, impacted: spared, protected: WHY; time > limits.query_time: 305s against 10s; user = 'backup'
              session 11, impacted: spared, victims-limit: WHY; time > limits.query_time: 65s against 10s
              session 12 is never selected: it ends a transaction, or administers the server
              session 13 has not come yet
              session 7, impacted: WHY; time > limits.query_time: 305s against 10s
  at 5s, spared
    expected  session 7 alive
    found     session 7 by impacted (kill query) at 5s
    because   session 7, impacted: WHY; time > limits.query_time: 305s against 10s
  at 5s, spared
    expected  session 8 spared, protected, by impacted
    found     alive, but not for that reason
    because   session 8, impacted: "where" is false: verb = 'select': 'update'
  at 20s, victims
    expected  session 7
              session 11
    found     nobody
    because   session 7 is gone: impacted killed it at 5s
              session 11, impacted: spared, budget (its share allows 1): WHY; time > limits.query_time: 80s against 10s
  at 1m, matches
    expected  session 11 by watched
    found     nobody
    because   session 11, watched: "where" is false: tag.job = 'nightly': ''; attribute._os = 'solaris': ''
`.replaceAll("WHY", "lag > limits.lag: 42s against 30s; running; verb = 'select'");

Deno.test("test tells what failed, what was found, and why", async () => {
  const { code, stdout, stderr } = await run(FAILING);
  assertEquals(stderr, "");
  assertEquals(
    stdout,
    `FAILED tests.yaml: nobody is killed while the replica keeps up\n${FAILURES_OF_FIRST}` +
      `FAILED tests.yaml: another one is killed <&">\n${FAILURES_OF_SECOND}1 passed, 2 failed\n`,
  );
  assertEquals(code, 1);
});

Deno.test("test --run runs what matches, and says how many it left out", async () => {
  assertEquals(await run(FAILING, "--run", "^this"), {
    code: 0,
    stdout: "1 passed, 0 failed, 2 not run\n",
    stderr: "",
  });
  const nothing = await run(FAILING, "--run", "gone");
  assertEquals([nothing.code, nothing.stdout], [2, ""]);
  assertStringIncludes(nothing.stderr, 'query-sniper: no test has such a name: "gone"\n');
  const bad = await run(FAILING, "--run", "(a");
  assertEquals(bad.code, 2);
  assertStringIncludes(
    bad.stderr,
    "query-sniper: --run is a regular expression in RE2 syntax: missing closing )",
  );
});

Deno.test("test --junit writes what CI systems read, also of names that XML would take for its own", async () => {
  await using folder = await Folder.make({
    "query-sniper.yaml": CONFIG,
    "tests.yaml": `config: query-sniper.yaml\ntests:${FAILING}`,
  });
  const program = (file: string) => runProgram(["test", "tests.yaml", "--junit", file], { cwd: folder.path });
  assertEquals((await program("out.xml")).code, 1);
  const xml = await Deno.readTextFile(folder.file("out.xml"));
  const escaped = (text: string) =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
  const failure = (message: string, text: string) =>
    `      <failure message="${escaped(message)}" type="expectation">${escaped(text.trimEnd())}</failure>`;
  assertEquals(xml.split("    <testcase "), [
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    '<testsuites name="query-sniper test" tests="3" failures="2" errors="0" skipped="0">\n' +
    '  <testsuite name="tests.yaml" tests="3" failures="2" errors="0" skipped="0">\n',
    'classname="tests.yaml" name="nobody is killed while the replica keeps up">\n' +
    failure(
      "gate of impacted: expected open; found closed: lag > limits.lag: 5s against 30s",
      FAILURES_OF_FIRST,
    ) + "\n    </testcase>\n",
    'classname="tests.yaml" name="another one is killed &lt;&amp;&quot;&gt;">\n' +
    failure("victims: expected session 7; found nobody", FAILURES_OF_SECOND) + "\n    </testcase>\n",
    'classname="tests.yaml" name="this passes"/>\n  </testsuite>\n</testsuites>\n',
  ]);
  const { code, stderr } = await program("gone/out.xml");
  assertEquals([code, stderr], [1, "query-sniper: cannot write gone/out.xml: it does not exist\n"]);
});

Deno.test("test tells everything that is wrong in a file of tests at once", async () => {
  const { code, stdout, stderr } = await run(`
  - name: wrong
    databse: orders
    values:
      lag: 5
      hl: 10
      read_only: maybe
      connections_used: 95
      flavor: postgres
      threads_running: { 0s: 100, 5: many }
    sessions:
      - { id: 7, started: -5m, survives: perhaps, transaction_time: 5m }
      - { id: 7, sql: SELECT 1, started: soon, comand: query, command: query }
      - { sql: SELECT 1, waiting: 1, blocking: [1] }
    start: tomorrow
    expect:
      - { at: 9s, victims: [{ session: 7, action: kil query, polcy: x }, nobody], spared: [{ reason: budgt }] }
      - { at: 9s }
  - name: wrong
    expect: []
  - { name: many databases, expect: [{ at: 0s, victims: [] }] }
  - { name: no such database, database: orderz, expect: [{ at: 2d, victims: [] }] }
  - name: names
    database: orders
    values: { metric.queue_dept: 1 }
    sessions: [{ id: 7, idle_since: 0s }]
    expect:
      - { at: 1s, gates: { impactd: open, shadow: opn }, victims: [8, { session: 7, policy: watched }] }
      - { at: 0s, matches: [{ session: 7, policy: impacted }], spared: [{ session: 7, policy: sahdow }] }
`);
  assertEquals(stderr.trimEnd().split("\n"), [
    'tests.yaml:5:5: tests[0].databse: unknown key: "databse" (did you mean "database"?)',
    'tests.yaml:7:12: tests[0].values.lag: expected a duration, it needs a unit (ms, s, m, h or d): "5"',
    'tests.yaml:8:7: tests[0].values.hl: unknown key: "hl" (did you mean "hll"?)',
    'tests.yaml:9:18: tests[0].values.read_only: expected true or false: "maybe"',
    'tests.yaml:10:25: tests[0].values.connections_used: expected a value such as 95%: "95"',
    'tests.yaml:11:15: tests[0].values.flavor: expected one of "mariadb", "mysql": "postgres"',
    'tests.yaml:12:35: tests[0].values.threads_running.5: expected a time since the test began, such as 30s: "5"',
    'tests.yaml:12:38: tests[0].values.threads_running.5: expected a value such as 100, 20k or 1M: "many"',
    'tests.yaml:14:9: tests[0].sessions[0]: a key is missing: "sql", since a statement begins; it may be unknown',
    'tests.yaml:14:42: tests[0].sessions[0].survives: expected true or false: "perhaps"',
    'tests.yaml:14:51: tests[0].sessions[0].transaction_time: unknown key: "transaction_time" (did you mean "transaction_since"?)',
    'tests.yaml:15:15: tests[0].sessions[1].id: another session has this id: "7"',
    'tests.yaml:15:42: tests[0].sessions[1].started: expected a time such as 30s, or -2m before the test begins: "soon"',
    'tests.yaml:15:48: tests[0].sessions[1].comand: unknown key: "comand" (did you mean "command"?)',
    'tests.yaml:15:72: tests[0].sessions[1].command: expected a command of the process list: "query" (did you mean "Query"?)',
    'tests.yaml:16:9: tests[0].sessions[2]: a key is missing: "id"',
    'tests.yaml:16:9: tests[0].sessions[2]: a key is missing: "started" or "idle_since"',
    'tests.yaml:16:35: tests[0].sessions[2].waiting: expected true or false: "1"',
    "tests.yaml:16:48: tests[0].sessions[2].blocking: expected a value such as 100, 20k or 1M: found a list",
    'tests.yaml:17:12: tests[0].start: expected a date and time such as 2026-11-20T10:00:00Z: "tomorrow"',
    'tests.yaml:19:51: tests[0].expect[0].victims[0].action: expected one of "kill query", "kill connection": "kil query" (did you mean "kill query"?)',
    'tests.yaml:19:62: tests[0].expect[0].victims[0].polcy: unknown key: "polcy" (did you mean "policy"?)',
    'tests.yaml:19:74: tests[0].expect[0].victims[1]: expected a whole number, 1 or more: "nobody"',
    'tests.yaml:19:92: tests[0].expect[0].spared[0]: a key is missing: "session"',
    'tests.yaml:19:102: tests[0].expect[0].spared[0].reason: expected one of "protected", "protected-unknown", "needs-verb", "unknown", "rollback-cost", "holds", "pooled", "budget", "victims-limit", "settle", "gave-up", "grace": "budgt" (did you mean "budget"?)',
    'tests.yaml:20:9: tests[0].expect[1]: a key is missing: "gates" or "victims" or "matches" or "spared"',
    'tests.yaml:20:15: tests[0].expect[1].at: expected a later time than the one before it: "9s"',
    'tests.yaml:21:5: tests[1]: a key is missing: "database", since the configuration has 2 of them',
    'tests.yaml:21:11: tests[1].name: another test has this name: "wrong"',
    "tests.yaml:22:13: tests[1].expect: expected at least 1 in this list: it has 0",
    'tests.yaml:23:5: tests[2]: a key is missing: "database", since the configuration has 2 of them',
    'tests.yaml:24:41: tests[3].database: no database has this name: "orderz" (did you mean "orders"?)',
    'tests.yaml:24:64: tests[3].expect[0].at: expected at most 1d: "2d"',
    'tests.yaml:27:15: tests[4].values.metric.queue_dept: no policy here uses this metric: "queue_dept" (did you mean "queue_depth"?)',
    'tests.yaml:30:28: tests[4].expect[0].gates.impactd: no policy of this name is in force on "orders": "impactd" (did you mean "impacted"?)',
    'tests.yaml:30:51: tests[4].expect[0].gates.shadow: expected one of "open", "closed", "unknown": "opn" (did you mean "open"?)',
    'tests.yaml:30:68: tests[4].expect[0].victims[0]: no session of this test has this id: "8"',
    'tests.yaml:30:93: tests[4].expect[0].victims[1].policy: this policy only looks on, it belongs under "matches": "watched"',
    'tests.yaml:31:15: tests[4].expect[1].at: expected a later time than the one before it: "0s"',
    'tests.yaml:31:51: tests[4].expect[1].matches[0].policy: this policy kills, it belongs under "victims": "impacted"',
    'tests.yaml:31:95: tests[4].expect[1].spared[0].policy: no policy of this name is in force on "orders": "sahdow" (did you mean "shadow"?)',
  ]);
  assertEquals([code, stdout], [2, ""]);
});

Deno.test("test refuses a configuration that is wrong or not there, and files that are none", async () => {
  await using folder = await Folder.make({
    "query-sniper.yaml": "databases: [{ name: orders, hots: db }]\n",
    "tests.yaml": "config: query-sniper.yaml\ntests: [{ name: one, expect: [{ at: 0s, victims: [] }] }]\n",
    "gone.yaml": "config: nowhere.yaml\ntests: [{ name: one, expect: [{ at: 0s }] }]\n",
    "empty.yaml": "",
    "none.yaml": "tests: []\n",
  });
  const files = ["tests.yaml", "gone.yaml", "empty.yaml", "none.yaml", "missing.yaml"];
  const { code, stdout, stderr } = await runProgram(["test", ...files], { cwd: folder.path });
  assertEquals(stderr.trimEnd().split("\n"), [
    'query-sniper.yaml:1:29: databases[0].hots: unknown key: "hots" (did you mean "host"?)',
    'gone.yaml:2:31: tests[0].expect[0]: a key is missing: "gates" or "victims" or "matches" or "spared"',
    "nowhere.yaml: cannot read the file: it does not exist",
    "empty.yaml: the file is empty",
    'none.yaml:1:1: a key is missing: "config"',
    "none.yaml:1:8: tests: expected at least 1 in this list: it has 0",
    "missing.yaml: cannot read the file: it does not exist",
  ]);
  assertEquals([code, stdout], [2, ""]);
  const usage = await runProgram(["test"]);
  assertEquals([usage.code, usage.stdout], [2, ""]);
  assertMatch(usage.stderr, /^query-sniper: test needs a file of tests\n/);
});
