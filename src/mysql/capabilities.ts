import type { Flavor } from "./flavor.ts";
import type { PrivilegeGap } from "./need.ts";
import type { LockCapabilities } from "./probe_locks.ts";
import type { ReplicationCapabilities } from "./probe_replication.ts";
import type { ShieldedAccount } from "../policy/mod.ts";

/**
 * Where sessions are read from. `statement_events`: MySQL's performance schema, with the exact age and the
 * identity of each execution. `statement_events_query_id`: MariaDB's, which is off by default; its process list has
 * query ids besides. `process_list_ms`: MariaDB's process list, with milliseconds and query ids.
 * `process_list_text`: MySQL's without its performance schema: whole seconds, and an execution is known by
 * who runs which text since which second. `process_list`: the same, where a privilege would show more:
 * nothing is killed by it.
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
  /** By query id, where there is one. */
  readonly queryId: string | undefined;
}

/** The statement that shows the replication channels on this server. */
export type ReplicaStatusStatement = "SHOW ALL SLAVES STATUS" | "SHOW REPLICA STATUS" | "SHOW SLAVE STATUS";

/** Replication that the replica status does not show: a server without channels may still be a reader. */
export type Cluster = "group replication" | "galera" | "aurora";

/** What one server can do for this account, found by trying. */
export interface Capabilities {
  readonly flavor: Flavor;
  /** As the server prints it. */
  readonly version: string;
  readonly sessions: SessionSource;
  /** Statement text longer than this many bytes was cut by the server. */
  readonly textLimit: number;
  /**
   * The account a session is shown under: the one that logged in, or inside a routine perhaps its definer.
   */
  readonly accounts: "login" | "definer" | "perhaps definer";
  /** The sql_mode that sessions begin with; each may have changed it. */
  readonly sqlMode: string;
  /** Whether the server shows connection attributes. */
  readonly connectAttributes: boolean;
  /** Accounts whose sessions this account cannot kill; undefined if that is unknown. */
  readonly shielded: readonly ShieldedAccount[] | undefined;
  /** The procedures to use in place of KILL; undefined if KILL works. */
  readonly killProcedures: KillProcedures | undefined;
  readonly history: "innodb_metrics" | "status_variable";
  /** Whether a compound statement may stand outside of stored programs: several results in one round trip. */
  readonly compound: boolean;
  readonly replicaStatus: ReplicaStatusStatement;
  readonly replication: ReplicationCapabilities;
  readonly locks: LockCapabilities;
  readonly cluster: Cluster | undefined;
  /** The expression in SQL that names the server. */
  readonly serverName: string;
  /** This account's user name, as the process list shows it. */
  readonly user: string;
  readonly gaps: readonly PrivilegeGap[];
}
