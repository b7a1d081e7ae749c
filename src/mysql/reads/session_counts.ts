import type { Capabilities } from "../capabilities.ts";
import type { Connection } from "../../connection/mod.ts";
import type { SessionCounts } from "../../policy/mod.ts";
import { sqlBytes } from "./sql_value.ts";
import { SOURCES } from "./session_source.ts";

/**
 * Counts the sessions of clients.
 * @throws {DatabaseError}
 */
export async function readSessionCounts(
  connection: Connection,
  { sessions, user }: Capabilities,
): Promise<SessionCounts> {
  const { from, where, values } = SOURCES[sessions];
  const { user: column, running } = values;
  const own = [user, "system user", "event_scheduler"].map(sqlBytes);
  const [row] = await connection.query(
    `SELECT COUNT(*) AS connections, IFNULL(SUM(${running!.sql}), 0) AS running FROM ${from} ` +
      `WHERE ${where} AND ${column!.sql} NOT IN (${own.join(", ")})`,
  );
  return { running: Number(row?.["running"] ?? 0), connections: Number(row?.["connections"] ?? 0) };
}
