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
    "journal: query-sniper.sqlite",
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

Deno.test("run and once look for no policies that can hardly be meant", async () => {
  await using folder = await Folder.make(FILES);
  const options = { cwd: folder.path };
  const { stderr } = await runProgram(["once", "--dry-run", "--max-time", "10ms"], options);
  assert(!stderr.includes("nobody"), stderr);
});
