import type { Flavor } from "./flavor.ts";
import type { PrivilegeGap } from "./need.ts";
import type { LockCapabilities } from "./probe_locks.ts";
import type { ReplicationCapabilities } from "./probe_replication.ts";
import type { ShieldedAccount } from "../policy/mod.ts";

/**
 * Where sessions are read from:
 * - `statement_events`: MySQL's performance schema, with the exact age and the identity of each execution.
 * - `statement_events_query_id`: MariaDB's performance schema, which is off by default; query ids come from the
 *   process list.
 * - `process_list_ms`: MariaDB's process list, with milliseconds and query ids.
 * - `process_list_text`: MySQL's process list, if the performance schema is off. Ages are in whole seconds, and an
 *   execution is identified by its user, its text and the second in which it began.
 * - `process_list`: the same list, if the account lacks a privilege for the performance schema. Nothing is killed
 *   by it.
 */
export type SessionSource =
  | "statement_events"
  | "statement_events_query_id"
  | "process_list_ms"
  | "process_list_text"
  | "process_list";

/** A cloud provider's procedures for accounts that may not use KILL. */
export interface KillProcedures {
  readonly connection: string;
  readonly query: string;
  /** Kills by query id; undefined if there is no such procedure. */
  readonly queryId: string | undefined;
}

/** The statement that shows the replication channels on this server. */
export type ReplicaStatusStatement = "SHOW ALL SLAVES STATUS" | "SHOW REPLICA STATUS" | "SHOW SLAVE STATUS";

/** Replication that the replica status does not show: a server without channels may still lag behind others. */
export type Cluster = "group replication" | "galera" | "aurora";

/** What one server offers this account, found out by trying. */
export interface Capabilities {
  readonly flavor: Flavor;
  /** The version, as the server reports it. */
  readonly version: string;
  readonly sessions: SessionSource;
  /** The server cuts statement texts longer than this many bytes. */
  readonly textLimit: number;
  /**
   * The account that a session is shown with. `login`: always that of its login. `definer`: inside a routine, that
   * of the routine's definer. `perhaps definer`: the same, but the definers cannot be read.
   */
  readonly accounts: "login" | "definer" | "perhaps definer";
  /** The default sql_mode of sessions. Each session may have changed its own. */
  readonly sqlMode: string;
  /** Whether the server shows connection attributes. */
  readonly connectAttributes: boolean;
  /** Accounts whose sessions this account cannot kill; undefined if that is unknown. */
  readonly shielded: readonly ShieldedAccount[] | undefined;
  /** The procedures to use in place of KILL; undefined if KILL works. */
  readonly killProcedures: KillProcedures | undefined;
  readonly history: "innodb_metrics" | "status_variable";
  /** Whether compound statements work outside stored programs, so that one round trip can return several results. */
  readonly compound: boolean;
  readonly replicaStatus: ReplicaStatusStatement;
  readonly replication: ReplicationCapabilities;
  readonly locks: LockCapabilities;
  readonly cluster: Cluster | undefined;
  /** The SQL expression that identifies the server. */
  readonly serverName: string;
  /** This account's user name, as the process list shows it. */
  readonly user: string;
  readonly gaps: readonly PrivilegeGap[];
}
