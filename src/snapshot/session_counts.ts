import type { Capabilities, Connection } from "../database/mod.ts";
import { sqlBytes } from "./sql_value.ts";
import { SOURCES } from "./session_source.ts";

/** How many sessions clients have there: what a share is a share of. This program's account is left out. */
export interface SessionCounts {
  /** That run a statement. */
  readonly running: number;
  readonly connections: number;
}

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
