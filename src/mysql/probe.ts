import type { Capabilities, Cluster, ReplicaStatusStatement, SessionSource } from "./capabilities.ts";
import { attempt, type Connection, DatabaseError, works } from "../connection/mod.ts";
import { isUnavailable, type LockCapabilities, probeLocks } from "./probe_locks.ts";
import { probeKill } from "./probe_kill.ts";
import { probeReplication } from "./probe_replication.ts";
import { DEFINERS } from "./definers.ts";
import type { Flavor } from "./flavor.ts";
import type { OwnSession } from "./session_setup.ts";
import { probeShield } from "./shield.ts";
import type { Variables } from "./variables.ts";
import {
  gapOf,
  lackOfPrivilege,
  type Need,
  type PrivilegeGap,
  privilegeToRead,
  quotedAccount,
  quotedTable,
  type ServerAccount,
  settingGap,
  termsOf,
} from "./need.ts";

/** What the database will be used for. */
export interface ProbeOptions {
  /** Whether kills are made. */
  readonly armed: boolean;
  /** The heartbeat table, as `schema.table`. */
  readonly heartbeat?: string | undefined;
}

/** A connection to probe, and what is already known about its server. */
interface ProbeSubject extends ServerAccount {
  readonly connection: Connection;
  /** Whether the account has PROCESS. */
  readonly process: boolean;
}

/**
 * Finds out what the server offers this account, by trying. The version is only shown to people.
 * @throws {DatabaseError} If the connection is lost.
 */
export async function probe(
  connection: Connection,
  { self: identity, variables }: OwnSession,
  { armed, heartbeat }: ProbeOptions,
): Promise<Capabilities> {
  const version = String(identity?.["version"]);
  const flavor: Flavor = /mariadb/i.test(version) ? "mariadb" : "mysql";
  const probed = {
    connection,
    process: await hasProcess(connection),
    flavor,
    account: quotedAccount(...splitAccount(String(identity?.["account"]))),
  };
  const sessions = await probeSessions(probed);
  const accounts = await probeAccounts(probed, sessions.source);
  const attributes = await probeAttributes(probed);
  const history = historyGaps(probed);
  const replica = await probeReplicaStatus(probed);
  const beats = heartbeat === undefined ? [] : await probeHeartbeat(probed, heartbeat);
  const locks = await probeLocks(connection, probed);
  const kill = armed ? await probeKill(connection, probed) : { procedures: undefined, gaps: [] };
  const found = [
    sessions.gaps,
    accounts.gaps,
    attributes ?? [],
    history,
    replica.gaps,
    beats,
    lockGaps(locks),
    kill.gaps,
  ];
  return {
    flavor,
    version,
    sessions: sessions.source,
    textLimit: sessions.textLimit,
    accounts: accounts.shown,
    sqlMode: variables.sql_mode ?? "",
    connectAttributes: attributes === undefined,
    killProcedures: kill.procedures,
    shielded: await probeShield(connection, probed),
    history: flavor === "mysql" ? "innodb_metrics" : "status_variable",
    compound: await works(connection, "BEGIN NOT ATOMIC DO 0; END"),
    replicaStatus: replica.statement,
    locks,
    replication: await probeReplication(connection, variables, { flavor }),
    cluster: clusterOf(variables),
    serverName: serverNameOf(variables),
    user: splitAccount(String(identity?.["user"]))[0],
    gaps: found.flat(),
  };
}

/** Splits `user@host`. A user name may contain an `@`, a host may not. */
function splitAccount(account: string): readonly [string, string] {
  const at = account.lastIndexOf("@");
  return [account.slice(0, at), account.slice(at + 1)];
}

/** The missing privileges and settings for transactions and locks. */
function lockGaps(
  { transactionEvents, innodbTransactions, rowLocks, metadataLocks }: LockCapabilities,
): readonly PrivilegeGap[] {
  const gap = (need: Need, found: unknown): readonly PrivilegeGap[] =>
    isUnavailable(found) ? [{ need, missing: found.missing, remedy: found.remedy }] : [];
  return [
    ...transactionEvents ? [] : gap("transactions", innodbTransactions),
    ...gap("transaction_rows", innodbTransactions),
    ...gap("locks", rowLocks),
    ...gap("locks", metadataLocks),
    ...gap("holds", metadataLocks),
  ];
}

interface SessionProbe {
  readonly source: SessionSource;
  readonly textLimit: number;
  readonly gaps: readonly PrivilegeGap[];
}

const NOT_INSTRUMENTED: PrivilegeGap = {
  need: "identity",
  missing: "the statement instrumentation of the performance schema",
  remedy:
    "turn on performance_schema, and its consumers events_statements_current and thread_instrumentation",
  tolerable: true,
};

/** The width of the process list's INFO column on both flavors (PROCESS_LIST_INFO_WIDTH). */
export const PROCESS_LIST_TEXT_LIMIT = 65_535;

async function probeSessions(probed: ProbeSubject): Promise<SessionProbe> {
  const { flavor, process } = probed;
  const events = await probeEvents(probed);
  if (flavor === "mysql" && typeof events === "number") {
    return {
      source: "statement_events",
      textLimit: events,
      gaps: process ? [] : [gapOf("whole_texts", probed)],
    };
  }
  // MariaDB shows query ids only in its process list.
  if (typeof events === "number" && process) {
    return { source: "statement_events_query_id", textLimit: events, gaps: [] };
  }
  return await probeProcessList(probed, events === "denied");
}

/**
 * The text limit of the performance schema, if it shows statements. An account sees its own running statement if
 * and only if threads and statements are instrumented. `denied`: the schema is on, but this account may not read
 * it.
 */
async function probeEvents({ connection }: ProbeSubject): Promise<number | "denied" | "off"> {
  const events = await attempt(
    connection,
    "SELECT @@performance_schema_max_sql_text_length AS text_limit FROM performance_schema.threads t " +
      "JOIN performance_schema.events_statements_current e USING (THREAD_ID) " +
      "WHERE t.PROCESSLIST_ID = CONNECTION_ID() AND e.END_EVENT_ID IS NULL",
  );
  if (!(events instanceof DatabaseError)) return events.length > 0 ? Number(events[0]!["text_limit"]) : "off";
  return events.kind === "denied" && await hasPerformanceSchema(connection) ? "denied" : "off";
}

/** The tables may be denied even if the performance schema is off, when the privilege would not help. */
async function hasPerformanceSchema(connection: Connection): Promise<boolean> {
  const rows = await attempt(connection, "SELECT @@performance_schema AS is_on");
  return !(rows instanceof DatabaseError) && Number(rows[0]?.["is_on"]) === 1;
}

async function probeProcessList(probed: ProbeSubject, isDenied: boolean): Promise<SessionProbe> {
  const { connection, flavor, process } = probed;
  const gaps: PrivilegeGap[] = [
    ...isDenied && flavor === "mysql" ? [gapOf("executions", probed)] : [],
    isDenied ? gapOf("routines", probed) : settingGap("routines", flavor),
  ];
  if (!process) {
    // If the performance schema is off, its tables can be read but are empty, so the process list is used.
    gaps.push(
      isDenied ? gapOf("sessions", probed) : { ...gapOf("transaction_rows", probed), need: "sessions" },
    );
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

/**
 * Which accounts the server shows for sessions inside routines and, if those of definers, whether the definers are
 * known.
 */
async function probeAccounts(
  probed: ProbeSubject,
  source: SessionSource,
): Promise<{ readonly shown: Capabilities["accounts"]; readonly gaps: readonly PrivilegeGap[] }> {
  if (source.startsWith("statement_events")) return { shown: "login", gaps: [] };
  const found = await attempt(probed.connection, `${DEFINERS} LIMIT 1`);
  if (!(found instanceof DatabaseError)) return { shown: "definer", gaps: [] };
  // MySQL no longer has this table, and shows an account only the routines that it may see.
  return {
    shown: "perhaps definer",
    gaps: [probed.flavor === "mariadb" ? gapOf("definers", probed) : settingGap("definers", "mysql")],
  };
}

/**
 * Whether the account has PROCESS. Without it, the process list shows only one's own sessions, without an error,
 * but this table reports one.
 */
async function hasProcess(connection: Connection): Promise<boolean> {
  return await works(connection, "SELECT NAME FROM information_schema.INNODB_METRICS LIMIT 1");
}

function historyGaps(probed: ProbeSubject): readonly PrivilegeGap[] {
  if (termsOf("history", probed.flavor).privilege === undefined || probed.process) return [];
  return [gapOf("history", probed)];
}

async function probeReplicaStatus(
  probed: ProbeSubject,
): Promise<{ readonly statement: ReplicaStatusStatement; readonly gaps: readonly PrivilegeGap[] }> {
  // No MySQL knows the first statement, so it is not tried there.
  const statements = ["SHOW ALL SLAVES STATUS", "SHOW REPLICA STATUS"] as const;
  for (const statement of probed.flavor === "mysql" ? statements.slice(1) : statements) {
    const result = await attempt(probed.connection, statement);
    if (!(result instanceof DatabaseError)) return { statement, gaps: [] };
    if (result.kind === "denied") return { statement, gaps: [gapOf("replica_status", probed)] };
  }
  return { statement: "SHOW SLAVE STATUS", gaps: [] };
}

/** MySQL has a UUID, newer versions of MariaDB a hash. Older ones are identified by host, port and server id. */
function serverNameOf({ server_uuid: uuid, server_uid: uid }: Variables): string {
  if (uuid !== undefined) return "@@server_uuid";
  return uid === undefined ? "CONCAT_WS(':', @@hostname, @@port, @@server_id)" : "@@server_uid";
}

function clusterOf(variables: Variables): Cluster | undefined {
  if ((variables.aurora_version ?? "") !== "") return "aurora";
  if ((variables.group_replication_group_name ?? "") !== "") return "group replication";
  return variables.wsrep_on === "ON" ? "galera" : undefined;
}

/**
 * Undefined if connection attributes can be read: this connection sees its own if and only if the server keeps them
 * and the account may read them.
 */
async function probeAttributes(probed: ProbeSubject): Promise<readonly PrivilegeGap[] | undefined> {
  const own = await attempt(
    probed.connection,
    "SELECT ATTR_VALUE FROM performance_schema.session_connect_attrs " +
      "WHERE PROCESSLIST_ID = CONNECTION_ID() AND ATTR_NAME = 'program_name'",
  );
  if (own instanceof DatabaseError) {
    if (own.kind !== "denied") return [];
    return await hasPerformanceSchema(probed.connection) ? [gapOf("attributes", probed)] : [NO_ATTRIBUTES];
  }
  return own.length > 0 ? undefined : [NO_ATTRIBUTES];
}

const NO_ATTRIBUTES: PrivilegeGap = {
  need: "attributes",
  missing: "the performance schema",
  remedy: "turn on performance_schema",
};

/** Reports a missing privilege only. A missing or locked table is reported with the lag that it should have shown. */
async function probeHeartbeat(probed: ProbeSubject, table: string): Promise<readonly PrivilegeGap[]> {
  const found = await attempt(probed.connection, `SELECT server_id, ts FROM ${quotedTable(table)} LIMIT 1`);
  const isDenied = found instanceof DatabaseError && found.kind === "denied";
  return isDenied ? [{ need: "heartbeat", ...lackOfPrivilege(privilegeToRead(table), probed.account) }] : [];
}
