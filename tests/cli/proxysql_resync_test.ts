// query-sniper proxysql resync.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ProxysqlCluster } from "../lab/proxysql/cluster.ts";
import { ProxysqlStandIn } from "../lab/proxysql/stand_in.ts";
import { run, STATS_ONLY } from "./proxysql.ts";

const LOAD = "LOAD PROXYSQL SERVERS FROM CONFIG";
const RUN = "LOAD PROXYSQL SERVERS TO RUNTIME";
const drop = (port: number) => `DELETE FROM proxysql_servers WHERE hostname = '127.0.0.1' AND port = ${port}`;

/** What changed something, without the statement that only asks whether that is possible. */
function changesOf(proxy: ProxysqlStandIn): readonly string[] {
  return proxy.statements.filter((sql) => !/^SELECT/.test(sql) && !/hostname = ''/.test(sql));
}

Deno.test("proxysql resync takes the list of cores from the file, and waits until one answers", async () => {
  await using cluster = await ProxysqlCluster.start({ cores: 2 });
  const [satellite] = cluster.satellites;
  const [one, two] = cluster.cores.map(({ port }) => port).toSorted((a, b) => a - b) as [number, number];
  satellite!.configFile = { proxysql_servers: [{ hostname: "127.0.0.1", port: two }] };
  cluster.tick(2);
  const dry = await run(satellite!, ["resync", "--dry-run"], { more: ", role: satellite" });
  assertEquals([dry.code, dry.stdout.trimEnd().split("\n")], [0, [LOAD, drop(one), drop(two), RUN]]);
  assertStringIncludes(dry.stderr, "each DELETE is sent only if ProxySQL's file does not list that core");
  assertEquals(changesOf(satellite!), []);
  const ticking = setInterval(() => cluster.tick(), 200);
  const { code, stdout } = await run(satellite!, ["resync"], { more: ", role: satellite" });
  clearInterval(ticking);
  assertEquals([code, stdout.trimEnd().split("\n")], [0, [
    ...[LOAD, drop(one), RUN],
    `resynced: 1 core listed, 127.0.0.1:${two} answers`,
  ]]);
  assertEquals(changesOf(satellite!), [LOAD, drop(one), RUN]);
});

Deno.test("proxysql resync says when nobody answers, and what it refuses changes nothing", async () => {
  await using proxy = await ProxysqlStandIn.start();
  proxy.add("proxysql_servers", { hostname: "10.0.0.1" });
  const resync = (more: string, credentials?: string) =>
    run(proxy, ["resync"], { more, ...credentials !== undefined && { credentials } });
  const empty = await resync("");
  assertEquals([empty.code, empty.stdout], [1, `${LOAD}\n`]);
  assertEquals(empty.stderr, "query-sniper: not resynced, and nothing was changed: its file lists no core\n");
  proxy.configFile = "missing";
  const missing = await resync(", role: satellite");
  assertEquals([missing.code, missing.stdout], [1, ""]);
  assertStringIncludes(
    missing.stderr,
    'nothing was changed: "ProxySQL Admin Error: Unable to open or parse config file',
  );
  proxy.configFile = { proxysql_servers: [{ hostname: "10.0.0.2" }] };
  const core = await resync(`, role: core, peers: { static: ["127.0.0.1:6032"] }`);
  assertEquals(core.code, 2);
  assertStringIncludes(
    core.stderr,
    'the list of a core is kept by the leader: "role" has to be satellite, or none',
  );
  const reader = await resync(", role: satellite", STATS_ONLY);
  assertEquals(reader.code, 2);
  assertStringIncludes(
    reader.stderr,
    'this needs an administrator: "proxysql" in the credentials file names none',
  );
  proxy.isReadOnly = true;
  assertStringIncludes((await resync("")).stderr, "nothing was changed: ProxySQL takes no changes");
  proxy.isReadOnly = false;
  assert(changesOf(proxy).every((sql) => sql === LOAD));
  assertEquals(proxy.tables.prepare("SELECT count(*) AS n FROM proxysql_servers").get()!["n"], 1);
  const silent = await resync(", role: satellite, interval: 1s");
  assertEquals([silent.code, silent.stdout.trimEnd().split("\n").length], [1, 3]);
  assertEquals(silent.stderr, "query-sniper: 1 core listed, and no core has answered since\n");
});
