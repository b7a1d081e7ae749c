import { attempt, type Connection, DatabaseError } from "../connection/mod.ts";

/**
 * The accounts that a session may be shown with while it is inside a routine. Events are left out, since no client
 * runs them, and so are triggers, since finding their definers would mean searching all tables.
 */
export const DEFINERS = "SELECT DISTINCT definer FROM mysql.proc WHERE security_type = 'DEFINER'";

/** The accounts that define routines, as `user@host`; undefined if they cannot be read. */
export async function readDefiners(connection: Connection): Promise<ReadonlySet<string> | undefined> {
  const rows = await attempt(connection, DEFINERS);
  return rows instanceof DatabaseError ? undefined : new Set(rows.map((row) => String(row["definer"])));
}
