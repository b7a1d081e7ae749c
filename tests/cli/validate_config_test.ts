import { assert, assertEquals } from "@std/assert";
import { Folder } from "../config/folder.ts";
import { runProgram } from "../program.ts";

const FILES = {
  "query-sniper.yaml": `
include: more/*.yaml
limits: { lag: 30s, size: 64MiB }
heartbeat: ops.heartbeat
metrics: { queue: { sql: SELECT 1, every: 5s } }
policies:
  - name: reads
    description: Long reads.
    when: lag > limits.lag or metric.queue > 5
    until: lag < 5s
    for: 5s
    during: Mon-Fri 08:00-20:00 Europe/Berlin
    where: running and verb = 'select'
    then: kill query
    escalate: 10s
    share: 5%
    settle: 1m
    give_up_after: 3
    rollback: any
    victims: { order: newest, limit: 5 }
  - { name: idle, where: idle and running, then: log, mode: dry-run }
protect: [user = 'backup']
databases:
  - { name: orders, host: db1, mode: enforce, lease: off }
`,
  "more/replicas.yaml":
    "databases: [{ name: copy, socket: /run/x.sock, source: orders, policies: { reads: off } }]\n",
  "credentials.yaml": { text: "default: { user: sniper, password: hunter2 }\n", mode: 0o600 },
  "broken.yaml": "mode: hunter2\ndatabases: [{ name: orders, host: h }]\n",
};

const WARNING = 'this selects nobody, ever: "idle and running"';

Deno.test("validate-config says all that it understood, and warns", async () => {
  await using folder = await Folder.make(FILES);
  const { code, stdout, stderr } = await runProgram(["validate-config"], { cwd: folder.path });
  assertEquals(stderr, `query-sniper.yaml:21:26: policies[1].where: warning: ${WARNING}\n`);
  assertEquals(code, 0);
  assertEquals(stdout.trimEnd().split("\n"), [
    "query-sniper.yaml: valid",
    "included: more/replicas.yaml",
    "journal: query-sniper.sqlite, kept for 400d and up to 2GiB",
    "orders (db1:3306): enforce, a look every 1s, ssl_mode preferred, 30 kills and 20%, at least 5, per 1m, " +
    "as sniper with password ***",
    "  lease off, verify 5s, grace 10s, heartbeat ops.heartbeat",
    "  limits: lag 30s, size 64MiB",
    "  metric.queue, every 5s: SELECT 1",
    "  reads: kill query when lag > limits.lag or metric.queue > 5 for 5s until lag < 5s, " +
    "during Mon-Fri 08:00-20:00 Europe/Berlin, where running and verb = 'select', escalate after 10s, " +
    "victims newest 5, settle 1m, give up after 3, share 5%, rollback any",
    "  idle (dry-run): log when always, where idle and running",
    "  protected: user = 'backup'",
    "copy (/run/x.sock): dry-run, a look every 1s, ssl_mode preferred, 30 kills and 20%, at least 5, per 1m, " +
    "source orders, as sniper with password ***",
    "  lease on, verify 5s, grace 10s, heartbeat ops.heartbeat",
    "  limits: lag 30s, size 64MiB",
    "  idle (dry-run): log when always, where idle and running",
    "  protected: user = 'backup'",
  ]);
});

Deno.test("validate-config --format json is an object for each file, a line each, and no secret", async () => {
  await using folder = await Folder.make(FILES);
  const args = ["validate-config", "--format", "json", "query-sniper.yaml", "broken.yaml"];
  const { code, stdout, stderr } = await runProgram(args, { cwd: folder.path });
  assertEquals([code, stderr], [2, ""]);
  const [valid, broken, ...rest] = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(rest, []);
  assertEquals(broken, {
    file: "broken.yaml",
    valid: false,
    errors: [
      {
        file: "broken.yaml",
        line: 1,
        column: 7,
        path: "mode",
        message: 'expected one of "dry-run", "enforce": "hunter2"',
      },
    ],
    warnings: [],
    included: [],
    databases: [],
  });
  const { databases: [orders, copy], warnings, errors, ...top } = valid;
  assertEquals(top, {
    file: "query-sniper.yaml",
    valid: true,
    included: ["more/replicas.yaml"],
    journal: "query-sniper.sqlite",
    retention: { keep: "400d", max_size: "2GiB" },
    log: { sql: "digest" },
  });
  assertEquals(errors, []);
  assertEquals(warnings, [
    { file: "query-sniper.yaml", line: 21, column: 26, path: "policies[1].where", message: WARNING },
  ]);
  assertEquals([orders.password, copy.password], ["***", "***"]);
  assert(!JSON.stringify(valid).includes("hunter2"));
  const { policies: [reads], tags, ...settings } = orders;
  assert(tags.includes("controller"));
  assertEquals(settings, {
    name: "orders",
    host: "db1",
    port: 3306,
    user: "sniper",
    password: "***",
    ssl_mode: "preferred",
    mode: "enforce",
    interval: "1s",
    lease: "off",
    verify: "5s",
    grace: "10s",
    heartbeat: "ops.heartbeat",
    budget: { kills: 30, per: "1m", share: "20%", at_least: 5 },
    limits: { lag: "30s", size: "64MiB" },
    metrics: { queue: { sql: "SELECT 1", every: "5s" } },
    protect: ["user = 'backup'"],
  });
  assertEquals(reads, {
    name: "reads",
    description: "Long reads.",
    when: "lag > limits.lag or metric.queue > 5",
    until: "lag < 5s",
    for: "5s",
    during: "Mon-Fri 08:00-20:00 Europe/Berlin",
    where: "running and verb = 'select'",
    then: "kill query",
    escalate: "10s",
    victims: { order: "newest", limit: 5 },
    settle: "1m",
    give_up_after: 3,
    share: "5%",
    rollback: "any",
  });
});

Deno.test("validate-config says which files are kept, for how long, and what reports count otherwise", async () => {
  await using folder = await Folder.make({
    "query-sniper.yaml": `
journal: { file: /var/lib/qs/kills.sqlite, keep: 90d, max_size: 500MiB }
evidence: { keep: 10m, folder: /var/lib/qs/looks }
exempt: [{ digest: "v2:00d1f68b2a4c9e31", owner: reports, reason: a batch }]
aliases: [{ digest: "v2:00d1f68b2a4c9e32", same_as: ["v2:00d1f68b2a4c9e33"] }]
databases: [{ name: orders, host: db1 }]
`,
    "off.yaml": "journal: off\ndatabases: [{ name: orders, host: db1 }]\n",
  });
  const validated = async (...args: readonly string[]) => {
    const { stdout, stderr } = await runProgram(["validate-config", ...args], { cwd: folder.path });
    assertEquals(stderr.replaceAll(/.*warning: .*\n/g, ""), "");
    return stdout.trimEnd().split("\n");
  };
  assertEquals((await validated()).slice(0, 5), [
    "query-sniper.yaml: valid",
    "journal: /var/lib/qs/kills.sqlite, kept for 90d and up to 500MiB",
    "evidence: /var/lib/qs/looks, the last 10m before a kill",
    "exempt: digest v2:00d1f68b2a4c9e31, reports",
    "alias: v2:00d1f68b2a4c9e33 counts as v2:00d1f68b2a4c9e32",
  ]);
  assertEquals((await validated("off.yaml")).slice(1, 2), ["journal: off"]);
  const [line] = await validated("--format", "json");
  const { journal, retention, evidence, exempt, aliases } = JSON.parse(line!);
  assertEquals([journal, retention], ["/var/lib/qs/kills.sqlite", { keep: "90d", max_size: "500MiB" }]);
  assertEquals(evidence, { folder: "/var/lib/qs/looks", keep: "10m" });
  assertEquals([exempt.length, aliases.length], [1, 1]);
  const [off] = await validated("--format", "json", "off.yaml");
  assertEquals([JSON.parse(off!).journal, "retention" in JSON.parse(off!)], ["off", false]);
});

Deno.test("run and once look for no policies that can hardly be meant", async () => {
  await using folder = await Folder.make(FILES);
  const options = { cwd: folder.path };
  const { stderr } = await runProgram(["once", "--dry-run", "--max-time", "10ms"], options);
  assert(!stderr.includes("nobody"), stderr);
});

Deno.test("validate-config sums up many databases, and tells all with --verbose", async () => {
  const config = (databases: readonly string[]) => `
policies:
  - { name: reads, where: time > 10s, then: kill query }
  - { name: seen, where: time > 5s, then: log }
groups: { armed: { mode: enforce }, shadow: { mode: enforce, policies: { reads: { mode: dry-run } } } }
databases:
${databases.map((text) => `  - { ${text} }\n`).join("")}`;
  const armed = Array.from({ length: 12 }, (_, index) => `name: a${index}, host: h, group: armed`);
  const many = [
    ...armed,
    "name: s, host: h, group: shadow",
    "name: off, host: h, policies: { reads: off, seen: off }",
  ];
  await using folder = await Folder.make({
    "query-sniper.yaml": config(many),
    "few.yaml": config(many.slice(0, 3)),
  });
  const validated = async (...args: readonly string[]) =>
    (await runProgram(["validate-config", ...args], { cwd: folder.path })).stdout.trimEnd().split("\n");
  assertEquals(await validated(), [
    "query-sniper.yaml: valid",
    "journal: query-sniper.sqlite, kept for 400d and up to 2GiB",
    "14 databases, armed 13: a0, a1, a2, a3, a4, a5, a6, a7, and 5 more",
    "  reads: kill query on 13 of 14 databases, armed on 12",
    "  seen: log on 13 of 14 databases, armed on all of these",
    "  no policy is in force on off",
    "  --verbose tells all that holds for each",
  ]);
  assertEquals((await validated("--verbose")).filter((line) => /^\w+ \(h:3306\)/.test(line)).length, 14);
  assertEquals((await validated("few.yaml")).filter((line) => /^\w+ \(h:3306\)/.test(line)).length, 3);
});

Deno.test("validate-config --place checks a copy as if it stood where it will be", async () => {
  await using folder = await Folder.make({
    "etc/databases.d/a.yaml": "databases: [{ name: a, host: h }]\n",
    "etc/credentials.yaml": { text: "default: { user: a, password: x }\n", mode: 0o600 },
    "tmp/copy": "include: databases.d/a.yaml\nssl_ca: absent.pem\n",
  });
  const run = (...args: readonly string[]) => runProgram(["validate-config", ...args], { cwd: folder.path });
  const copy = await run("tmp/copy");
  assertEquals(copy.code, 2);
  assert(
    copy.stderr.startsWith("tmp/copy:1:10: include: cannot read the file: it does not exist"),
    copy.stderr,
  );
  const placed = await run("--place", "etc/query-sniper.yaml", "tmp/copy");
  assertEquals([placed.code, placed.stderr], [
    2,
    'tmp/copy:2:9: ssl_ca: cannot read the file: it does not exist: "absent.pem"\n',
  ]);
  await Deno.writeTextFile(folder.file("etc/absent.pem"), "x");
  const { code, stdout, stderr } = await run("--place", "etc/query-sniper.yaml", "tmp/copy");
  assertEquals([code, stderr], [0, ""]);
  assert(stdout.includes("as a with password ***"), stdout);
  const several = await run("--place", "x", "a", "b");
  assertEquals([several.code, several.stderr.split("\n")[0]], [
    2,
    "query-sniper: --place is of one FILE: there are 2",
  ]);
});
