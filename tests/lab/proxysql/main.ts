// deno task lab:proxysql [PORT]: a stand-in for ProxySQL's admin interface, until Ctrl-C. Words on standard input change
// how it behaves: frozen, deaf, silent, twice, slow N (milliseconds), reset (counters), or a new session: session.

import { ADMIN, ProxysqlStandIn, STATS } from "./stand_in.ts";

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

await using proxy = await ProxysqlStandIn.start({ port: Number(Deno.args[0] ?? 0) });
const now = Math.floor(Date.now() / 1000);
proxy.add("runtime_mysql_users", { username: "app", default_hostgroup: 10 });
proxy.add("stats_mysql_users", {
  username: "app",
  frontend_connections: 2,
  frontend_max_connections: 10_000,
});
proxy.add("stats_mysql_connection_pool", {
  ...{ hostgroup: 10, srv_host: "10.0.0.1", srv_port: 3306, status: "ONLINE", ConnUsed: 1, ConnFree: 3 },
  ...{ ConnOK: 4, ConnERR: 0, MaxConnUsed: 2, Queries: 812, Latency_us: 310 },
});
proxy.addSession();
proxy.addSession({ command: "Query", time_ms: 1200, srv_host: "10.0.0.1", srv_port: 3306, info: "SELECT 1" });
proxy.addDigest({
  ...{ digest: "0x9F86D081884C7D65", digest_text: "SELECT * FROM t WHERE id = ?", count_star: 812 },
  ...{ first_seen: now - 3600, last_seen: now, sum_time: 251_000, min_time: 120, max_time: 9000 },
  ...{ sum_rows_affected: 0, sum_rows_sent: 812 },
});
say(
  `mariadb -h127.0.0.1 -P${proxy.port} -u${ADMIN.user} -p${ADMIN.password}   (or ${STATS.user}, ${STATS.password})`,
);
say(`proxysql: { address: "${proxy.address}" }`);
const { behaviour } = proxy;
for await (const bytes of Deno.stdin.readable) {
  const [word = "", number = "0"] = new TextDecoder().decode(bytes).trim().split(/\s+/);
  if (word === "frozen" || word === "deaf" || word === "silent" || word === "twice") {
    behaviour[word] = !behaviour[word];
  } else if (word === "slow") behaviour.slow = Number(number);
  else if (word === "reset") proxy.restart();
  else if (word === "session") proxy.addSession();
  else say("frozen | deaf | silent | twice | slow N | reset | session");
  say(JSON.stringify(behaviour));
}
await new Promise(() => {});
