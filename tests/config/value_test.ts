import { assertEquals } from "@std/assert";
import { load, loadDatabases, problemsOf } from "./folder.ts";

const ONE = "databases: [{ name: a, host: h }]\n";

/** Lines of a main file, each with what is wrong with it. */
const WRONG: readonly (readonly [line: string, problem: string])[] = [
  ["interval: 30d", '1:11: interval: expected at most 1h: "30d"'],
  ["interval: 61m", '1:11: interval: expected at most 1h: "61m"'],
  ["interval: 1M", '1:11: interval: M means a million, write 1m for a minute: "1M"'],
  ["interval: 5M", '1:11: interval: M means a million, write 5m for 5 minutes: "5M"'],
  ["budget: { per: 8d }", '1:16: budget.per: expected at most 7d: "8d"'],
  [
    "policies: [{ name: a, for: 8d, where: running, then: log }]",
    '1:28: policies[0].for: expected at most 7d: "8d"',
  ],
  [
    "limits: { query-time: 1s }",
    '1:11: limits.query-time: a limit is named in lower case letters, digits and underscores: "query-time"',
  ],
  [
    "limits: { 2x: 1s }",
    '1:11: limits.2x: a limit is named in lower case letters, digits and underscores: "2x"',
  ],
  [
    "limits: { lag: 5constructor }",
    '1:16: limits.lag: unknown unit "constructor", expected ms s m h d k M G KiB MiB GiB %: "5constructor"',
  ],
  [
    "journal: ~/kills.sqlite",
    '1:10: journal: "~" is not replaced here, write the whole path: "~/kills.sqlite"',
  ],
  [
    "journal: { keep: 7d }",
    '1:18: journal.keep: expected at least 8d: "7d"',
  ],
  [
    "journal: { max_size: 2GB }",
    '1:22: journal.max_size: unknown unit "GB", write GiB: "2GB"',
  ],
  [
    "journal: { max_size: 2G }",
    '1:22: journal.max_size: expected a size, such as 1024GiB (KiB, MiB or GiB): "2G"',
  ],
  [
    "journal: [j.sqlite]",
    "1:10: journal: expected a text or a mapping of keys: found a list",
  ],
  [
    "credentials: ${HOME}/c.yaml",
    '1:14: credentials: variables are not replaced here, write the whole path: "${HOME}/c.yaml"',
  ],
  ["ssl_ca: ~root/ca.pem", '1:9: ssl_ca: "~" is not replaced here, write the whole path: "~root/ca.pem"'],
  [
    "include: $HOME/*.yaml",
    '1:10: include: variables are not replaced here, write the whole path: "$HOME/*.yaml"',
  ],
  ["evidence: { folder: ~ }", '1:21: evidence.folder: "~" is not replaced here, write the whole path: "~"'],
  [
    "groups: { g: { metrics: { q: { sql: DELETE FROM t } } } }",
    '1:37: groups.g.metrics.q.sql: expected a SELECT of one number, a metric changes and locks nothing: found "delete"',
  ],
  [
    'metrics: { q: { sql: "/* x */ INSERT INTO t VALUES (1)" } }',
    '1:22: metrics.q.sql: expected a SELECT of one number, a metric changes and locks nothing: found "insert"',
  ],
  [
    "metrics: { q: { sql: \"SELECT 1 INTO OUTFILE '/tmp/x'\" } }",
    '1:22: metrics.q.sql: expected a SELECT of one number, a metric changes and locks nothing: found "INTO OUTFILE"',
  ],
  [
    "metrics: { q: { sql: SELECT COUNT(*) FROM t FOR UPDATE } }",
    '1:22: metrics.q.sql: expected a SELECT of one number, a metric changes and locks nothing: found "FOR UPDATE"',
  ],
  ["budget: { at_least: 0 }", '1:21: budget.at_least: expected a whole number, 1 to 10000: "0"'],
  ["budget: { at_least: -1 }", '1:21: budget.at_least: expected a whole number, 1 to 10000: "-1"'],
  ["budget: { at_least: 1e9 }", '1:21: budget.at_least: expected a whole number, 1 to 10000: "1e9"'],
  ["budget: { at_least: 20% }", '1:21: budget.at_least: expected a whole number, 1 to 10000: "20%"'],
  [
    "budget: { kills: 30, at_least: 31 }",
    '1:32: budget.at_least: expected no more than "kills", which is 30: "31"',
  ],
  ["budget: { share: 20 }", '1:18: budget.share: expected a share, such as 20%: "20"'],
  ["budget: { share: 101% }", '1:18: budget.share: expected more than 0% and at most 100%: "101%"'],
  ["budget: { share: 0% }", '1:18: budget.share: expected more than 0% and at most 100%: "0%"'],
  [
    "heartbeat: beats",
    '1:12: heartbeat: expected a table with its schema, such as ops.heartbeat: "beats"',
  ],
  [
    "limits: { rollback_rows: 10s }",
    "1:26: limits.rollback_rows: this limit is a number of rows: 10s",
  ],
  [
    "metrics: { Queue: { sql: SELECT 1 } }",
    '1:12: metrics.Queue: a metric is named in lower case letters, digits and underscores: "Queue"',
  ],
  [
    "metrics: { queue: { every: 10s } }",
    '1:19: metrics.queue: a key is missing: "sql"',
  ],
  [
    "policies: [{ name: a, when: metric.queu > 1, where: running, then: log }]\nmetrics: { queue: { sql: SELECT 1 } }",
    "1:29: policies[0].when: this metric is not defined: metric.queu (did you mean metric.queue?)",
  ],
  [
    "policies: [{ name: a, where: running, then: log, until: lag < 1s }]",
    '1:50: policies[0].until: only a gate with "when" can be closed',
  ],
  [
    "policies: [{ name: a, where: running, then: kill query, give_up_after: 3 }]",
    '1:57: policies[0].give_up_after: only a policy with "settle" gives up',
  ],
  [
    "policies: [{ name: a, where: running, then: kill query, rollback: all }]",
    '1:67: policies[0].rollback: expected one of "any": "all"',
  ],
  [
    "policies: [{ name: a, where: idle and db = 'x', then: kill query }]",
    '1:30: policies[0].where: this selects idle sessions only, and "kill query" does nothing to them, ' +
    '"kill connection" does: "idle and db = \'x\'"',
  ],
  ["limits: { hll: 1e6 }", '1:16: limits.hll: a number has no exponent here, write 1M: "1e6"'],
  [String.raw`"a\nb\u202e": 1`, String.raw`1:1: a\nb\u202e: unknown key: "a\nb\u202e"`],
  [
    "prot: []",
    '1:1: prot: unknown key: "prot" (did you mean "protect"?)',
  ],
];

Deno.test("loadConfig() says what is wrong with a value, and what to write", async () => {
  for (const [line, problem] of WRONG) {
    const found = await problemsOf({ "query-sniper.yaml": `${line}\n${ONE}` });
    assertEquals(found, [`query-sniper.yaml:${problem}`], line);
  }
});

Deno.test("loadConfig() takes the longest durations, and limits with any name of the language", async () => {
  const { databases: [database] } = await load({
    "query-sniper.yaml": `
interval: 1h
budget: { per: 7d }
limits: { _a1: 1s, and: 2s }
policies: [{ name: x, for: 7d, when: lag > limits._a1 and lag > LIMITS.AND, where: running, then: log }]
${ONE}`,
  });
  const { interval, rules } = database!;
  assertEquals([interval, rules.budget.per, rules.policies[0]!.for], [3_600_000, 604_800_000, 604_800_000]);
  assertEquals(rules.limits, { _a1: 1000, and: 2000 });
});

Deno.test("loadConfig() takes host names and addresses, and nothing else for a host", async () => {
  const hosts = ["db1", "db-1.example.com", "10.0.0.1", "::1", "fe80::1%eth0", "bücher.example"];
  for (const host of hosts) {
    const { a } = await loadDatabases(`databases: [{ name: a, host: "${host}" }]\n`);
    assertEquals(a!.address, { host, port: 3306 });
  }
  const expected = "expected a host name or an IP address";
  const rows: readonly (readonly [host: string, problem: string])[] = [
    ["h:3307", `${expected}, its port under "port": "h:3307"`],
    ["[::1]:3307", `${expected}, its port under "port": "[::1]:3307"`],
    ["::1]/[", `${expected}, its port under "port": "::1]/["`],
    ["a:b:c", `${expected}, its port under "port": "a:b:c"`],
    ["mysql://h", `${expected}, its port under "port": "mysql://h"`],
    [" h", `${expected}: " h"`],
    ["h1 h2", `${expected}: "h1 h2"`],
    ["", `${expected}: ""`],
    [String.raw`h\u0007`, String.raw`${expected}: "h\u0007"`],
  ];
  for (const [host, problem] of rows) {
    const found = await problemsOf({ "query-sniper.yaml": `databases: [{ name: a, host: "${host}" }]\n` });
    assertEquals(found, [`query-sniper.yaml:1:30: databases[0].host: ${problem}`], host);
  }
});

Deno.test("loadConfig() tells names apart that differ only where a path has dots", async () => {
  const { databases } = await load({
    "query-sniper.yaml": `
groups:
  a.policies.b: { policies: { c: { where: idle, then: log } } }
  a: { policies: { b.policies.c: { where: running, then: log } } }
databases:
  - { name: one, host: h, group: a.policies.b }
  - { name: two, host: h, group: a }
`,
  });
  assertEquals(databases.map(({ rules }) => rules.policies[0]!.where.source), ["idle", "running"]);
});
