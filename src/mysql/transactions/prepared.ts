import { type Connection, refusal } from "../../connection/mod.ts";
import type { LockCapabilities } from "../probe_locks.ts";
import { isUnknown, type Unknown } from "../../language/mod.ts";
import { readViewList } from "./transactions.ts";

/**
 * The connections, among those in question, whose transaction is prepared by XA, and so outlives its session. This
 * reads the current state, since InnoDB's tables are cached while somebody reads them often.
 * @throws {DatabaseError}
 */
export async function readPrepared(
  connection: Connection,
  { transactionEvents, readViews }: LockCapabilities,
  ids: ReadonlySet<number>,
): Promise<ReadonlySet<number> | Unknown> {
  if (transactionEvents) return await readPreparedEvents(connection, ids);
  if (readViews === "all" && await isNonePrepared(connection)) return new Set();
  const views = await readViewList(connection);
  return isUnknown(views) ? views : views.prepared;
}

/** On MariaDB (10.11.19) every account may ask whether any transaction is prepared; MySQL requires a privilege. */
async function isNonePrepared(connection: Connection): Promise<boolean> {
  try {
    return (await connection.query("XA RECOVER")).length === 0;
  } catch (error) {
    refusal(error);
    return false;
  }
}

/**
 * MySQL may detach a prepared transaction from its session, whose event still says PREPARED until it begins another
 * one; it is then an ordinary session. Within a transaction it cannot change that variable (9.7.4).
 */
async function readPreparedEvents(
  connection: Connection,
  ids: ReadonlySet<number>,
): Promise<ReadonlySet<number>> {
  const rows = await connection.query(
    "SELECT t.PROCESSLIST_ID AS id FROM performance_schema.threads t " +
      "JOIN performance_schema.events_transactions_current tr ON tr.THREAD_ID = t.THREAD_ID " +
      "LEFT JOIN performance_schema.variables_by_thread v ON v.THREAD_ID = t.THREAD_ID " +
      "AND v.VARIABLE_NAME = 'xa_detach_on_prepare' " +
      `WHERE t.PROCESSLIST_ID IN (${[...ids].join(", ")}) AND tr.STATE = 'ACTIVE' ` +
      "AND tr.XA_STATE = 'PREPARED' AND NOT (v.VARIABLE_VALUE <=> 'ON')",
  );
  return new Set(rows.map((row) => Number(row["id"])));
}
