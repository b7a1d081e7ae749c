// query-sniper proxysql, against the stand-in for ProxySQL's admin interface.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Folder } from "../config/folder.ts";
import { ProxysqlCluster } from "../lab/proxysql/cluster.ts";
import { runProgram } from "../program.ts";
import { CREDENTIALS, run, started, STATS_ONLY } from "./proxysql.ts";

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
  assert(performance.now() - started_ < 10_000);
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
    [[], "proxysql is told one of run, status, health, digests, drain, resync"],
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

Deno.test("proxysql asks which one is meant where several are configured", async () => {
  await using proxy = await started();
  await using other = await started();
  await using folder = await Folder.make({
    "query-sniper.yaml": "proxysql:\n" +
      `  - { name: edge, address: "${proxy.address}" }\n  - { name: core, address: "${other.address}" }\n`,
    "credentials.yaml": CREDENTIALS,
  });
  const health = (...args: string[]) => runProgram(["proxysql", "health", ...args], { cwd: folder.path });
  const [none, wrong, core] = await Promise.all([
    health(),
    health("--proxy", "egde"),
    health("--proxy", "core"),
  ]);
  assertEquals([none.code, none.stderr.split("\n")[0]], [
    2,
    "query-sniper: --proxy says which one: edge, core",
  ]);
  assertEquals([wrong.code, wrong.stderr.split("\n")[0]], [
    2,
    'query-sniper: no ProxySQL has this name: "egde" (did you mean "edge"?)',
  ]);
  assertEquals([core.code, core.stdout, proxy.connections], [0, "ready\n", 0]);
});

Deno.test("what is wrong is told with the address, in whole, and with what the task can do", async () => {
  await using proxy = await started();
  const wrong = await run(proxy, ["status"], {
    credentials: "proxysql: { user: radmin-of-the-east-of-the-fleet, password: wrong }\n",
  });
  assertEquals(wrong.code, 1);
  assertStringIncludes(wrong.stderr, `query-sniper: ${proxy.address}: "ProxySQL Error: Access denied`);
  assertStringIncludes(wrong.stderr, "(using password: YES)");
  const format = await run(proxy, ["status", "--format", "yaml"]);
  assertEquals(format.code, 2);
  assertStringIncludes(format.stderr, 'proxysql status has --format text, json: "yaml"');
  for (const id of [1, 2]) proxy.endSession(id);
  proxy.paused = true;
  const nothing = await run(proxy, ["drain", "--dry-run"]);
  assertEquals([nothing.code, nothing.stdout, nothing.stderr], [0, "", "nothing would be sent now\n"]);
  const address = "127.0.0.1:1";
  for (const [task, words] of [["status", ""], ["digests", "no dump was made: "]] as const) {
    const { code, stderr } = await run({ address } as typeof proxy, [task]);
    assertEquals(code, 1);
    assertStringIncludes(
      stderr,
      `query-sniper: ${words}${address}: nothing listens there: check proxysql.address`,
    );
  }
});
