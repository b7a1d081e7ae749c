import type { Clock } from "../clock.ts";
import type { WatchedDatabase } from "../config/mod.ts";
import type { Executor, Occupant, Target, TargetConnection } from "../target/mod.ts";
import { killAll } from "./executor/kill.ts";
import { StatementSummary } from "./executions.ts";
import { describeHolder } from "./lease.ts";
import { lookSource } from "./look_source.ts";
import { Metrics } from "./metrics.ts";
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
}

/** A connection to a database. */
export interface MysqlTargetConnection extends TargetConnection {
  readonly server: Server;
}

/** A MySQL or MariaDB server as a target. */
export function mysqlTarget(
  database: WatchedDatabase,
  { clock, armed, takesLease = false, sources }: MysqlTargetOptions,
): Target<MysqlTargetConnection> {
  // Metrics keep their last values when the connection is lost.
  const metrics = new Metrics(database, database.rules.metrics, clock);
  const summary = new StatementSummary(database);
  return {
    async connect() {
      const idle = takesLease ? Math.max(5000, 3 * database.interval) : undefined;
      const { heartbeat } = database;
      const server = await connect(database, { armed, heartbeat, ...idle !== undefined && { idle } });
      const { watching, capabilities } = server;
      const { flavor, version, gaps } = capabilities;
      return {
        server,
        identity: { flavor, version, encrypted: watching.encrypted },
        source: lookSource(server, database, { clock, metrics, sources }),
        executor: executorOf(server, database, clock),
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
  clock: Clock,
): Executor | undefined {
  if (killing === undefined) return undefined;
  const lease = rules.lease ? watching.id : undefined;
  const killer = { connection: killing, watching, capabilities, database: name, lease, clock };
  return { carryOut: (decisions, execution) => killAll(decisions, { ...killer, ...execution }) };
}

async function occupantOf(id: number, { watching, capabilities }: Server): Promise<Occupant | undefined> {
  if (id === watching.id) return { kind: "own" };
  const [session] = id < 0 ? [] : await readSessions(watching, capabilities, { ids: [id], uptime: Infinity });
  if (session !== undefined) return { kind: "session", session };
  const thread = await readThread(watching, id);
  return thread && { kind: "thread", ...thread };
}
