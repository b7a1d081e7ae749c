import type {
  Capabilities,
  Cluster,
  Flavor,
  Gap,
  KillProcedures,
  ReplicaStatusStatement,
  SessionSource,
} from "./capabilities.ts";
import type { Connection } from "./connection.ts";
import { isUnavailable, type LockCapabilities, probeLocks } from "./probe_locks.ts";
import { probeReplication } from "./probe_replication.ts";
import { attempt, works } from "./attempt.ts";
import { DatabaseError } from "./error.ts";

/** Whether this database is going to be asked to kill. */
export interface ProbeOptions {
  readonly armed: boolean;
}

/** A connection that is being probed, and what is known of its server already. */
interface Probed {
  readonly connection: Connection;
  readonly flavor: Flavor;
  /** This account, as GRANT wants it written. */
  readonly account: string;
}

/**
 * Finds out what the server can do for this account, by trying; its version is only for people.
 * @throws {DatabaseError} Where the connection is lost.
 */
export async function probe(connection: Connection, { armed }: ProbeOptions): Promise<Capabilities> {
  const [identity] = await connection.query(
    "SELECT VERSION() AS version, USER() AS user, CURRENT_USER() AS account",
  );
  const version = String(identity?.["version"]);
  const flavor: Flavor = /mariadb/i.test(version) ? "mariadb" : "mysql";
  const probed = { connection, flavor, account: quoteAccount(String(identity?.["account"])) };
  const sessions = await probeSessions(probed);
  const history = await probeHistory(probed);
  const replica = await probeReplicaStatus(probed);
  const locks = await probeLocks(connection, probed);
  const kill = armed ? await probeKill(probed) : { procedures: undefined, gaps: [] };
  return {
    flavor,
    version,
    sessions: sessions.source,
    textLimit: sessions.textLimit,
    connectAttributes: await showsAttributes(connection),
    killProcedures: kill.procedures,
    history: flavor === "mysql" ? "innodb_metrics" : "status_variable",
    compound: await works(connection, "BEGIN NOT ATOMIC DO 0; END"),
    replicaStatus: replica.statement,
    locks,
    replication: await probeReplication(connection),
    cluster: await probeCluster(connection),
    serverName: await probeServerName(connection),
    statusTable: flavor === "mysql" ? "performance_schema.global_status" : "information_schema.GLOBAL_STATUS",
    user: splitAccount(String(identity?.["user"]))[0],
    gaps: [...sessions.gaps, ...history, ...replica.gaps, ...lockGaps(locks), ...kill.gaps],
  };
}

/** `user@host` in its parts: a user name may contain an `@`, a host may not. */
function splitAccount(account: string): readonly [string, string] {
  const at = account.lastIndexOf("@");
  return [account.slice(0, at), account.slice(at + 1)];
}

function quoteAccount(account: string): string {
  return splitAccount(account).map((part) => `'${part.replaceAll("'", "''")}'`).join("@");
}

/** What cannot be read of transactions and locks. */
function lockGaps(
  { transactionEvents, innodbTransactions, rowLocks, metadataLocks }: LockCapabilities,
): readonly Gap[] {
  const gap = (need: Gap["need"], found: unknown): readonly Gap[] =>
    isUnavailable(found) ? [{ need, missing: found.missing, remedy: found.remedy }] : [];
  return [
    ...transactionEvents ? [] : gap("transactions", innodbTransactions),
    ...gap("locks", rowLocks),
    ...gap("locks", metadataLocks),
  ];
}

interface SessionProbe {
  readonly source: SessionSource;
  readonly textLimit: number;
  readonly gaps: readonly Gap[];
}

const NOT_INSTRUMENTED: Gap = {
  need: "identity",
  missing: "the statement instrumentation of the performance schema",
  remedy:
    "turn on performance_schema, and its consumers events_statements_current and thread_instrumentation",
};

/** The process list's INFO column is this wide on both flavors (PROCESS_LIST_INFO_WIDTH). */
const PROCESS_LIST_TEXT_LIMIT = 65_535;

async function probeSessions(probed: Probed): Promise<SessionProbe> {
  const { connection, flavor } = probed;
  const gaps: Gap[] = [];
  // Sees its own running statement if, and only if, threads and statements are instrumented. MariaDB's
  // performance schema shows its event scheduler as an idle client: its process list is the better source.
  const events = flavor === "mariadb" ? [] : await attempt(
    connection,
    "SELECT @@performance_schema_max_sql_text_length AS text_limit FROM performance_schema.threads t " +
      "JOIN performance_schema.events_statements_current e USING (THREAD_ID) " +
      "WHERE t.PROCESSLIST_ID = CONNECTION_ID() AND e.END_EVENT_ID IS NULL",
  );
  if (!(events instanceof DatabaseError) && events.length > 0) {
    return { source: "statement_events", textLimit: Number(events[0]!["text_limit"]), gaps };
  }
  const isDenied = events instanceof DatabaseError && events.kind === "denied";
  if (isDenied) {
    gaps.push(missing(probed, "kill", "SELECT on performance_schema", "SELECT ON performance_schema.*"));
  }
  if (!await hasProcess(connection)) {
    gaps.push(missing(probed, "sessions", "PROCESS"));
  }
  const milliseconds = await works(
    connection,
    "SELECT TIME_MS, QUERY_ID FROM information_schema.PROCESSLIST WHERE ID = CONNECTION_ID()",
  );
  if (!milliseconds && !isDenied) gaps.push(NOT_INSTRUMENTED);
  return {
    source: milliseconds ? "process_list_ms" : isDenied ? "process_list" : "process_list_text",
    textLimit: PROCESS_LIST_TEXT_LIMIT,
    gaps,
  };
}

/** Without PROCESS the process list shows one's own sessions and no error; this table is an error then. */
async function hasProcess(connection: Connection): Promise<boolean> {
  return await works(connection, "SELECT NAME FROM information_schema.INNODB_METRICS LIMIT 1");
}

async function probeHistory(probed: Probed): Promise<readonly Gap[]> {
  if (probed.flavor === "mariadb" || await hasProcess(probed.connection)) return [];
  return [missing(probed, "history", "PROCESS")];
}

async function probeReplicaStatus(
  probed: Probed,
): Promise<{ readonly statement: ReplicaStatusStatement; readonly gaps: readonly Gap[] }> {
  const privilege = probed.flavor === "mariadb" ? "SLAVE MONITOR" : "REPLICATION CLIENT";
  const statements = ["SHOW ALL SLAVES STATUS", "SHOW REPLICA STATUS"] as const;
  for (const statement of statements) {
    const result = await attempt(probed.connection, statement);
    if (!(result instanceof DatabaseError)) return { statement, gaps: [] };
    if (result.kind === "denied") {
      return { statement, gaps: [missing(probed, "replica_status", privilege)] };
    }
  }
  return { statement: "SHOW SLAVE STATUS", gaps: [] };
}

/** MySQL makes itself a UUID, MariaDB a hash; an old one is known by where it runs. */
async function probeServerName(connection: Connection): Promise<string> {
  for (const name of ["@@server_uuid", "@@server_uid"]) {
    if (await works(connection, `SELECT ${name}`)) return name;
  }
  return "CONCAT_WS(':', @@hostname, @@port, @@server_id)";
}

async function probeCluster(connection: Connection): Promise<Cluster | undefined> {
  const rows = await connection.query(
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('group_replication_group_name', 'wsrep_on', 'aurora_version')",
  );
  const value = (name: string) => rows.find((row) => row["Variable_name"] === name)?.["Value"] ?? "";
  if (value("aurora_version") !== "") return "aurora";
  if (value("group_replication_group_name") !== "") return "group replication";
  return value("wsrep_on") === "ON" ? "galera" : undefined;
}

/** Sees its own attributes if, and only if, the server keeps them and this account may read them. */
async function showsAttributes(connection: Connection): Promise<boolean> {
  const own = await attempt(
    connection,
    "SELECT ATTR_VALUE FROM performance_schema.session_connect_attrs " +
      "WHERE PROCESSLIST_ID = CONNECTION_ID() AND ATTR_NAME = 'program_name'",
  );
  return !(own instanceof DatabaseError) && own.length > 0;
}

interface KillProbe {
  readonly procedures: KillProcedures | undefined;
  readonly gaps: readonly Gap[];
}

/** KILL where the account has the privilege, else a procedure of the provider that it may execute. */
async function probeKill(probed: Probed): Promise<KillProbe> {
  const gaps = await probeKillPrivilege(probed);
  if (gaps.length === 0) return { procedures: undefined, gaps };
  const procedures = await findKillProcedures(probed.connection);
  return procedures === undefined ? { procedures, gaps } : { procedures, gaps: [] };
}

/** What managed servers offer (RDS and Aurora, Azure): by connection id, and MariaDB's by query id. */
const KILL_PROCEDURES = [
  { connection: "rds_kill", query: "rds_kill_query", queryId: "rds_kill_query_id" },
  { connection: "az_kill", query: "az_kill_query", queryId: undefined },
] as const;

/** Only procedures that this account may execute are listed for it. */
async function findKillProcedures(connection: Connection): Promise<KillProcedures | undefined> {
  const rows = await attempt(
    connection,
    "SELECT ROUTINE_NAME AS name FROM information_schema.ROUTINES " +
      "WHERE ROUTINE_SCHEMA = 'mysql' AND ROUTINE_TYPE = 'PROCEDURE'",
  );
  if (rows instanceof DatabaseError) return undefined;
  const names = new Set(rows.map((row) => String(row["name"])));
  const found = KILL_PROCEDURES.find(({ connection, query }) => names.has(connection) && names.has(query));
  if (found === undefined) return undefined;
  const { connection: ofConnection, query, queryId } = found;
  return {
    connection: `mysql.${ofConnection}`,
    query: `mysql.${query}`,
    queryId: queryId !== undefined && names.has(queryId) ? `mysql.${queryId}` : undefined,
  };
}

/** A right that comes by a role cannot be seen here: then the first kill will tell. */
async function probeKillPrivilege(probed: Probed): Promise<readonly Gap[]> {
  const rows = await attempt(probed.connection, "SHOW GRANTS");
  if (rows instanceof DatabaseError) return [];
  const grants = rows.map((row) => String(Object.values(row)[0]));
  const global = grants.filter((grant) => / ON \*\.\* TO /.test(grant));
  const byRole = grants.some((grant) => !/ ON /.test(grant));
  const mayKill = global.some((grant) => /\b(ALL PRIVILEGES|SUPER|CONNECTION[_ ]ADMIN)\b/.test(grant));
  if (mayKill || byRole) return [];
  return [missing(probed, "kill", probed.flavor === "mariadb" ? "CONNECTION ADMIN" : "CONNECTION_ADMIN")];
}

function missing({ account }: Probed, need: Gap["need"], privilege: string, on = `${privilege} ON *.*`): Gap {
  return { need, missing: privilege, remedy: `GRANT ${on} TO ${account}` };
}
