import type { Capabilities } from "../capabilities.ts";
import type { Connection, Row } from "../../connection/mod.ts";
import { fetchByTimestamps } from "./commit_timestamps.ts";
import type { Channel, CommitTimestamps, GroupMember } from "./channel.ts";
import { channelOfStatus, GROUP_CHANNEL, type OwnPositions, RECOVERY_CHANNEL } from "./channel_status.ts";
import { parseGtidSet, unionOfGtidSets } from "./gtid_set.ts";
import type { OwnStatement, ReadResult } from "../reads/health_read.ts";
import type { Position } from "./position.ts";

/** Reads the channels of a replica, as a part of the statement that reads a database's health. */
export const CHANNELS_READ = {
  /**
   * Needs no round trip of its own if the channels are in tables: in MySQL's performance schema, or in MariaDB's
   * status table (from 11.6 on).
   */
  statement({ replication, replicaStatus }: Capabilities): OwnStatement {
    switch (replication.channels) {
      case "commit_timestamps":
        return { sql: CHANNELS, joinable: true };
      case "slave_status_table":
        return { sql: "SELECT * FROM information_schema.SLAVE_STATUS", joinable: true };
      case "status":
        return { sql: replicaStatus, joinable: false };
    }
  },
  columns({ replication }: Capabilities): Readonly<Record<string, string>> {
    return replication.gtids === "gtid_binlog_pos" ? OWN_POSITIONS : {};
  },
} as const;

/**
 * Returns the channels of a replica; none if the server is not a replica. On MySQL the replica status is read too,
 * if a channel uses file positions or has no commit timestamps.
 * @throws {DatabaseError}
 */
export async function channelsOf(
  { row, rows }: Pick<ReadResult, "row" | "rows">,
  connection: Connection,
  { replication, replicaStatus }: Capabilities,
): Promise<readonly Channel[]> {
  if (replication.channels !== "commit_timestamps") {
    return rows.map((each) => channelOfStatus(each, ownPositions(row))).filter(isNoRecovery);
  }
  const channels = rows.map(channelOfTables);
  if (channels.every((channel) => !needsStatus(channel))) return channels;
  const status = (await connection.query(replicaStatus)).map((each) => channelOfStatus(each, {}));
  return channels.map((channel) => {
    const same = status.find(({ name }) => name === channel.name);
    if (same === undefined || !needsStatus(channel)) return channel;
    const { behind, received, executed, source } = same;
    const shown = channel.group === undefined ? source : channel.source;
    return { ...channel, behind, source: shown, ...channel.received === undefined && { received, executed } };
  });
}

/**
 * MariaDB's status has a column Gtid_Slave_Pos that is really gtid_current_pos (seen on 10.11): after a local
 * write, the replica would look as if it had everything. So the variables are read.
 */
const OWN_POSITIONS = {
  own_slave_pos: "@@global.gtid_slave_pos",
  own_current_pos: "@@global.gtid_current_pos",
} as const;

function ownPositions(row: Row): OwnPositions {
  return { slavePos: String(row["own_slave_pos"] ?? ""), currentPos: String(row["own_current_pos"] ?? "") };
}

/**
 * UNIX_TIMESTAMP() returns the stored value of a TIMESTAMP column, so that daylight saving time has no effect,
 * unlike with TIMESTAMPDIFF() (manual, "Date and Time Functions").
 */
const CHANNELS =
  `SELECT c.CHANNEL_NAME AS name, c.HOST AS host, c.PORT AS port, c.AUTO_POSITION AS auto_position,
  c.HEARTBEAT_INTERVAL AS heartbeat_interval, s.SOURCE_UUID AS source_uuid, s.SERVICE_STATE AS receiving,
  s.RECEIVED_TRANSACTION_SET AS received, @@global.gtid_executed AS executed, s.LAST_ERROR_NUMBER AS receive_error,
  ac.DESIRED_DELAY AS delay, a.SERVICE_STATE AS applying, a.REMAINING_DELAY AS remaining_delay,
  UNIX_TIMESTAMP() + MICROSECOND(NOW(6)) / 1e6 AS now,
  UNIX_TIMESTAMP(s.LAST_HEARTBEAT_TIMESTAMP) AS heartbeat,
  s.LAST_QUEUED_TRANSACTION <> '' AS has_queued,
  UNIX_TIMESTAMP(s.LAST_QUEUED_TRANSACTION_IMMEDIATE_COMMIT_TIMESTAMP) AS last_committed,
  UNIX_TIMESTAMP(s.LAST_QUEUED_TRANSACTION_END_QUEUE_TIMESTAMP) AS last_queued,
  IF(s.QUEUEING_TRANSACTION = '', NULL,
    UNIX_TIMESTAMP(s.QUEUEING_TRANSACTION_IMMEDIATE_COMMIT_TIMESTAMP)) AS queueing,
  w.error AS worker_error, w.failed AS failed, w.oldest AS worker_oldest,
  co.LAST_ERROR_NUMBER AS coordinator_error, IF(co.PROCESSING_TRANSACTION = '', NULL,
    UNIX_TIMESTAMP(co.PROCESSING_TRANSACTION_IMMEDIATE_COMMIT_TIMESTAMP)) AS coordinator_oldest,
  g.state AS member_state, g.is_primary AS member_primary, g.members AS members, g.unreachable AS unreachable,
  g.others AS others, q.COUNT_TRANSACTIONS_IN_QUEUE AS certifying
FROM performance_schema.replication_connection_configuration c
LEFT JOIN performance_schema.replication_connection_status s USING (CHANNEL_NAME)
LEFT JOIN performance_schema.replication_applier_configuration ac USING (CHANNEL_NAME)
LEFT JOIN performance_schema.replication_applier_status a USING (CHANNEL_NAME)
LEFT JOIN performance_schema.replication_applier_status_by_coordinator co USING (CHANNEL_NAME)
LEFT JOIN (
  SELECT CHANNEL_NAME, MAX(LAST_ERROR_NUMBER) AS error,
    MAX(IF(LAST_ERROR_NUMBER = 0, '', APPLYING_TRANSACTION)) AS failed,
    MIN(IF(APPLYING_TRANSACTION = '', NULL,
      UNIX_TIMESTAMP(APPLYING_TRANSACTION_IMMEDIATE_COMMIT_TIMESTAMP))) AS oldest
  FROM performance_schema.replication_applier_status_by_worker GROUP BY CHANNEL_NAME
) w USING (CHANNEL_NAME)
LEFT JOIN (
  SELECT CHANNEL_NAME, MAX(IF(MEMBER_ID = @@server_uuid, MEMBER_STATE, NULL)) AS state,
    MAX(MEMBER_ID = @@server_uuid AND MEMBER_ROLE = 'PRIMARY') AS is_primary,
    COUNT(*) AS members, SUM(MEMBER_STATE = 'UNREACHABLE') AS unreachable,
    GROUP_CONCAT(IF(MEMBER_ID = @@server_uuid, NULL, CONCAT(MEMBER_HOST, ':', MEMBER_PORT))
      ORDER BY MEMBER_ROLE, MEMBER_HOST, MEMBER_PORT SEPARATOR ', ') AS others
  FROM performance_schema.replication_group_members GROUP BY CHANNEL_NAME
) g USING (CHANNEL_NAME)
LEFT JOIN performance_schema.replication_group_member_stats q
  ON q.CHANNEL_NAME = c.CHANNEL_NAME AND q.MEMBER_ID = @@server_uuid
WHERE c.CHANNEL_NAME <> '${RECOVERY_CHANNEL}'`;

/** Whether the tables lack something that the replica status may show. */
function needsStatus({ received, timestamps }: Channel): boolean {
  return received === undefined || timestamps === undefined ||
    typeof fetchByTimestamps(timestamps) !== "number";
}

/** Reads a channel from a row of the performance schema. */
export function channelOfTables(row: Row): Channel {
  const timestamps = timestampsOf(row);
  const heard = [row["heartbeat"], row["last_queued"], row["queueing"]].map((each) =>
    Number(each ?? 0) * 1000
  );
  const last = Math.max(...heard);
  return {
    name: String(row["name"] ?? ""),
    source: {
      uuid: String(row["source_uuid"] ?? ""),
      serverId: 0,
      address: isGroup(row)
        ? `group: ${row["others"] ?? "no other member"}`
        : `${row["host"]}:${row["port"]}`,
    },
    receiving: row["receiving"] === "ON" ? "on" : row["receiving"] === "CONNECTING" ? "connecting" : "off",
    applying: row["applying"] === "ON",
    errors: {
      receiving: Number(row["receive_error"] ?? 0),
      applying: Number(row["worker_error"] ?? 0) || Number(row["coordinator_error"] ?? 0),
    },
    failedTransaction: failedOf(row),
    ...positionsOf(row),
    delay: Number(row["delay"] ?? 0) * 1000,
    waitsForDelay: row["remaining_delay"] !== null,
    behind: undefined,
    timestamps,
    heartbeatInterval: Number(row["heartbeat_interval"] ?? 0) * 1000,
    silent: last > 0 ? Math.max(0, milliseconds(row["now"])! - last) : undefined,
    heard: heard.join(" "),
    ...isGroup(row) && { group: memberOf(row) },
  };
}

/** Without a running group, the tables have no row, or one without a name (seen on 9.7). */
function memberOf(row: Row): GroupMember {
  return {
    state: String(row["member_state"] ?? "OFFLINE"),
    primary: Number(row["member_primary"] ?? 0) === 1,
    members: Number(row["members"] ?? 0),
    unreachable: Number(row["unreachable"] ?? 0),
    certifying: Number(row["certifying"] ?? 0),
  };
}

/** Lets only a transaction identifier through. */
function failedOf(row: Row): string {
  const failed = String(row["failed"] ?? "");
  return /^[0-9A-Fa-f-]{36}(?::\w+)?:[0-9]+$/.test(failed) ? failed : "";
}

/**
 * `received` loses transactions when relay logs are purged, so what was executed is added: it must have been
 * received.
 */
function positionsOf(row: Row): Pick<Channel, "received" | "executed"> {
  const executed = parseGtidSet(String(row["executed"] ?? ""));
  const received = parseGtidSet(String(row["received"] ?? ""));
  // Without auto-position a replica may permanently lack old transactions, so only file and offset can be compared.
  if (Number(row["auto_position"]) !== 1 && !isGroup(row)) {
    return { received: undefined, executed: undefined };
  }
  const position = (set: typeof executed): Position | undefined => set && { kind: "gtid_set", set };
  return {
    received: position(executed && received && unionOfGtidSets(received, executed)),
    executed: position(executed),
  };
}

function isGroup(row: Row): boolean {
  return row["name"] === GROUP_CHANNEL;
}

/** The recovery channel does not matter: a member has received everything on it before it is ONLINE. */
function isNoRecovery({ name }: Channel): boolean {
  return name !== RECOVERY_CHANNEL;
}

function timestampsOf(row: Row): CommitTimestamps | undefined {
  const queued = Number(row["has_queued"]) === 1;
  const lastCommitted = queued ? milliseconds(row["last_committed"]) : undefined;
  const queueing = milliseconds(row["queueing"]);
  const oldest = [row["worker_oldest"], row["coordinator_oldest"]].map(milliseconds)
    .filter((each) => each !== undefined);
  // Sources before MySQL 8.0.1, and MariaDB, send no timestamps: they are 0.
  if (lastCommitted === 0 || queueing === 0 || oldest.includes(0)) return undefined;
  return {
    now: milliseconds(row["now"]) ?? Number.NaN,
    queueing,
    lastCommitted,
    lastQueued: queued ? milliseconds(row["last_queued"]) : undefined,
    // A group member always has everything that the group has ordered, which is like a heartbeat just now.
    heartbeat: milliseconds(isGroup(row) ? row["now"] : row["heartbeat"]) || undefined,
    applying: oldest.length > 0 ? Math.min(...oldest) : undefined,
  };
}

function milliseconds(seconds: Row[string] | undefined): number | undefined {
  return seconds === null || seconds === undefined ? undefined : Number(seconds) * 1000;
}
