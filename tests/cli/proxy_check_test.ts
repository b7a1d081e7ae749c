import { assertEquals, assertStringIncludes } from "@std/assert";
import { type ProxyCheck, ProxyChecks } from "../../src/cli/commands/check/proxy_check.ts";
import { systemClock } from "../../src/clock.ts";
import type { WatchedDatabase } from "../../src/config/mod.ts";
import { Folder, required } from "../config/folder.ts";
import { loadConfig } from "../../src/config/mod.ts";
import { ADMIN, ProxysqlStandIn, STATS } from "../lab/proxysql/stand_in.ts";

const READER = `proxysql-stats: { user: ${STATS.user}, password: ${STATS.password} }\n`;
const BOTH = `${READER}proxysql: { user: ${ADMIN.user}, password: ${ADMIN.password} }\n`;

/** What is checked of the proxy in front of a database at 127.0.0.1:3306, with this action of a policy. */
async function checked(
  proxy: ProxysqlStandIn,
  { credentials = BOTH, then = "kill query", address = proxy.address }: {
    readonly credentials?: string;
    readonly then?: string;
    readonly address?: string;
  } = {},
): Promise<ProxyCheck> {
  await using folder = await Folder.make({
    "query-sniper.yaml": `proxysql: { name: edge, address: "${address}", timeout: 500ms }\n` +
      `policies: [{ name: a, where: time > 1s, then: ${then} }]\n` +
      "databases: [{ name: one, host: 127.0.0.1, proxysql: edge }]\n",
    "credentials.yaml": `default: { user: a, password: b }\n${credentials}`,
  });
  const { config } = await loadConfig(folder.file("query-sniper.yaml"), required());
  const [database] = config.databases as readonly WatchedDatabase[];
  const [found] = await new ProxyChecks(config.proxies, systemClock).of(database!);
  return found!;
}

async function started(status = "ONLINE"): Promise<ProxysqlStandIn> {
  const proxy = await ProxysqlStandIn.start();
  proxy.setVariable("mysql-show_processlist_extended", "1");
  proxy.add("stats_mysql_connection_pool", {
    ...{ hostgroup: 10, srv_host: "localhost", srv_port: 3306, status },
  });
  return proxy;
}

Deno.test("check says what of a proxy can be known, and done", async () => {
  await using proxy = await started();
  assertEquals(await checked(proxy, { then: "kill connection" }), {
    ...{ proxy: "edge", ok: true, version: "2.7.2-local", extended: true, ends_sessions: true, problems: [] },
  });
});

Deno.test("check says what a proxy lacks, and how to mend it", async () => {
  await using proxy = await started("SHUNNED_REPLICATION_LAG");
  proxy.setVariable("mysql-show_processlist_extended", "0");
  const { ok, extended, problems } = await checked(proxy, { credentials: READER });
  assertEquals([ok, extended], [true, false]);
  assertEquals(problems, [
    '"kill connection" and "escalate" are skipped: the credentials name no administrator of it',
    "it does not tell the server's ids of connections, which are found by their ports then: " +
    "SET mysql-show_processlist_extended=1, then LOAD MYSQL VARIABLES TO RUNTIME, then SAVE MYSQL VARIABLES TO DISK",
    "it takes this database for SHUNNED_REPLICATION_LAG in hostgroup 10",
  ]);
  // A policy that ends connections cannot do so.
  assertEquals((await checked(proxy, { credentials: READER, then: "kill connection" })).ok, false);
  const demoted = READER + READER.replace("proxysql-stats", "proxysql");
  assertStringIncludes(
    (await checked(proxy, { credentials: demoted })).problems[0]!,
    "and is no administrator",
  );
  const wrong = READER + 'proxysql: { user: radmin, password: "other" }\n';
  assertStringIncludes((await checked(proxy, { credentials: wrong })).problems[0]!, "Access denied");
});

Deno.test("check says where a proxy does not answer, or has another database behind it", async () => {
  await using proxy = await ProxysqlStandIn.start();
  proxy.add("stats_mysql_connection_pool", { hostgroup: 10, srv_host: "10.0.0.1", srv_port: 3306 });
  const { problems } = await checked(proxy);
  assertStringIncludes(
    problems.at(-1)!,
    "no backend of it is this database, so none of its sessions is known; its backends: 10.0.0.1:3306",
  );
  const refused = await checked(proxy, {
    credentials: "proxysql-stats: { user: stats, password: other }\n",
  });
  assertEquals([refused.ok, refused.version, refused.ends_sessions], [false, null, false]);
  assertStringIncludes(refused.problems[0]!, 'check "proxysql" and "proxysql-stats" in the credentials file');
  proxy.behaviour.frozen = true;
  assertStringIncludes(
    (await checked(proxy)).problems[0]!,
    "until it answers, nothing is known of its clients",
  );
});
