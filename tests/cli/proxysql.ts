import { Folder } from "../config/folder.ts";
import { ProxysqlStandIn } from "../lab/proxysql/stand_in.ts";
import { type ProgramResult, runProgram } from "../program.ts";

/** An administrator. */
export const CREDENTIALS = "proxysql: { user: radmin, password: radmin }\n";
/** Who may read statistics only. */
export const STATS_ONLY = "proxysql-stats: { user: stats, password: stats }\n";

/** Runs the command with this configuration of the stand-in. */
export async function run(
  proxy: ProxysqlStandIn,
  args: readonly string[],
  { more = "", credentials = CREDENTIALS }: { readonly more?: string; readonly credentials?: string } = {},
): Promise<ProgramResult> {
  await using folder = await Folder.make({
    "query-sniper.yaml": `proxysql: { address: "${proxy.address}", timeout: 1500ms${more} }\n`,
    "credentials.yaml": credentials,
  });
  return await runProgram(["proxysql", ...args], { cwd: folder.path });
}

/** A ProxySQL with a user, a hostgroup that is online and one that is not, and two sessions. */
export async function started(): Promise<ProxysqlStandIn> {
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
