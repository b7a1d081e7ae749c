import type { Connection, Row } from "../../connection/mod.ts";
import { isUnavailable, type LockCapabilities, type MissingView } from "../probe_locks.ts";
import { proveFresh } from "../transactions/freshness.ts";
import { NO_SESSION, NO_WAITS, type WaitEdge, type Waits } from "./wait_graph.ts";

/** More edges than this are not read. */
const MOST_EDGES = 5000;

/**
 * SQL of the id of a thread of the performance schema: its connection's, or less than 0 where it has none, as
 * MariaDB's appliers there.
 */
export function threadId(alias: string): string {
  return `IFNULL(${alias}.PROCESSLIST_ID, -CAST(${alias}.THREAD_ID AS SIGNED))`;
}

/** Threads that apply what the source sent, by their names in the performance schema. */
export const APPLIER_THREADS = "'^thread/sql/(replica|slave)_(sql|worker)$'";

// A lock that is waited for itself only stands in the queue: the true holders come first, and the LIMIT cuts the
// rest. A hot row with 500 waiters has 125,000 pairs of them.
const QUERIES = {
  // Not BLOCKING_THREAD_ID: the lock of a row that was inserted has no thread until somebody waits for it, and then
  // it is that of the first who does (seen in 9.7.4). The transaction is the right one.
  data_lock_waits: `SELECT DISTINCT ${threadId("r")} AS waiter, b.trx_mysql_thread_id AS blocker, ` +
    `r.NAME REGEXP ${APPLIER_THREADS} AS applier, q.id IS NOT NULL AS queued, NULL AS unnamed ` +
    "FROM performance_schema.data_lock_waits w " +
    "JOIN performance_schema.threads r ON r.THREAD_ID = w.REQUESTING_THREAD_ID " +
    "LEFT JOIN information_schema.INNODB_TRX b ON b.trx_id = w.BLOCKING_ENGINE_TRANSACTION_ID " +
    "LEFT JOIN (SELECT DISTINCT REQUESTING_ENGINE_LOCK_ID AS id FROM performance_schema.data_lock_waits) q " +
    "ON q.id = w.BLOCKING_ENGINE_LOCK_ID " +
    `ORDER BY queued LIMIT ${MOST_EDGES}`,
  // All transactions that have written nothing have the id 0 here: which of them holds the lock is not shown.
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
 * Who waits for whose row locks: four round trips. Worth it only while `Innodb_row_lock_current_waits` is not 0.
 * @throws {DatabaseError} `statement`, where what the server shows is out of date.
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

/** A pair of transactions as the server lists it. */
export interface RowLockPair extends WaitEdge {
  readonly applier: boolean;
  /** Whether the blocker only waits for its lock, ahead of the waiter. */
  readonly queued: boolean;
  /** The lock, where all holders of such locks are listed as its holder. */
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

/** Leaves out transactions that are only ahead of a waiter in the queue, and those that may not be the holder. */
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
    // A request that waits only for another waiter is compatible with all holders, but not with the request ahead of
    // it.
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
