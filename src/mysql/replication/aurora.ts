import type { Connection, Row } from "../../connection/mod.ts";
import type { Unknown } from "../../language/mod.ts";

/** Rows that were not updated for this many seconds belong to instances that are gone (AWS's advice). */
const STALE = 300;

/**
 * Reads the lag of an Aurora instance behind its writer, in milliseconds. Aurora's readers do not use the binary
 * log. Written from Aurora's manual ("Information Schema tables"); never tested on an Aurora server.
 * @throws {DatabaseError}
 */
export async function readAuroraLag(connection: Connection): Promise<number | Unknown> {
  const rows = await connection.query(
    "SELECT SESSION_ID, REPLICA_LAG_IN_MILLISECONDS AS lag_ms, " +
      "TIMESTAMPDIFF(SECOND, LAST_UPDATE_TIMESTAMP, NOW()) AS age " +
      "FROM information_schema.replica_host_status WHERE SERVER_ID = @@aurora_server_id",
  );
  return auroraLagOf(rows);
}

/** Reads the lag from the instance's own row; 0 on the writer. */
export function auroraLagOf(rows: readonly Row[]): number | Unknown {
  const [row] = rows;
  if (row === undefined) return { unknown: "Aurora does not list this instance" };
  if (row["SESSION_ID"] === "MASTER_SESSION_ID") return 0;
  const [lag, age] = [Number(row["lag_ms"] ?? Number.NaN), Number(row["age"] ?? Number.NaN)];
  if (!(Math.abs(age) <= STALE)) return { unknown: "Aurora's status of this instance is out of date" };
  return lag >= 0 ? lag : { unknown: "Aurora does not know the lag of this instance" };
}
