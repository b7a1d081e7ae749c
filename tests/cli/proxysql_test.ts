// query-sniper proxysql, against the stand-in for ProxySQL's admin interface.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { gunzipSync } from "node:zlib";
import { Folder } from "../config/folder.ts";
import { ProxysqlCluster } from "../lab/proxysql/cluster.ts";
import { ProxysqlStandIn } from "../lab/proxysql/stand_in.ts";
import { type ProgramOptions, type ProgramResult, runProgram, startProgram } from "../program.ts";

const CREDENTIALS = "proxysql: { user: radmin, password: radmin }\n";
const STATS_ONLY = "proxysql-stats: { user: stats, password: stats }\n";

/** Runs the command with this configuration of the stand-in. */
async function run(
  proxy: ProxysqlStandIn,
  args: readonly string[],
  { more = "", credentials = CREDENTIALS }: { readonly more?: string; readonly credentials?: string } = {},
): Promise<ProgramResult> {
  await using folder = await Folder.make({
    "query-sniper.yaml": `proxysql: { address: "${proxy.address}", timeout: 300ms${more} }\n`,
    "credentials.yaml": credentials,
  });
  return await runProgram(["proxysql", ...args], { cwd: folder.path });
}

async function started(): Promise<ProxysqlStandIn> {
  const proxy = await ProxysqlStandIn.start();
  proxy.add("runtime_mysql_users", { username: "app", default_hostgroup: 10 });
  proxy.add("stats_mysql_users", { username: "app", frontend_connections: 2 });
  for (const [hostgroup, status] of [[10, "ONLINE"], [20, "SHUNNED"]] as const) {
    proxy.add("stats_mysql_connection_pool", {
      ...{ hostgroup, srv_host: "10.0.0.1", srv_port: 3306, status, ConnUsed: 1, ConnFree: 3, ConnERR: 0 },
      ...{ Queries: 9_223_372_036_854_775_807n, Latency_us: 310 },
    });
  }
  proxy.addSession();
  proxy.addSession({ command: "Query" });
  return proxy;
}

Deno.test("proxysql status tells what a ProxySQL is and what is around it", async () => {
  await using proxy = await started();
  const { code, stdout, stderr } = await run(proxy, ["status"]);
  assertEquals([code, stderr], [0, ""]);
  const lines = stdout.split("\n");
  assert(
    /^ProxySQL 2\.7\.2-local at 127\.0\.0\.1:\d+, up \d+s$/.test(lines[0]!.replace(/\.\ds$/, "s")),
    lines[0],
  );
  assertEquals(lines[1], "role none, leader -, takes connections: yes, ready");
  assertStringIncludes(
    stdout,
    "10         10.0.0.1:3306  ONLINE   1     3     0       9223372036854775807  310 us",
  );
  assertStringIncludes(stdout, "USER  SESSIONS  IDLE\napp   2         1\n");
  assertStringIncludes(stdout, "mysql_servers      1        0      0x0000000000000000  -\n");
});

Deno.test("proxysql status --format json has numbers of 64 bits with all their digits, and nulls for what is not told", async () => {
  await using cluster = await ProxysqlCluster.start();
  const [satellite] = cluster.satellites;
  cluster.tick();
  cluster.cores[1]!.behaviour.frozen = true;
  cluster.tick(40);
  cluster.cores[0]!.add("stats_proxysql_servers_clients_status", {
    ...{ uuid: "u", hostname: "10.0.0.7", port: 41_000, last_seen_at: 1_800_000_000 },
  });
  const { code, stdout } = await run(satellite!, ["status", "--format", "json"], {
    more: ", role: satellite",
    credentials: STATS_ONLY,
  });
  assertEquals(code, 0);
  const status = JSON.parse(stdout);
  assertEquals(status.peers.map(({ state }: { state: string }) => state).toSorted(), ["silent", "up"]);
  assertEquals([status.role, status.leader, status.checksums, status.ready], [
    "satellite",
    null,
    null,
    false,
  ]);
  const core = JSON.parse((await run(cluster.cores[0]!, ["status", "--format", "json"])).stdout);
  assertEquals(core.satellites, [{ address: "10.0.0.7:41000", last_seen: "2027-01-15T08:00:00.000Z" }]);
  assertEquals(core.checksums.length, 7);
  await using proxy = await started();
  assertStringIncludes(
    (await run(proxy, ["status", "--format", "json"])).stdout,
    '"queries":9223372036854775807,',
  );
});

Deno.test("proxysql health is 0 where ProxySQL is well, 1 with the reason where it is not", async () => {
  await using proxy = await started();
  const health = (...args: string[]) => run(proxy, ["health", ...args]);
  const [ready, live, up, json] = await Promise.all([
    health(),
    health("--live"),
    health("--started"),
    health("--format", "json"),
  ]);
  assertEquals([ready, live, up].map(({ code, stdout }) => [code, stdout]), [
    [0, "ready\n"],
    [0, "live\n"],
    [0, "started\n"],
  ]);
  assertEquals(json.stdout, '{"probe":"ready","ok":true,"reasons":[]}\n');
  proxy.paused = true;
  assertEquals(
    [(await health()).stdout, (await health("--live")).code],
    ["not ready: it is paused, and takes no new connections\n", 0],
  );
  proxy.paused = false;
  const all = await run(proxy, ["health"], {
    more: ", http: { ready: { backends: all } }",
    credentials: STATS_ONLY,
  });
  assertEquals([all.code, all.stdout], [1, "not ready: no server is online in hostgroup 20\n"]);
  proxy.tables.exec("UPDATE stats_mysql_connection_pool SET status = 'SHUNNED'");
  assertEquals((await health()).stdout, "not ready: no server is online in hostgroup 10\n");
  const none = await run(proxy, ["health"], { more: ", http: { ready: { backends: none } }" });
  assertEquals([none.code, none.stdout], [0, "ready\n"]);
  proxy.tables.exec("DELETE FROM stats_mysql_users");
  const satellite = await run(proxy, ["health"], {
    more: ", role: satellite, http: { ready: { backends: none } }",
  });
  assertStringIncludes(satellite.stdout, "it has got no configuration from a core yet");
});

Deno.test("a ProxySQL that hangs fails every probe within its deadline, though it answers pings", async () => {
  await using proxy = await started();
  proxy.behaviour.silent = true;
  const started_ = performance.now();
  const { code, stdout } = await run(proxy, ["health", "--live"]);
  assert(performance.now() - started_ < 5000);
  assertEquals(code, 1);
  assertEquals(
    stdout,
    "not live: ProxySQL does not answer in time: it may hang: look at its log, and restart it\n",
  );
  await proxy.crash();
  const gone = await run(proxy, ["health", "--live"]);
  assertEquals([gone.code, gone.stdout], [
    1,
    "not live: nothing listens there: check proxysql.address, and that ProxySQL runs\n",
  ]);
});

Deno.test("while the file of a drain is there, it is live and not ready", async () => {
  await using proxy = await started();
  await using folder = await Folder.make({ draining: "" });
  const more = `, drain: { file: ${folder.file("draining")} }`;
  const [ready, live] = await Promise.all([
    run(proxy, ["health", "--ready"], { more }),
    run(proxy, ["health", "--live"], { more }),
  ]);
  assertEquals([ready.code, ready.stdout, live.code], [1, "not ready: it drains\n", 0]);
});

Deno.test("proxysql says what is wrong with its command line, and asks nobody then", async () => {
  await using proxy = await started();
  const wrong: readonly (readonly [readonly string[], string])[] = [
    [[], "proxysql is told one of status, health, digests, drain"],
    [["stats"], '"stats" (did you mean "status"?)'],
    [["status", "x"], 'and nothing else: "x"'],
    [["status", "--live"], "proxysql status has no option --live"],
    [["health", "--live", "--ready"], "proxysql health asks for one of --live, --ready"],
  ];
  for (const [args, message] of wrong) {
    const { code, stdout, stderr } = await run(proxy, args);
    assertEquals([code, stdout], [2, ""], args.join(" "));
    assertStringIncludes(stderr, message);
  }
  assertEquals(proxy.statements, []);
  await using folder = await Folder.make({
    "query-sniper.yaml": "databases: [{ name: a, host: h }]\n",
    "credentials.yaml": "default: { user: a, password: b }\n",
  });
  const none = await runProgram(["proxysql", "status"], { cwd: folder.path });
  assertStringIncludes(none.stderr, 'there is no "proxysql" in this configuration: "query-sniper.yaml"');
});

Deno.test("a ProxySQL without databases is nothing to watch", async () => {
  await using proxy = await started();
  await using folder = await Folder.make({
    "query-sniper.yaml": `proxysql: { address: "${proxy.address}" }\n`,
    "credentials.yaml": CREDENTIALS,
  });
  const { code, stderr } = await runProgram(["once"], { cwd: folder.path });
  assertEquals(code, 2);
  assertStringIncludes(stderr, 'there is no database in this configuration: "query-sniper.yaml"');
});

Deno.test("proxysql digests writes a file into the folder, once more only what came since", async () => {
  await using proxy = await started();
  await using folder = await Folder.make({
    "query-sniper.yaml": `proxysql: { address: "${proxy.address}", digests: { folder: dumps } }\n`,
    "credentials.yaml": STATS_ONLY,
  });
  const now = Math.floor(Date.now() / 1000);
  proxy.addDigest({
    digest: "0x01",
    digest_text: "SELECT ?",
    count_star: 5,
    first_seen: now,
    last_seen: now,
  });
  const dump = async (...args: string[]) => {
    const result = await runProgram(["proxysql", "digests", ...args], { cwd: folder.path });
    assertEquals([result.code, result.stderr], [0, ""]);
    return result.stdout;
  };
  const first = await dump();
  assert(
    /^\S*dumps\/digests-\d{4}-\d\d-\d\dT\d{6}Z-[0-9a-f]{12}\.jsonl\.gz: 1 rows in all, sha256 [0-9a-f]{64}\n$/
      .test(first),
    first,
  );
  assert(/: 0 rows since \S+Z, sha256 /.test(await dump()));
  proxy.changeDigest("0x01", { count_star: 7 });
  for (const format of ["csv", "parquet"]) assertStringIncludes(await dump("--format", format), `.${format}`);
  const names = (await Array.fromAsync(Deno.readDir(folder.file("dumps")))).map(({ name }) =>
    name.replace(/.*?\./, "")
  )
    .toSorted();
  assertEquals(names, [
    ...["csv.gz", "csv.gz.manifest.json", "jsonl.gz", "jsonl.gz", "parquet", "parquet.manifest.json"],
  ]);
  const named = await dump("--output", "a.jsonl", "--delta");
  assert(named.startsWith(`${folder.file("a.jsonl")}: 0 rows`), named);
  assertEquals((await Deno.stat(folder.file("proxysql.sqlite"))).mode! & 0o777, 0o600);
  assertEquals(proxy.tables.prepare("SELECT count(*) AS n FROM stats_mysql_query_digest").get()!["n"], 1);
});

Deno.test("proxysql digests without a folder writes to standard output, and does not count it as dumped", async () => {
  await using proxy = await started();
  const now = Math.floor(Date.now() / 1000);
  proxy.addDigest({
    digest: "0x01",
    digest_text: "SELECT ?",
    count_star: 5,
    first_seen: now,
    last_seen: now,
  });
  await using folder = await Folder.make({
    "query-sniper.yaml": `proxysql: { address: "${proxy.address}" }\n`,
    "credentials.yaml": STATS_ONLY,
  });
  for (let time = 0; time < 2; time++) {
    const { code, stdout, stderr } = await runProgram(["proxysql", "digests"], { cwd: folder.path });
    const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals([code, lines.length, lines[0].count, lines[1].rows], [0, 2, 5, 1]);
    assertEquals(JSON.parse(stderr), lines[1]);
  }
  const csv = await runProgram(["proxysql", "digests", "--format", "csv", "--output", "-"], {
    cwd: folder.path,
  });
  assertEquals([csv.stdout.split("\r\n").length, JSON.parse(csv.stderr).rows], [3, 1]);
});

Deno.test("proxysql digests empties them only where a purge is configured, and --dry-run only says so", async () => {
  await using proxy = await started();
  proxy.digestMemory = 2 ** 30;
  proxy.addDigest({ digest: "0x01", digest_text: "SELECT ?", first_seen: 1, last_seen: 1 });
  const purge = ", digests: { folder: dumps, purge: { memory: 1GiB } }";
  const dry = await run(proxy, ["digests", "--dry-run"], { more: purge });
  assertEquals([dry.code, dry.stdout], [0, "TRUNCATE TABLE stats.stats_mysql_query_digest\n"]);
  const none = await run(proxy, ["digests", "--dry-run"]);
  assertEquals([none.stdout, none.stderr], ["", "a dump would change nothing on ProxySQL\n"]);
  assert(!proxy.statements.some((sql) => sql.includes("stats_mysql_query_digest")));
  await run(proxy, ["digests"], { more: ", digests: { folder: dumps }" });
  assert(!proxy.statements.some((sql) => /truncate/i.test(sql)));
  const done = await run(proxy, ["digests"], { more: purge });
  assertStringIncludes(done.stdout, "ProxySQL's digests were emptied: they took 1073741824 bytes\n");
  assertEquals(proxy.emptyDigests(), 0);
  const reader = await run(proxy, ["digests"], { more: purge, credentials: STATS_ONLY });
  assertEquals(reader.code, 2);
  assertStringIncludes(reader.stderr, "digests.purge needs an administrator");
});

Deno.test("a dump that cannot be written says why, and leaves nothing", async () => {
  await using proxy = await started();
  const { code, stderr } = await run(proxy, ["digests", "--output", "/nowhere/a.jsonl"]);
  assertEquals([code, stderr], [1, "query-sniper: no dump was made: /nowhere/a.jsonl: it does not exist\n"]);
  proxy.behaviour.silent = true;
  const silent = await run(proxy, ["digests", "--output", "a.jsonl"]);
  assertEquals(silent.code, 1);
  assertStringIncludes(silent.stderr, "query-sniper: ProxySQL does not answer in time");
});

Deno.test("proxysql drain pauses, ends idle sessions, and says who was left", async () => {
  await using proxy = await ProxysqlStandIn.start();
  proxy.addSession();
  proxy.addSession({ command: "Query", time_ms: 3000, user: "batch" });
  proxy.addSession({ srv_host: "10.0.0.1", time_ms: 60_000 });
  await using folder = await Folder.make({
    "query-sniper.yaml": `proxysql: { address: "${proxy.address}", drain: { close_idle: 500ms } }\n`,
    "credentials.yaml": CREDENTIALS,
  });
  const drain = (...args: string[]) => runProgram(["proxysql", "drain", ...args], { cwd: folder.path });
  const isDraining = () => Deno.stat(folder.file("draining")).then(() => true, () => false);
  const dry = await drain("--dry-run", "--shutdown");
  assertEquals([dry.code, dry.stdout], [0, "PROXYSQL PAUSE\nKILL CONNECTION 1\nPROXYSQL SHUTDOWN\n"]);
  assertEquals([proxy.paused, proxy.sessionIds().length, await isDraining()], [false, 3, false]);
  const { code, stdout, stderr } = await drain("--timeout", "1s");
  assertEquals([code, stdout.split("\n"), stderr.split("\n")], [1, [
    "not ready from now on: draining",
    "paused: it takes no new connections",
    "closed: 1 session that did nothing",
    "",
  ], [
    "query-sniper: 2 sessions left after 1s, 1 closed",
    "  session 2: batch from 10.0.0.9:40002, Query for 3s",
    "  session 3: app from 10.0.0.9:40003, idle for 1m, and whether in a transaction is not known: " +
    "mysql-show_processlist_extended=1 tells",
    "",
  ]]);
  assertEquals([proxy.paused, await isDraining()], [true, true]);
  proxy.endSession(2);
  proxy.endSession(3);
  const again = await drain();
  assertStringIncludes(again.stdout, "not ready: a drain that was begun before goes on: draining\n");
  assertStringIncludes(again.stdout, "drained: 0 sessions closed, none is left\n");
  const undone = await drain("--resume");
  assertEquals([undone.code, undone.stdout], [0, "ProxySQL takes connections again\n"]);
  assertEquals([proxy.paused, await isDraining()], [false, false]);
  const down = await drain("--shutdown");
  assertEquals([down.code, proxy.isUp, await isDraining()], [0, false, false]);
  assertStringIncludes(down.stdout, "shut down\n");
});

Deno.test("a drain that is killed at any time is gone on with, and never closes who works", async () => {
  await using proxy = await ProxysqlStandIn.start();
  proxy.addSession({ command: "Query", extended_info: '{"active_transactions":1}' });
  await using folder = await Folder.make({
    "query-sniper.yaml": `proxysql: { address: "${proxy.address}" }\n`,
    "credentials.yaml": CREDENTIALS,
  });
  for (const [line, pauseMs] of [["not ready", 800], ["paused", 0]] as const) {
    proxy.behaviour.pauseMs = pauseMs;
    await using program = startProgram(["proxysql", "drain"], { cwd: folder.path });
    await program.line(line, (text) => text.startsWith(line));
    await program.stop("SIGKILL");
    const health = await runProgram(["proxysql", "health", "--ready"], { cwd: folder.path });
    assertEquals(health.code, 1);
    assertStringIncludes(health.stdout, "it drains");
  }
  proxy.changeSession(1, { command: "Sleep", time_ms: 5000, extended_info: '{"active_transactions":0}' });
  const { code, stdout } = await runProgram(["proxysql", "drain"], { cwd: folder.path });
  assertEquals(code, 0);
  assertStringIncludes(stdout, "drained: 1 session closed, none is left\n");
});

Deno.test("proxysql drain refuses what it is not told well", async () => {
  await using proxy = await started();
  for (
    const [args, message] of [
      [["--resume", "--shutdown"], "--resume undoes a drain: it does not go with --shutdown"],
      [["--timeout", "30"], '--timeout is a duration such as 30s, at most 1h: "30"'],
      [["--format", "json"], 'proxysql drain has no --format: "json"'],
      [["--live"], "proxysql drain has no option --live"],
    ] as const
  ) {
    const { code, stderr } = await run(proxy, ["drain", ...args]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, message);
  }
  const reader = await run(proxy, ["drain"], { credentials: STATS_ONLY });
  assertEquals(reader.code, 2);
  assertStringIncludes(reader.stderr, "this needs an administrator");
  const nowhere = await run(proxy, ["drain"], { more: ", drain: { file: /proc/nowhere/draining }" });
  assertEquals(nowhere.code, 1);
  assertStringIncludes(nowhere.stderr, "/proc/nowhere/draining cannot be written");
  assertEquals([proxy.paused, proxy.statements.some((sql) => /^(?:KILL|PROXYSQL)/.test(sql))], [
    false,
    false,
  ]);
});

Deno.test("a full disk, counters that cannot be kept and a second dump are told, and leave nothing", async () => {
  await using proxy = await started();
  for (let at = 0; at < 2000; at++) proxy.addDigest({ digest: `0x${at}`, digest_text: `SELECT c${at}` });
  await using folder = await Folder.make({
    "query-sniper.yaml": `proxysql: { address: "${proxy.address}", digests: { folder: dumps } }\n`,
    "credentials.yaml": STATS_ONLY,
  });
  const dump = (options: ProgramOptions = {}) =>
    runProgram(["proxysql", "digests"], { cwd: folder.path, ...options });
  const full = await dump({ fileLimitKiB: 16 });
  assertEquals(full.code, 1);
  assert(/^query-sniper: no dump was made: .*(?:too large|disk|full|I\/O)/i.test(full.stderr), full.stderr);
  const nowhere = await dump({ env: { STATE_DIRECTORY: "/nowhere" } });
  assertEquals([nowhere.code, nowhere.stderr], [
    1,
    "query-sniper: no dump was made: the counters of dumps cannot be kept in /nowhere/proxysql.sqlite: " +
    "it does not exist\n",
  ]);
  assertEquals((await Array.fromAsync(Deno.readDir(folder.file("dumps")))).length, 0);
  proxy.behaviour.slow = 400;
  const [one, two] = await Promise.all([dump(), dump()]);
  assertEquals([one.code, two.code].toSorted(), [0, 1]);
  assertStringIncludes(`${one.stderr}${two.stderr}`, "no dump was made: another program makes a dump\n");
});

Deno.test("a dump that is killed at any time leaves no file, and what it read is counted once", async () => {
  await using proxy = await started();
  const now = Math.floor(Date.now() / 1000);
  proxy.startedAt -= 86_400_000;
  proxy.tables.exec("BEGIN");
  for (let at = 0; at < 4000; at++) {
    proxy.addDigest({
      digest: `0x${at}`,
      digest_text: `SELECT c${at}`,
      first_seen: now,
      last_seen: now,
      count_star: 0,
    });
  }
  proxy.tables.exec("COMMIT");
  await using folder = await Folder.make({
    "query-sniper.yaml":
      `proxysql: { address: "${proxy.address}", digests: { folder: dumps, format: csv } }\n`,
    "credentials.yaml": STATS_ONLY,
  });
  for (const delay of [100, 200, 250, 300, 350, 400, 500, 100_000]) {
    proxy.tables.exec("UPDATE stats_mysql_query_digest SET count_star = count_star + 1");
    await using program = startProgram(["proxysql", "digests"], { cwd: folder.path });
    const timer = setTimeout(() => program.signal("SIGKILL"), delay);
    await program.ended.finally(() => clearTimeout(timer));
  }
  let total = 0;
  const names = (await Array.fromAsync(Deno.readDir(folder.file("dumps")))).map(({ name }) => name);
  assertEquals(names.filter((name) => name.endsWith(".unfinished")), []);
  for (const name of names.filter((name) => name.endsWith(".csv.gz"))) {
    assert(names.includes(`${name}.manifest.json`), name);
    const text = new TextDecoder().decode(gunzipSync(await Deno.readFile(folder.file(`dumps/${name}`))));
    const [head, ...lines] = text.trimEnd().split("\r\n");
    const at = head!.split(",").indexOf("count_total") - 1;
    // Nothing in these rows has a comma before it but tags and the list of columns.
    for (const line of lines) total += Number(line.split(",")[at]);
  }
  assertEquals(total, 8 * 4000);
});
