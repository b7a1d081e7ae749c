// The stand-in answers as the real one did (ProxySQL 2.7.2), as mysql2 shows it.

import { assert, assertEquals } from "@std/assert";
import { type Connection, createConnection } from "mysql2";
import { ProxysqlCluster } from "../lab/proxysql/cluster.ts";
import { ADMIN, ProxysqlStandIn, STATS } from "../lab/proxysql/stand_in.ts";
import { waitFor } from "../lab/wait_for.ts";

/** A connection of mysql2's own, with what it was told. */
class Client implements AsyncDisposable {
  readonly driver: Connection;
  lost: string | undefined;

  constructor(proxy: ProxysqlStandIn, options: object = {}) {
    const numbers = { supportBigNumbers: true, bigNumberStrings: true };
    this.driver = createConnection({ host: "127.0.0.1", port: proxy.port, ...ADMIN, ...numbers, ...options });
    this.driver.on("error", (error) => this.lost = (error as { code?: string }).code);
  }

  connected(): Promise<string> {
    return new Promise((resolve) => {
      this.driver.once("connect", () => resolve("connected"));
      this.driver.once("error", (error) => resolve(`${(error as { code?: string }).code}: ${error.message}`));
    });
  }

  /** The rows as lists with the columns before them, what an OK tells, or the error. */
  ask(sql: string): Promise<unknown> {
    return new Promise((resolve) => {
      this.driver.query({ sql, rowsAsArray: true }, (error, result, fields) => {
        if (error !== null) {
          const { errno, sqlState, message, code } = error as unknown as Record<string, unknown>;
          resolve(errno === undefined ? code : `${errno}/${sqlState} ${message}`);
        } else if (Array.isArray(result)) resolve([fields!.map(({ name }) => name), ...result]);
        else {
          const { affectedRows, info, insertId, serverStatus, warningStatus } = result as unknown as Readonly<
            Record<string, unknown>
          >;
          assertEquals([insertId, serverStatus, warningStatus], [0, 514, 0]);
          resolve(info === "" ? affectedRows : [affectedRows, info]);
        }
      });
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.driver.destroy();
    return Promise.resolve();
  }
}

const admin = (text: string) => `1045/28000 ProxySQL Admin Error: ${text}`;

/** Statements and what an administrator gets: rows behind their columns, affected rows (with a text), or an error. */
const ANSWERS: readonly (readonly [sql: string, answer: unknown])[] = [
  ["SELECT 1 AS a, 'x' AS b, NULL AS c, 1.5 AS d", [["a", "b", "c", "d"], ["1", "x", null, "1.5"]]],
  ["SELECT CONNECTION_ID()", [["CONNECTION_ID()"], ["0"]]],
  ["SELECT USER()", [["user()"], ["radmin@127.0.0.1"]]],
  ["SELECT CURRENT_USER()", [["current_user()"], ["radmin@127.0.0.1"]]],
  ["SELECT @@hostname", [["@@hostname"]]],
  ["SELECT @@read_only", [["@@read_only"]]],
  ["SELECT @@version", [["@@version"], ["2.7.2-local"]]],
  ["SELECT version()", [["version()"], ["2.7.2-local"]]],
  ["SELECT @@version_comment LIMIT 1", [["'(ProxySQL Admin Module)'"], ["(ProxySQL Admin Module)"]]],
  ["SELECT @@version, @@version_comment", [["@@version"], ["2.7.2-local"]]],
  ["SELECT @@a, @@b", admin('near ",": syntax error')],
  ["SELECT @@global.read_only", [["@@global.read_only"], ["0"]]],
  ["SELECT DATABASE()", [["DATABASE()"], ["admin"]]],
  ["SELECT NOW()", admin("no such function: NOW")],
  ["SELECT UNIX_TIMESTAMP()", admin("no such function: UNIX_TIMESTAMP")],
  ["SELECT SLEEP(0)", admin("no such function: SLEEP")],
  ["SELECT * FROM nosuch", admin("no such table: nosuch")],
  ["SELECT something wrong here", admin('near "here": syntax error')],
  ["SELECT 'it\\'s'", admin(`unrecognized token: "'"`)],
  ["SELECT 'it''s' AS a", [["a"], ["it's"]]],
  ['SELECT "dq" AS a', [["a"], ["dq"]]],
  ["/* a */ -- b\n SELECT 1 AS a;", [["a"], ["1"]]],
  ["SELECT 1 AS a; SELECT 2 AS b", [["a"], ["1"]]],
  ["SELECT ';' AS a", [["a"], [";"]]],
  [" ", admin("not an error")],
  ["SET NAMES utf8mb4", 0],
  ["SET autocommit=1", 0],
  ...["BEGIN", "COMMIT", "ROLLBACK", "START TRANSACTION"].map((sql) => [sql, 0] as const),
  ["SET foo=1", [0, "ERROR: Unknown global variable: 'foo'."]],
  ["SET time_zone='+00:00'", [0, "ERROR: Unknown global variable: 'time_zone'."]],
  ["SET sql_mode=''", [0, "ERROR: Unknown global variable: 'sql_mode'."]],
  ["SET SESSION wait_timeout=1", [0, "ERROR: Unknown global variable: 'wait_timeout'."]],
  ["SET mysql-threads=2", 1],
  ["SHOW VARIABLES LIKE 'mysql-threads'", [["Variable_name", "Value"], ["mysql-threads", "2"]]],
  ["SHOW MYSQL STATUS LIKE 'x'", admin('near "SHOW": syntax error')],
  ["SHOW PROCESSLIST", [["SessionID", "user", "db", "hostgroup", "command", "time_ms", "info"]]],
  ...["WARNINGS", "STATUS", "ENGINES", "MASTER STATUS"].map((what) =>
    [`SHOW ${what}`, admin('near "SHOW": syntax error')] as const
  ),
  ["INSERT INTO proxysql_servers VALUES ('a', 6032, 0, '')", 1],
  [
    "INSERT INTO proxysql_servers VALUES ('a', 6032, 0, '')",
    admin("UNIQUE constraint failed: proxysql_servers.hostname, proxysql_servers.port"),
  ],
  ["INSERT INTO proxysql_servers VALUES ('b', 6032, -1, '')", admin("CHECK constraint failed: weight >= 0")],
  ["INSERT INTO proxysql_servers VALUES ('b', 'abc', 0, '')", 1],
  ["REPLACE INTO proxysql_servers VALUES ('a', 6032, 7, '')", 1],
  ["LOAD PROXYSQL SERVERS FROM CONFIG", 2],
  ["LOAD PROXYSQL SERVERS FROM CONFIG", 2],
  ["DELETE FROM proxysql_servers", 4],
  ["LOAD MYSQL USERS FROM CONFIG", 0],
  ["LOAD PROXYSQL SERVERS TO RUNTIME", 0],
  ["SAVE MYSQL SERVERS TO DISK", 0],
  ["LOAD MYSQL SERVERS FROM DISK", 0],
  ["LOAD NOSUCH TO RUNTIME", admin('near "LOAD": syntax error')],
  ["PROXYSQL FOO", admin('near "PROXYSQL": syntax error')],
  ["KILL 1", admin('near "KILL": syntax error')],
  ["KILL QUERY 1", admin('near "KILL": syntax error')],
  ["KILL CONNECTION", admin('near "KILL": syntax error')],
  ["KILL CONNECTION 999999", admin("Unknown thread id: 999999")],
  ["KILL CONNECTION abc", admin("Unknown thread id: 0")],
  ["PROXYSQL READONLY", 0],
  ["INSERT INTO proxysql_servers VALUES ('c', 6032, 0, '')", admin("attempt to write a readonly database")],
  ["LOAD PROXYSQL SERVERS TO RUNTIME", 0],
  ["PROXYSQL READWRITE", 0],
  ["INSERT INTO proxysql_servers VALUES ('c', 6032, 0, '')", 1],
  ["PROXYSQL PAUSE", 0],
  ["PROXYSQL PAUSE", admin("ProxySQL MySQL module is already paused, impossible to pause")],
  [
    "SELECT Variable_Value FROM stats_mysql_global WHERE Variable_Name='mysql_listener_paused'",
    [["Variable_Value"], ["true"]],
  ],
  ["PROXYSQL RESUME", 0],
  ["PROXYSQL RESUME", admin("ProxySQL MySQL module is not paused, impossible to resume")],
  ["USE nosuch", 0],
];

Deno.test("an administrator is answered as by the real one, statement by statement", async () => {
  const servers = [{ hostname: "x", port: 6032 }, { hostname: "y", port: 6032 }];
  await using proxy = await ProxysqlStandIn.start({ configFile: { proxysql_servers: servers } });
  await using client = new Client(proxy);
  for (const [sql, expected] of ANSWERS) assertEquals(await client.ask(sql), expected, sql);
  const count = async (sql: string) => (await client.ask(sql) as readonly unknown[]).length - 1;
  assertEquals(await count("SHOW DATABASES"), 5);
  assertEquals(await count("SHOW TABLES"), 38);
  assertEquals(await count("SHOW TABLES FROM stats"), 24);
  const [columns] = await client.ask("SHOW FULL PROCESSLIST") as readonly (readonly string[])[];
  assertEquals(columns!.length, 16);
  const [[, checksum]] = [await client.ask("SELECT GLOBAL_CHECKSUM()") as readonly (readonly string[])[]];
  assert(BigInt(checksum![0]!) > 2n ** 63n - 1n, "a number beyond 53 bits is not rounded");
  proxy.configFile = "missing";
  assertEquals(
    await client.ask("LOAD PROXYSQL SERVERS FROM CONFIG"),
    admin("Unable to open or parse config file /etc/proxysql.cnf"),
  );
  assertEquals(client.lost, undefined);
});

Deno.test("columns have the types that the real one has", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using client = new Client(proxy);
  const fieldOf = (sql: string) =>
    new Promise((resolve) =>
      client.driver.query(sql, (_, __, fields) => {
        const { columnType, flags, characterSet, columnLength, table, schema } =
          fields![0] as unknown as Record<string, unknown>;
        resolve([columnType, flags, characterSet, columnLength, table, schema]);
      })
    );
  assertEquals(await fieldOf("SELECT 1 AS a"), [253, 1, 33, 15, "", ""]);
  assertEquals((await fieldOf("SELECT @@global.read_only") as unknown[]).slice(0, 3), [8, 1, 63]);
  assertEquals((await fieldOf("SELECT GLOBAL_CHECKSUM()") as unknown[]).slice(0, 2), [8, 161]);
});

Deno.test("somebody who may read statistics sees these only, and writes nothing", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using client = new Client(proxy, STATS);
  for (
    const table of ["runtime_mysql_servers", "runtime_checksums_values", "mysql_users", "main.mysql_users"]
  ) {
    const name = table.replace("main.", "");
    assertEquals(await client.ask(`SELECT * FROM ${table}`), admin(`no such table: ${name}`));
  }
  for (const verb of ["KILL CONNECTION 1", "PROXYSQL PAUSE", "TRUNCATE stats_mysql_query_digest"]) {
    const [word] = verb.split(" ");
    assertEquals(await client.ask(verb), admin(`near "${word}": syntax error`));
  }
  for (const verb of ["LOAD MYSQL USERS TO RUNTIME", "SAVE MYSQL DIGEST TO DISK"]) {
    assertEquals(await client.ask(verb), admin(`near "${verb.split(" ")[0]}": syntax error`));
  }
  assertEquals(
    await client.ask("DELETE FROM stats_mysql_query_digest"),
    admin("attempt to write a readonly database"),
  );
  assertEquals(await client.ask("SELECT GLOBAL_CHECKSUM()"), admin("no such function: GLOBAL_CHECKSUM"));
  assertEquals(await client.ask("SELECT DATABASE()"), [["DATABASE()"], ["stats"]]);
  assertEquals(await client.ask("SELECT * FROM stats.stats_mysql_users"), [
    ["username", "frontend_connections", "frontend_max_connections"],
  ]);
});

Deno.test("the word that resets digests does so in a comment, and for everybody", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using client = new Client(proxy, STATS);
  await using other = new Client(proxy);
  const count = () => client.ask("SELECT count(*) AS n FROM stats_mysql_query_digest");
  proxy.addDigest({ digest: "0x01" });
  assertEquals(await count(), [["n"], ["1"]]);
  await client.ask("SELECT 1 /* stats_mysql_query_digest_reset */");
  assertEquals(await count(), [["n"], ["0"]]);
  for (const sql of ["TRUNCATE TABLE stats.stats_mysql_query_digest", "SAVE MYSQL DIGEST TO DISK"]) {
    proxy.addDigest({ digest: "0x01" });
    assertEquals(await other.ask(sql), 1);
    assertEquals(await count(), [["n"], ["0"]]);
  }
});

Deno.test("logins are refused by their own words, and other ports look alike but for one statement", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using traffic = await ProxysqlStandIn.start({ kind: "traffic" });
  for (const [login, using] of [[{ password: "x" }, "YES"], [{ user: "app", password: "" }, "NO"]] as const) {
    await using client = new Client(proxy, login);
    const user = { user: "radmin", ...login }.user;
    assertEquals(
      await client.connected(),
      `ER_ACCESS_DENIED_ERROR: ProxySQL Error: Access denied for user '${user}'@'127.0.0.1' (using password: ${using})`,
    );
  }
  await using client = new Client(traffic);
  assertEquals(await client.ask("SELECT @@version_comment LIMIT 1"), [["@@version_comment"], ["(ProxySQL)"]]);
});

Deno.test("a statement that is empty behind its semicolon ends it, and SHUTDOWN does", async () => {
  for (const sql of [";", " ; ", "/* nothing */", "PROXYSQL SHUTDOWN", "PROXYSQL SHUTDOWN SLOW"]) {
    await using proxy = await ProxysqlStandIn.start();
    await using client = new Client(proxy);
    assertEquals(await client.ask(sql), "PROTOCOL_CONNECTION_LOST", sql);
    assert(!proxy.isUp);
    await using late = new Client(proxy);
    assert((await late.connected()).startsWith("ECONNREFUSED"));
    await proxy.listen();
  }
});

Deno.test("prepared statements are refused, a reset is no answer to count on, and a change of user gets none", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using client = new Client(proxy);
  const prepared = await new Promise((resolve) =>
    client.driver.execute("SELECT 1", (error) => resolve((error as Error | null)?.message))
  );
  assertEquals(prepared, "Command not supported");
  assertEquals(await client.ask("SELECT 1 AS a"), [["a"], ["1"]]);
  await new Promise((resolve) => client.driver.ping(resolve));
  let changed = false;
  client.driver.changeUser({ user: "stats" }, () => changed = true);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert(!changed);
});

Deno.test("it can be frozen, silent but for pings, slow for everybody, and answer twice", async () => {
  await using proxy = await ProxysqlStandIn.start();
  const { behaviour } = proxy;
  await using client = new Client(proxy);
  assertEquals(await client.ask("SELECT 1 AS a"), [["a"], ["1"]]);
  behaviour.silent = true;
  const answer = client.ask("SELECT 1 AS a").then(() => "answered");
  await using pinging = new Client(proxy);
  assertEquals(
    await new Promise((resolve) => pinging.driver.ping((error) => resolve(error ?? "pong"))),
    "pong",
  );
  assertEquals(
    await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 50, "silence"))]),
    "silence",
  );
  behaviour.silent = false;
  behaviour.slow = 80;
  await using one = new Client(proxy);
  await using two = new Client(proxy);
  const before = performance.now();
  await Promise.all([one.ask("SELECT 1 AS a"), two.ask("SELECT 1 AS a")]);
  assert(performance.now() - before > 150, "one statement waits for the other");
  Object.assign(behaviour, { slow: 0, twice: true });
  assertEquals(await one.ask("PROXYSQL PAUSE"), 0);
  await waitFor("the second answer", () => Promise.resolve(one.lost !== undefined));
  assertEquals(one.lost, "PROTOCOL_UNEXPECTED_PACKET");
  behaviour.frozen = true;
  await using late = new Client(proxy, { connectTimeout: 100 });
  assert((await late.connected()).startsWith("ETIMEDOUT"));
});

Deno.test("a cluster copies what has a version above 1, and nothing while all are at version 1", async () => {
  await using cluster = await ProxysqlCluster.start();
  const [core] = cluster.cores;
  const [satellite] = cluster.satellites;
  core!.add("mysql_users", { username: "app" });
  core!.add("runtime_mysql_users", { username: "app" });
  const users = () => satellite!.tables.prepare("SELECT count(*) AS n FROM runtime_mysql_users").get()!["n"];
  cluster.tick(5);
  assertEquals(users(), 0);
  core!.load("MYSQL USERS", true);
  cluster.tick(5);
  assertEquals([users(), satellite!.checksumOf("mysql_users").version], [1, 2]);
  const metrics = () =>
    satellite!.tables.prepare(
      `SELECT Uptime_s AS up, last_check_ms AS ago FROM stats_proxysql_servers_metrics WHERE port = ${
        core!.port
      }`,
    ).get();
  assert(Number(metrics()!["up"]) > 0);
  core!.behaviour.frozen = true;
  cluster.tick(40);
  assertEquals({ ...metrics() }, { up: 1, ago: 40_000 });
});

Deno.test("a follower of ProxySQL's own election refuses changes and what goes to runtime, and names its leader", async () => {
  await using proxy = await ProxysqlStandIn.start({ configFile: { mysql_users: [{ username: "app" }] } });
  await using client = new Client(proxy);
  proxy.follows = "10.0.0.2:6032 (a-b)";
  const refused = admin(
    "Admin is in read-only mode (cluster follower). Current leader is 10.0.0.2:6032 (a-b). " +
      "Use PROXYSQL READWRITE to override.",
  );
  for (const sql of ["LOAD MYSQL USERS TO RUNTIME", "SAVE MYSQL USERS TO DISK"]) {
    assertEquals(await client.ask(sql), refused);
  }
  assertEquals(await client.ask("LOAD MYSQL USERS FROM CONFIG"), 1);
  assertEquals(
    await client.ask("DELETE FROM proxysql_servers WHERE hostname = ''"),
    admin("attempt to write a readonly database"),
  );
  proxy.follows = undefined;
  assertEquals(await client.ask("LOAD MYSQL USERS TO RUNTIME"), 0);
});

Deno.test("variables and rules come from the file too, rows that are loaded again are numbered anew", async () => {
  const configFile = {
    mysql_variables: [{ name: "threads", value: "16" }],
    mysql_query_rules: [{ rule_id: 7, active: 1 }],
    proxysql_servers: [{ hostname: "b", port: 6032 }],
  };
  await using proxy = await ProxysqlStandIn.start({ configFile });
  await using client = new Client(proxy);
  assertEquals(await client.ask("LOAD MYSQL VARIABLES FROM CONFIG"), 1);
  assertEquals(await client.ask("LOAD MYSQL QUERY RULES FROM CONFIG"), 1);
  assertEquals(await client.ask("LOAD ADMIN VARIABLES FROM CONFIG"), 0);
  assertEquals(proxy.variable("mysql-threads"), "16");
  const before = proxy.checksumOf("mysql_variables");
  await client.ask("LOAD MYSQL VARIABLES TO RUNTIME");
  const after = proxy.checksumOf("mysql_variables");
  assertEquals([before.version, after.version, before.checksum === after.checksum], [1, 2, false]);
  await client.ask("INSERT INTO proxysql_servers (hostname) VALUES ('a'), ('b')");
  await client.ask("LOAD PROXYSQL SERVERS FROM CONFIG");
  assertEquals(await client.ask("SELECT rowid, hostname FROM proxysql_servers ORDER BY 1"), [
    ...[["rowid", "hostname"], ["1", "a"], ["3", "b"]],
  ]);
});

Deno.test("whoever has just started copies what is above version 1 whatever its epoch, and a new list is of nobody reached", async () => {
  await using cluster = await ProxysqlCluster.start();
  const [core] = cluster.cores;
  const [satellite] = cluster.satellites;
  const metrics = () =>
    satellite!.tables.prepare("SELECT Uptime_s AS up FROM stats_proxysql_servers_metrics").all().map((
      { up },
    ) => Number(up));
  for (const table of ["mysql_users", "runtime_mysql_users"]) core!.add(table, { username: "app" });
  core!.tables.exec(
    "UPDATE runtime_checksums_values SET version = 5, epoch = -1, checksum = '0x1' WHERE name = 'mysql_users'",
  );
  cluster.tick(5);
  assertEquals(satellite!.inForce("mysql_users").length, 1);
  cluster.cores.forEach(({ behaviour }) => behaviour.frozen = true);
  cluster.tick();
  assertEquals(metrics(), [1, 1]);
  satellite!.load("PROXYSQL SERVERS", true);
  cluster.tick();
  assertEquals(metrics(), [0, 0]);
});
