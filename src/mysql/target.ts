import type { Clock } from "../clock.ts";
import type { WatchedDatabase } from "../config/mod.ts";
import type { Executor, Occupant, Place, Proxy, Target, TargetConnection } from "../target/mod.ts";
import { killAll } from "./executor/kill.ts";
import { StatementSummary } from "./executions.ts";
import { describeHolder } from "./lease.ts";
import { lookSource } from "./look_source.ts";
import { Metrics } from "./metrics.ts";
import { type Fronts, ProxiedSessions } from "./proxied/proxied_sessions.ts";
import { Hosts, placeIn } from "./proxied/same_host.ts";
import { readSessions } from "./reads/sessions.ts";
import { readThread } from "./reads/thread.ts";
import { checkConnections, connect, disconnect, type Server } from "./server.ts";
import type { Sources } from "./sources.ts";
import { gapsToTell } from "./tasks.ts";

export interface MysqlTargetOptions {
  readonly clock: Clock;
  /** Whether to open a connection for kills too. */
  readonly armed: boolean;
  /**
   * Whether to take the lease. If this host dies, the lease ends with its connection, so the server is told to keep
   * an idle connection for a few seconds only.
   */
  readonly takesLease?: boolean;
  /**
   * All watched databases, which may be each other's sources; absent: only the server itself is asked about its
   * lag.
   */
  readonly sources?: Sources;
  /** The proxies that its clients come through, as they are now; absent: they come directly. */
  readonly proxies?: (() => readonly Proxy[]) | undefined;
}

/** A connection to a database. */
export interface MysqlTargetConnection extends TargetConnection {
  readonly server: Server;
}

/** A MySQL or MariaDB server as a target. */
export function mysqlTarget(
  database: WatchedDatabase,
  { clock, armed, takesLease = false, sources, proxies }: MysqlTargetOptions,
): Target<MysqlTargetConnection> {
  // Metrics keep their last values when the connection is lost.
  const metrics = new Metrics(database, database.rules.metrics, clock);
  const summary = new StatementSummary(database);
  const fronts = proxies &&
    { proxies, hosts: new Hosts(clock), told: new Map(), seen: new Map(), heard: new Map() };
  return {
    async connect() {
      const idle = takesLease ? Math.max(5000, 3 * database.interval) : undefined;
      const { heartbeat } = database;
      const server = await connect(database, { armed, heartbeat, ...idle !== undefined && { idle } });
      const { watching, capabilities } = server;
      const { flavor, version, gaps } = capabilities;
      const proxied = proxiedOf(server, database, { fronts, clock });
      return {
        server,
        identity: { flavor, version, encrypted: watching.encrypted },
        source: lookSource(server, database, { clock, metrics, sources, proxied }),
        executor: executorOf(server, database, { clock, proxied }),
        gapsFor: (rules) => gapsToTell({ ...database, rules }, gaps),
        ...idle !== undefined && { idle },
        check: (ping) => checkConnections(server, ping),
        describeHolder: (holder) => describeHolder(watching, holder),
        occupant: (id) => occupantOf(id, server),
        executions: (digests) => summary.read(digests),
        async close() {
          await Promise.all([metrics.close(), summary.close()]);
          await disconnect(server);
        },
      };
    },
  };
}

function executorOf(
  { watching, killing, capabilities }: Server,
  { name, rules }: WatchedDatabase,
  { clock, proxied }: { readonly clock: Clock; readonly proxied: ProxiedSessions | undefined },
): Executor | undefined {
  if (killing === undefined) return undefined;
  const lease = rules.lease ? watching.id : undefined;
  const killer = { connection: killing, watching, capabilities, database: name, lease, clock, proxied };
  return { carryOut: (decisions, execution) => killAll(decisions, { ...killer, ...execution }) };
}

function proxiedOf(
  { capabilities: { replication } }: Server,
  { address }: WatchedDatabase,
  { fronts, clock }: { readonly fronts: Fronts | undefined; readonly clock: Clock },
): ProxiedSessions | undefined {
  if (fronts === undefined) return undefined;
  const own = replication.addresses.flatMap((text) => placeIn(text) ?? []);
  // Who reaches it by a socket is on its host.
  const here: readonly Place[] = "host" in address
    ? [address]
    : own.map(({ port }) => ({ host: "localhost", port }));
  return new ProxiedSessions(fronts, { clock, places: [...here, ...own] });
}

async function occupantOf(id: number, { watching, capabilities }: Server): Promise<Occupant | undefined> {
  if (id === watching.id) return { kind: "own" };
  const [session] = id < 0 ? [] : await readSessions(watching, capabilities, { ids: [id], uptime: Infinity });
  if (session !== undefined) return { kind: "session", session };
  const thread = await readThread(watching, id);
  return thread && { kind: "thread", ...thread };
}
