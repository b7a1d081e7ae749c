import type { Connection, Row } from "../../connection/mod.ts";
import { quotedTable } from "../need.ts";
import type { Unknown } from "../../language/mod.ts";
import type { Channel } from "./channel.ts";

/** A row of a heartbeat table, as the replica has it. */
export interface HeartbeatRow {
  /** The id of the server that wrote it. */
  readonly serverId: number;
  /** Its age by this server's clock, in milliseconds; NaN if its time cannot be parsed. */
  readonly age: number;
}

/** Tolerated difference between synchronized clocks, in milliseconds. */
const TOLERANCE = 1000;
/** If the newest row is older than this, in milliseconds, the writer has died. */
const ABANDONED = 86_400_000;

/**
 * Reads a heartbeat table that replicates from the source: `server_id`, and `ts` either as DATETIME(6) in UTC or as
 * text written by pt-heartbeat, in the source's time zone or in UTC (bin/pt-heartbeat, option --utc).
 * @param table As `schema.table`.
 * @throws {DatabaseError} Also if the table is locked for longer than the lock wait timeout of our statements.
 */
export async function readHeartbeatTable(
  connection: Connection,
  table: string,
): Promise<readonly HeartbeatRow[]> {
  const rows = await connection.query(
    "SELECT server_id, LOCATE('T', ts) > 0 AS text, " +
      "TIMESTAMPDIFF(MICROSECOND, ts, UTC_TIMESTAMP(6)) AS utc, " +
      `TIMESTAMPDIFF(MICROSECOND, ts, NOW(6)) AS local FROM ${quotedTable(table)}`,
  );
  return rows.map(beatOf);
}

/** Reads a row. A text has no time zone, so the zone that makes it younger, but not in the future, is assumed. */
export function beatOf(row: Row): HeartbeatRow {
  const age = (value: Row[string] | undefined) => value === null ? Number.NaN : Number(value) / 1000;
  const [utc, local] = [age(row["utc"]), age(row["local"])];
  const possible = [utc, local].filter((each) => each >= -TOLERANCE);
  const isText = Number(row["text"]) === 1;
  return {
    serverId: Number(row["server_id"]),
    age: !isText ? utc : possible.length > 0 ? Math.min(...possible) : utc,
  };
}

/**
 * The lag of a channel by the heartbeats of its source, in milliseconds. In a chain they come from the first
 * server. Then the youngest row counts, since servers that no longer write leave old rows behind.
 */
export function lagByHeartbeat(
  beats: readonly HeartbeatRow[] | Unknown,
  { source }: Pick<Channel, "source">,
): number | Unknown {
  if ("unknown" in beats) return beats;
  const own = beats.find(({ serverId }) => serverId === source.serverId);
  const age = own?.age ?? Math.min(...beats.map((beat) => beat.age));
  if (!Number.isFinite(age)) return { unknown: "the heartbeat table has no time that can be read" };
  if (age < -TOLERANCE) return { unknown: "the clocks of this server and its source are not in step" };
  if (age > ABANDONED) return { unknown: "nobody writes to the heartbeat table" };
  return Math.max(0, age);
}
