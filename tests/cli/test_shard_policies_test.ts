// `query-sniper test` on policies about shards.

import { assertEquals } from "@std/assert";
import { Folder } from "../config/folder.ts";
import { page, sample } from "../pages.ts";
import { type ProgramResult, runProgram } from "../program.ts";

const CONFIG = `
limits: { rows: 100k }
databases: [{ name: shard-1, host: 10.0.0.1 }, { name: shard-2, host: 10.0.0.2 }]
sharding:
  metadata: shard-1
  schema: shop
  tables: { users: { key: user_id } }
  shards: [shard-1]
  max_shards: 4
  budget: { shards: 1, per: 1h }
  policies:
    - { name: hot, each: shard, when: cpu > 70% or rows > limits.rows, for: 1m, then: split, settle: 30m }
    - { name: cold, when: sum(rows) > 300k, during: Mon-Fri 08:00-20:00, then: add shard }
    - { name: told, when: max(qps) > 1k, then: log }
    - { name: shadow, each: shard, mode: dry-run, when: connections > 10, then: split }
`;

async function run(tests: string, config = CONFIG): Promise<ProgramResult> {
  await using folder = await Folder.make({
    "query-sniper.yaml": config,
    "tests.yaml": `config: query-sniper.yaml\nshard_tests:\n${tests}`,
  });
  return await runProgram(["test", "tests.yaml"], { cwd: folder.path });
}

Deno.test("test passes policies about shards that do what is expected", async () => {
  const { code, stdout, stderr } = await run(
    `
  - name: a full shard is split once it is full for a minute
    shards:
      shard-1: { rows: { 0s: 90k, 5m: 150k }, cpu: unknown, connections: 50 }
      shard-2: { rows: 10k, qps: 5 }
    expect:
      - { at: 5m, changes: [], matches: [{ policy: shadow, shard: shard-1 }] }
      - { at: 359s, changes: [] }
      - { at: 6m, changes: [{ policy: hot, action: split, shard: shard-1 }] }
      - { at: 50m, changes: [], skipped: [{ policy: hot, shard: shard-1, reason: gave-up }] }
  - name: nothing for what is unknown, nor while a shard cannot be reached
    shards:
      shard-1: { rows: 150k, reachable: { 0s: true, 30s: false, 10m: true } }
      shard-2: { rows: unknown, qps: 500 }
    expect:
      - { at: 10m, changes: [], matches: [] }
      - { at: 11m, changes: [{ policy: hot }] }
  - name: the budget of an hour, and nothing while a change is under way
    takes: 10m
    shards: { shard-1: { rows: 250k }, shard-2: { rows: 250k } }
    expect:
      - { at: 0s, changes: [cold] }
`.replace("[cold]", "[{ policy: cold, action: add shard }]").replace(
      /$/,
      `
      - { at: 10m, changes: [], skipped: [{ policy: hot, reason: changing }] }
      - { at: 30m, changes: [], skipped: [{ policy: hot, shard: shard-2, reason: budget }, { policy: cold, reason: acted }] }
      - { at: 61m, changes: [{ policy: hot }] }
`,
    ),
  );
  assertEquals({ code, stderr, stdout }, { code: 0, stderr: "", stdout: "3 passed, 0 failed\n" });
});

Deno.test("test says what policies about shards did in place of what was expected, and why", async () => {
  const { code, stdout } = await run(`
  - name: on a Sunday
    start: 2026-01-04T12:00:00Z
    shards: { shard-1: { rows: 400k }, shard-2: { qps: 3 } }
    expect:
      - { at: 50s, changes: [{ policy: hot, shard: shard-2 }, { policy: cold }], matches: [{ policy: told }] }
      - { at: 2m, changes: [], skipped: [{ policy: hot, reason: budget }] }
`);
  assertEquals(code, 1);
  assertEquals(stdout.trimEnd().split("\n"), [
    "FAILED tests.yaml: on a Sunday",
    "  at 50s, changes",
    "    expected  hot shard-2",
    "              cold",
    "    found     nothing",
    "    because   hot shard-2: its gate is unknown: cpu > 70%: unknown: not read; rows > limits.rows: unknown: not read against 100k",
    "              cold: its gate is closed: during Mon-Fri 08:00-20:00: Sun 12:00",
    "  at 50s, matches",
    "    expected  told",
    "    found     nothing",
    "    because   told: its gate is unknown: max(qps) > 1k: at least 3, unknown beyond: shard-1: not read",
    "  at 2m, changes",
    "    expected  nothing",
    "    found     hot split shard-1 at 1m",
    "    because   hot split shard-1 at 1m: rows > limits.rows: 400k against 100k",
    "  at 2m, skipped",
    '    expected  hot, "budget"',
    '    found     hot split shard-1 at 70s, "not-seen"',
    '              hot split shard-1 at 80s, "settle"',
    '    because   hot shard-1: its gate is open: rows > limits.rows: 400k against 100k; skipped at 80s, "settle"',
    "              hot shard-2: its gate is unknown: cpu > 70%: unknown: not read; rows > limits.rows: unknown: not read against 100k",
    "0 passed, 1 failed",
  ]);
});

Deno.test("test says what is wrong with a test of policies about shards, and where", async () => {
  const { code, stderr } = await run(`
  - name: twice
    shards: { shard-1: { row: 5, cpu: 5, rows: 1h } }
    expect: [{ at: 5m, changes: [{ policy: hott }] }, { at: 1m, skipped: [{ policy: hot, shard: shard-2, reason: bugdet }] }]
  - name: twice
    shards: { shard-1: {} }
    expect: [{ at: 8d, changes: [] }, { at: 1s }]
`);
  assertEquals(code, 2);
  assertEquals(
    stderr.trimEnd().split("\n"),
    [
      'tests.yaml:5:26: shard_tests[0].shards.shard-1.row: unknown key: "row" (did you mean "rows"?)',
      'tests.yaml:5:39: shard_tests[0].shards.shard-1.cpu: expected a value such as 95%: "5"',
      'tests.yaml:5:48: shard_tests[0].shards.shard-1.rows: expected a value such as 100, 20k or 1M: "1h"',
      'tests.yaml:6:44: shard_tests[0].expect[0].changes[0].policy: no policy about shards has this name: "hott" (did you mean "hot"?)',
      "tests.yaml:6:61: shard_tests[0].expect[1].at: expected a time that is not before the one above it",
      'tests.yaml:6:97: shard_tests[0].expect[1].skipped[0].shard: no shard of this test has this name: "shard-2" (did you mean "shard-1"?)',
      'tests.yaml:6:114: shard_tests[0].expect[1].skipped[0].reason: expected one of "settle", "gave-up", "acted", "budget", "max-shards", "changing", "not-seen", "unreachable": "bugdet" (did you mean "budget"?)',
      'tests.yaml:7:11: shard_tests[1].name: another test has this name: "twice"',
      'tests.yaml:9:20: shard_tests[1].expect[0].at: expected at most 7d: "8d"',
      'tests.yaml:9:39: shard_tests[1].expect[1]: a key is missing: "changes" or "matches" or "skipped"',
    ].map((line) => line),
  );
});

Deno.test("a test of policies about shards needs shards", async () => {
  const { code, stderr } = await run(
    "  - { name: a, shards: { s: {} }, expect: [{ at: 0s, changes: [] }] }\n",
    "databases: [{ name: a, host: b }]\n",
  );
  assertEquals([code, stderr.trim()], [
    2,
    'tests.yaml:3:5: shard_tests[0]: the configuration has no "sharding", whose policies this tests',
  ]);
});

Deno.test("the test of policies about shards in the pages passes, with the policies in the pages", async () => {
  const config = /```yaml\n(databases:[^`]*policies:[^`]*)```/.exec(page("docs/shards.md"))![1]!;
  await using folder = await Folder.make({
    "query-sniper.yaml": config,
    "shards.test.yaml": sample("shard-policy-tests"),
  });
  const { stdout, stderr } = await runProgram(["test", "shards.test.yaml"], { cwd: folder.path });
  assertEquals([stdout, stderr], ["1 passed, 0 failed\n", ""]);
});
