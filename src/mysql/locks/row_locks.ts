import type { Connection, Row } from "../../connection/mod.ts";
import { isUnavailable, type LockCapabilities, type MissingView } from "../probe_locks.ts";
import { proveFresh } from "../transactions/freshness.ts";
import { NO_SESSION, NO_WAITS, type WaitEdge, type Waits } from "./wait_graph.ts";

/** The most wait edges that are read. */
const MOST_EDGES = 5000;

/**
 * SQL for the id of a performance schema thread: its connection id, or a negative number if it has none, like
 * MariaDB's appliers.
 */
export function threadId(alias: string): string {
  return `IFNULL(${alias}.PROCESSLIST_ID, -CAST(${alias}.THREAD_ID AS SIGNED))`;
}

/** Replication appliers, by their thread names in the performance schema. */
export const APPLIER_THREADS = "'^thread/sql/(replica|slave)_(sql|worker)$'";

// Sorted so that real holders come first, and LIMIT cuts off the blockers that are only queued themselves. A hot
// row with 500 waiting sessions has 125,000 such pairs.
const QUERIES = {
  // Not BLOCKING_THREAD_ID: the lock on an inserted row has no thread until somebody waits for it, and then it is
  // that of the first waiting session (seen in 9.7.4). The transaction is correct.
  data_lock_waits: `SELECT DISTINCT ${threadId("r")} AS waiter, b.trx_mysql_thread_id AS blocker, ` +
    `r.NAME REGEXP ${APPLIER_THREADS} AS applier, q.id IS NOT NULL AS queued, NULL AS unnamed ` +
    "FROM performance_schema.data_lock_waits w " +
    "JOIN performance_schema.threads r ON r.THREAD_ID = w.REQUESTING_THREAD_ID " +
    "LEFT JOIN information_schema.INNODB_TRX b ON b.trx_id = w.BLOCKING_ENGINE_TRANSACTION_ID " +
    "LEFT JOIN (SELECT DISTINCT REQUESTING_ENGINE_LOCK_ID AS id FROM performance_schema.data_lock_waits) q " +
    "ON q.id = w.BLOCKING_ENGINE_LOCK_ID " +
    `ORDER BY queued LIMIT ${MOST_EDGES}`,
  // All transactions that have not written have id 0 here, so it is not shown which of them holds the lock.
  innodb_lock_waits: "SELECT DISTINCT r.trx_mysql_thread_id AS waiter, b.trx_mysql_thread_id AS blocker, " +
    "p.ID IS NOT NULL AS applier, q.id IS NOT NULL AS queued, " +
    "IF(w.blocking_trx_id = 0, w.blocking_lock_id, NULL) AS unnamed " +
    "FROM information_schema.INNODB_LOCK_WAITS w " +
    "JOIN information_schema.INNODB_TRX r ON r.trx_id = w.requesting_trx_id AND r.trx_state = 'LOCK WAIT' " +
    "AND r.trx_requested_lock_id = w.requested_lock_id " +
    "JOIN information_schema.INNODB_TRX b ON b.trx_id = w.blocking_trx_id AND b.trx_lock_structs > 0 " +
    "AND (b.trx_id <> 0 OR b.trx_mysql_thread_id <> r.trx_mysql_thread_id) " +
    "LEFT JOIN (SELECT DISTINCT requested_lock_id AS id FROM information_schema.INNODB_LOCK_WAITS) q " +
    "ON q.id = w.blocking_lock_id " +
    "LEFT JOIN information_schema.PROCESSLIST p ON p.ID = r.trx_mysql_thread_id AND p.USER = 'system user' " +
    `ORDER BY queued LIMIT ${MOST_EDGES}`,
} as const;

/**
 * Reads who waits for whose row locks. Takes four round trips, so it is worth it only while
 * `Innodb_row_lock_current_waits` is not 0.
 * @throws {DatabaseError} `statement`, if the server shows outdated data.
 */
export async function readRowLockWaits(
  connection: Connection,
  { rowLocks, innodbTransactions }: LockCapabilities,
): Promise<Waits> {
  if (isUnavailable(rowLocks)) return unreadable(rowLocks);
  if (isUnavailable(innodbTransactions)) return unreadable(innodbTransactions);
  await proveFresh(connection);
  const rows = await connection.query(QUERIES[rowLocks]);
  return rowLockWaits(rows.map(rowOf), rows.length >= MOST_EDGES);
}

function unreadable({ missing, remedy }: MissingView): Waits {
  return { ...NO_WAITS, gap: `row locks cannot be read without ${missing}: ${remedy}` };
}

/** A waiting and a blocking transaction, as the server lists them. */
export interface RowLockPair extends WaitEdge {
  readonly applier: boolean;
  /** Whether the blocker itself only waits for the lock, ahead of the other. */
  readonly queued: boolean;
  /** The lock, if the server lists all transactions without an id as its holders. */
  readonly unnamed: string | undefined;
}

function rowOf(row: Row): RowLockPair {
  return {
    waiter: Number(row["waiter"]),
    blocker: Number(row["blocker"] ?? NO_SESSION),
    applier: Number(row["applier"]) === 1,
    queued: Number(row["queued"]) === 1,
    unnamed: row["unnamed"] === null || row["unnamed"] === undefined ? undefined : String(row["unnamed"]),
  };
}

/** Drops blockers that are only ahead in the queue, and those that may not be the holder. */
export function rowLockWaits(pairs: readonly RowLockPair[], cut: boolean): Waits {
  const edges: WaitEdge[] = [];
  let unnamed = false;
  for (const same of Map.groupBy(pairs, ({ waiter }) => waiter).values()) {
    const candidates = Map.groupBy(same, (pair) => pair.unnamed);
    const certain = same.filter((pair) =>
      pair.unnamed === undefined || candidates.get(pair.unnamed)!.length === 1
    );
    unnamed ||= certain.length < same.length;
    const holders = certain.filter(({ queued }) => !queued);
    // A request that waits only for another request conflicts with that request, but with no holder.
    const blockers = holders.length > 0 || certain.length < same.length ? holders : certain;
    edges.push(...blockers.map(({ waiter, blocker }) => ({ waiter, blocker })));
  }
  return {
    edges,
    waiting: [...new Set(pairs.map(({ waiter }) => waiter))],
    appliers: [...new Set(pairs.filter(({ applier }) => applier).map(({ waiter }) => waiter))],
    gap: unnamed
      ? "the server does not show which of several readers holds a row lock"
      : cut
      ? `only ${MOST_EDGES} pairs of sessions that wait for row locks were read`
      : undefined,
  };
}
