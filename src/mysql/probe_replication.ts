import { attempt, type Connection, DatabaseError, works } from "../connection/mod.ts";
import type { Flavor } from "./flavor.ts";
import { statusTable } from "./status_table.ts";
import type { Variables } from "./variables.ts";

/** How a server shows its replication positions, found out by trying. */
export interface ReplicationCapabilities {
  /**
   * Where channels are read from. `commit_timestamps`: MySQL's performance schema, with the commit time on the
   * source. `slave_status_table`: MariaDB's status as a table. `status`: a SHOW statement.
   */
  readonly channels: "commit_timestamps" | "slave_status_table" | "status";
  /** The kind of GTIDs: MySQL's sets, MariaDB's positions by domain, or none. */
  readonly gtids: "gtid_executed" | "gtid_binlog_pos" | undefined;
  /** How to read the end of the binary log as file and offset; undefined if this account cannot. */
  readonly binaryLog: "SHOW BINARY LOG STATUS" | "SHOW MASTER STATUS" | "binlog_snapshot" | undefined;
  /** The server's id in replication. */
  readonly serverId: number;
  /** The server's own addresses, as `host:port`. */
  readonly addresses: readonly string[];
}

/**
 * Finds out how a server shows its replication positions.
 * @throws {DatabaseError} If the connection is lost.
 */
export async function probeReplication(
  connection: Connection,
  variables: Variables,
  { flavor }: { readonly flavor: Flavor },
): Promise<ReplicationCapabilities> {
  return {
    channels: await probeChannels(connection),
    gtids: variables.gtid_executed !== undefined
      ? "gtid_executed"
      : variables.gtid_binlog_pos !== undefined
      ? "gtid_binlog_pos"
      : undefined,
    binaryLog: await probeBinaryLog(connection, { flavor }),
    serverId: Number(variables.server_id),
    addresses: addressesOf(variables),
  };
}

/** `report_port` is 0 if it was not set. */
function addressesOf(
  { hostname = "", port, report_host: reportHost = "", report_port: reportPort }: Variables,
): readonly string[] {
  const own = hostname === "" ? [] : [`${hostname}:${port}`];
  const reported = reportHost === "" ? [] : [`${reportHost}:${Number(reportPort) || port}`];
  return [...new Set([...own, ...reported])];
}

/** Even if the performance schema is off, its tables exist and are empty. */
async function probeChannels(connection: Connection): Promise<ReplicationCapabilities["channels"]> {
  const timestamps = await attempt(
    connection,
    "SELECT @@global.performance_schema AS on_now, " +
      "(SELECT MAX(QUEUEING_TRANSACTION_IMMEDIATE_COMMIT_TIMESTAMP) " +
      "FROM performance_schema.replication_connection_status) AS queueing, " +
      "(SELECT MAX(APPLYING_TRANSACTION_IMMEDIATE_COMMIT_TIMESTAMP) " +
      "FROM performance_schema.replication_applier_status_by_worker) AS applying, " +
      "(SELECT MAX(PROCESSING_TRANSACTION_IMMEDIATE_COMMIT_TIMESTAMP) " +
      "FROM performance_schema.replication_applier_status_by_coordinator) AS processing, " +
      "(SELECT MAX(HEARTBEAT_INTERVAL) " +
      "FROM performance_schema.replication_connection_configuration) AS heartbeat, " +
      "(SELECT MAX(DESIRED_DELAY) FROM performance_schema.replication_applier_configuration) AS delay, " +
      "(SELECT MAX(REMAINING_DELAY) FROM performance_schema.replication_applier_status) AS remaining, " +
      "(SELECT MAX(MEMBER_ROLE) FROM performance_schema.replication_group_members) AS role, " +
      "(SELECT MAX(COUNT_TRANSACTIONS_IN_QUEUE) " +
      "FROM performance_schema.replication_group_member_stats) AS certifying",
  );
  if (!(timestamps instanceof DatabaseError) && Number(timestamps[0]?.["on_now"]) === 1) {
    return "commit_timestamps";
  }
  const table = "SELECT Connection_name, Gtid_IO_Pos, Seconds_Behind_Master " +
    "FROM information_schema.SLAVE_STATUS LIMIT 1";
  return await works(connection, table) ? "slave_status_table" : "status";
}

/** MariaDB's status variables can be read together with the GTIDs, and need no privilege. */
async function probeBinaryLog(
  connection: Connection,
  { flavor }: { readonly flavor: Flavor },
): Promise<ReplicationCapabilities["binaryLog"]> {
  const name = "Binlog_snapshot_position";
  const table = statusTable([name], { flavor });
  const variables = await attempt(
    connection,
    `SELECT VARIABLE_VALUE FROM ${table} WHERE VARIABLE_NAME = '${name}'`,
  );
  if (!(variables instanceof DatabaseError) && variables.length > 0) return "binlog_snapshot";
  for (const statement of ["SHOW BINARY LOG STATUS", "SHOW MASTER STATUS"] as const) {
    if (await works(connection, statement)) return statement;
  }
}
