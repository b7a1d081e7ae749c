import { attempt, type Connection, DatabaseError } from "../connection/mod.ts";

/**
 * The accounts that clients of others may be shown under: inside of their routines. Events are run by no client, and
 * to look through all tables for the definers of triggers would take too long.
 */
export const DEFINERS = "SELECT DISTINCT definer FROM mysql.proc WHERE security_type = 'DEFINER'";

/** The accounts that define routines, each as `user@host`; undefined where that cannot be read. */
export async function readDefiners(connection: Connection): Promise<ReadonlySet<string> | undefined> {
  const rows = await attempt(connection, DEFINERS);
  return rows instanceof DatabaseError ? undefined : new Set(rows.map((row) => String(row["definer"])));
}
