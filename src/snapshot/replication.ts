import type { Cluster } from "../database/capabilities.ts";
import type { Row } from "../database/mod.ts";
import type { Reading } from "../language/mod.ts";
import type { HealthRead } from "./health_read.ts";

/** What the replica status says of one channel. */
export interface Channel {
  readonly name: string;
  readonly receiving: boolean;
  readonly applying: boolean;
  /** Seconds; null where the server does not know. */
  readonly behind: number | null;
  /** The delay that was asked for, in seconds. */
  readonly delay: number;
}

/** Replication as its status shows it, and whether the server is a reader without showing it. */
export const readReplication: HealthRead = {
  names: ["replica", "replication_running", "lag"],
  need: "replica_status",
  statement: ({ replicaStatus }) => replicaStatus,
  values({ rows }, { cluster }, before) {
    const channels = rows.map(channelOf);
    return {
      replica: channels.length > 0,
      replication_running: channels.length > 0 && channels.every(isRunning),
      lag: lagOf(channels, { cluster, readOnly: before.read_only !== false }),
    };
  },
};

/** Reads a row of the replica status by its old column names or its new ones. */
export function channelOf(row: Row): Channel {
  const value = (...names: readonly string[]) =>
    names.map((name) => row[name]).find((value) => value !== undefined);
  const behind = value("Seconds_Behind_Source", "Seconds_Behind_Master") ?? null;
  return {
    name: String(value("Channel_Name", "Connection_name") ?? ""),
    receiving: value("Replica_IO_Running", "Slave_IO_Running") === "Yes",
    applying: value("Replica_SQL_Running", "Slave_SQL_Running") === "Yes",
    behind: behind === null ? null : Number(behind),
    delay: Number(value("SQL_Delay") ?? 0),
  };
}

function isRunning({ receiving, applying }: Channel): boolean {
  return receiving && applying;
}

/**
 * The worst channel, in milliseconds, beyond the delay that was asked for. 0 only on a writable server
 * that follows nobody; a channel that does not run, or does not know, makes it unknown.
 */
export function lagOf(
  channels: readonly Channel[],
  { cluster, readOnly }: { readonly cluster: Cluster | undefined; readonly readOnly: boolean },
): Reading {
  if (channels.length === 0) {
    if (cluster !== undefined) return { unknown: `${cluster} does not show its lag in the replica status` };
    return readOnly ? { unknown: "the server is read-only and has no replication channel" } : 0;
  }
  const stuck = channels.find((channel) => !isRunning(channel) || channel.behind === null);
  if (stuck !== undefined) {
    const which = stuck.name === "" ? "replication" : `the channel "${stuck.name}"`;
    const part = !stuck.applying
      ? "does not apply"
      : !stuck.receiving
      ? "does not receive"
      : "does not know its lag";
    return { unknown: `${which} ${part}` };
  }
  return Math.max(...channels.map(({ behind, delay }) => Math.max(0, behind! - delay))) * 1000;
}
