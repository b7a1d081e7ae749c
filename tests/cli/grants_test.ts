import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Folder } from "../config/folder.ts";
import { type ProgramResult, runProgram } from "../program.ts";

const CONFIG = `
heartbeat: ops.heartbeat
limits: { lag: 30s }
metrics:
  queue: { sql: "SELECT COUNT(*) FROM app.queue WHERE secret = 4711" }
policies:
  - { name: reads, when: lag > limits.lag and metric.queue > 5, where: time > 10s, then: kill query }
databases:
  - { name: one, host: db1 }
  - { name: two, host: db2 }
  - { name: armed, host: db3, mode: enforce }
  - { name: quiet, host: db4, policies: { reads: off } }
`;

async function grants(
  files: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<ProgramResult> {
  await using folder = await Folder.make(files);
  return await runProgram(["grants", ...args], { cwd: folder.path });
}

const FILES = {
  "query-sniper.yaml": CONFIG,
  "credentials.yaml": `
default: { user: "o'brien", password_env: NOT_SET_HERE }
databases: { armed: { user: sniper, password: x } }
`,
};

Deno.test("grants prints for each account what its databases need, and nothing of the user's SQL", async () => {
  const { code, stdout, stderr } = await grants(FILES, ["--flavor", "mysql"]);
  assertEquals([code, stderr], [0, ""]);
  const [head, ...blocks] = stdout.trim().split("\n\n");
  assertStringIncludes(head!, "-- The least privileges for query-sniper.yaml: ");
  const [notes, dryRun, armed, quiet] = blocks.map((block) => block.split("\n"));
  assertEquals(notes![0], "-- ==== MySQL 8.0 and later ====");
  assertEquals(dryRun, [
    "-- one, two",
    "-- CREATE USER IF NOT EXISTS 'o''brien'@'%' IDENTIFIED BY '…' WITH MAX_USER_CONNECTIONS 5;",
    "-- to tell one execution from the next (else nothing is killed); to see the sessions of others; to",
    "-- tell whose a session is, and what it runs, inside of a stored routine; to read the transactions",
    "-- of others:",
    "GRANT SELECT ON performance_schema.* TO 'o''brien'@'%';",
    "-- to read the replica status:",
    "GRANT REPLICATION CLIENT ON *.* TO 'o''brien'@'%';",
    "-- to read the heartbeat table:",
    "GRANT SELECT ON `ops`.`heartbeat` TO 'o''brien'@'%';",
    "-- to read what transactions have changed (what a kill would undo):",
    "GRANT PROCESS ON *.* TO 'o''brien'@'%';",
    "-- only with mode: enforce, to kill the statements of others:",
    "-- GRANT CONNECTION_ADMIN ON *.* TO 'o''brien'@'%';",
    "-- for metric.queue: SELECT on what its sql reads",
  ]);
  assertEquals(armed![0], "-- armed");
  assertEquals(armed!.slice(-3), [
    "-- to kill the statements of others:",
    "GRANT CONNECTION_ADMIN ON *.* TO 'sniper'@'%';",
    "-- for metric.queue: SELECT on what its sql reads",
  ]);
  assertEquals(quiet, ["-- quiet", "-- no policy is in force here: nothing is needed"]);
  assert(!/4711|app\.queue/.test(stdout));
});

Deno.test("grants is SQL and comments, with a section for each flavor unless one is chosen", async () => {
  const [both, mysql, mariadb, wrong] = await Promise.all([
    grants(FILES, []),
    grants(FILES, ["--flavor", "mysql"]),
    grants(FILES, ["--flavor", "mariadb"]),
    grants(FILES, ["--flavor", "percona"]),
  ]);
  assertEquals(both.stdout.split("\n").filter((line) => !/^(--|GRANT .*;$|$)/.test(line)), []);
  const sections = (text: string) => [...text.matchAll(/^-- ==== (\w+)/gm)].map(([, name]) => name);
  assertEquals([both, mysql, mariadb].map(({ stdout }) => sections(stdout)), [
    ["MySQL", "MariaDB"],
    ["MySQL"],
    ["MariaDB"],
  ]);
  assertStringIncludes(mariadb.stdout, "\nGRANT SELECT ON mysql.proc TO 'sniper'@'%';\n");
  assertStringIncludes(mariadb.stdout, "\nGRANT SLAVE MONITOR ON *.* TO 'sniper'@'%';\n");
  assertEquals([wrong.code, wrong.stderr.split("\n")[0]], [
    2,
    'query-sniper: --flavor is one of mysql, mariadb: "percona"',
  ]);
});

Deno.test("grants without credentials says so, and puts a name in the place of the account", async () => {
  const { code, stdout, stderr } = await grants({ "query-sniper.yaml": CONFIG }, []);
  assertEquals(code, 0);
  assertStringIncludes(stderr, "the credentials file does not exist here");
  assertStringIncludes(stdout, "-- which account it is cannot be read here: 'sniper' stands in its place\n");
  assertStringIncludes(stdout, "GRANT PROCESS ON *.* TO 'sniper'@'%';");
});

Deno.test("grants says what the server itself has to offer", async () => {
  const config = `
policies: [{ name: p, where: "blocking > 0 and program != 'x'", then: log }]
databases: [{ name: one, host: db1 }]
`;
  const { stdout } = await grants({ "query-sniper.yaml": config }, ["--flavor", "mariadb"]);
  assertStringIncludes(
    stdout,
    "-- once on the server, to tell whose a session is, and what it runs, inside of a stored routine:\n" +
      "-- turn on performance_schema, with its instruments statement/% and its consumer\n" +
      "-- events_statements_current\n",
  );
  assertStringIncludes(
    stdout,
    "-- once on the server, to see what clients say of themselves: turn on performance_schema\n",
  );
  assertStringIncludes(
    stdout,
    "-- once on the server, to see who blocks whom: INSTALL SONAME 'metadata_lock_info'\n",
  );
  assert(!/CONNECTION ADMIN ON/.test(stdout));
});

Deno.test("grants prints what to run on each ProxySQL, without passwords", async () => {
  const { code, stdout, stderr } = await grants({
    "query-sniper.yaml":
      "proxysql: [{ name: edge, address: 127.0.0.1:6032 }, { name: core, address: core:6032 }]\n" +
      "databases: [{ name: one, host: db1, proxysql: edge }]\n",
    "credentials.yaml": "default: { user: sniper, password: x }\n" +
      "proxysql: { user: radmin, password: hunter2 }\n" +
      "proxies: { core: { proxysql-stats: { user: reader, password: hunter3 } } }\n",
  }, ["--flavor", "mysql"]);
  assertEquals([code, stderr], [0, ""]);
  const [edge, core] = stdout.trim().split("\n\n").slice(-2).map((block) => block.split("\n"));
  assertEquals(edge, [
    "-- ==== ProxySQL edge (127.0.0.1:6032), on its admin interface ====",
    "-- in front of one",
    "-- to change something there: to end the sessions of clients; what SELECT @@admin-admin_credentials",
    "-- shows now stays in front:",
    "SET admin-admin_credentials='…;radmin:…';",
    "LOAD ADMIN VARIABLES TO RUNTIME;",
    "SAVE ADMIN VARIABLES TO DISK;",
    "-- to tell whose connections are, by the server's own ids:",
    "SET mysql-show_processlist_extended=1;",
    "LOAD MYSQL VARIABLES TO RUNTIME;",
    "SAVE MYSQL VARIABLES TO DISK;",
  ]);
  assertEquals(core!.slice(1), [
    "-- to read sessions, health and digests; what SELECT @@admin-stats_credentials shows now stays in",
    "-- front:",
    "SET admin-stats_credentials='…;reader:…';",
    "LOAD ADMIN VARIABLES TO RUNTIME;",
    "SAVE ADMIN VARIABLES TO DISK;",
  ]);
});

Deno.test("grants prints the accounts of a group of shards by role and place, with what each may do", async () => {
  const config = `
databases: [{ name: one, host: db1 }, { name: two, host: db2 }, { name: map, host: db3, heartbeat: ops.beat }]
sharding:
  metadata: map
  schema: my_shop
  tables: { users: { key: id } }
  shards: [one]
  pool: [two]
  router: { statements: [select, insert] }
`;
  const { stdout } = await grants({ "query-sniper.yaml": config }, ["--flavor", "mysql"]);
  const found = stdout.slice(stdout.indexOf("==== shards")).trim().split("\n\n").slice(1).map((block) => {
    const lines = block.split("\n");
    return [lines[0], ...lines.filter((line) => line.startsWith("GRANT"))];
  });
  const [shop, router, coordinator] = ["ON `my\\_shop`.* TO", "'router'@'%';", "'coordinator'@'%';"];
  assertEquals(found, [
    [
      "-- the account of `router`, on one, two",
      `GRANT SELECT, INSERT, UPDATE, CREATE TEMPORARY TABLES, EXECUTE ${shop} ${router}`,
    ],
    ["-- the account of `router`, on map", `GRANT SELECT ${shop} ${router}`],
    [
      "-- the account of `coordinator` and `shards`, on one, two",
      "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, TRIGGER, CREATE TEMPORARY TABLES, CREATE ROUTINE, ALTER ROUTINE " +
      `${shop} ${coordinator}`,
      `GRANT PROCESS ON *.* TO ${coordinator}`,
      `GRANT REPLICATION CLIENT ON *.* TO ${coordinator}`,
    ],
    [
      "-- the account of `coordinator` and `shards`, on map",
      `GRANT SELECT, INSERT, UPDATE, DELETE, CREATE ${shop} ${coordinator}`,
    ],
  ]);
  const endpoint = `
databases: [{ name: spider, host: db1 }]
sharding: { engine: endpoint, endpoint: spider, schema: shop, router: { statements: [select, delete] } }
`;
  const passed = await grants({ "query-sniper.yaml": endpoint }, ["--flavor", "mariadb"]);
  assertStringIncludes(passed.stdout, `\nGRANT SELECT, DELETE ON \`shop\`.* TO 'router'@'%';\n`);
});
