import type { Connection, Row } from "../../connection/mod.ts";
import type { LockCapabilities } from "../probe_locks.ts";
import { FLUSH_STATE, readFlushEdges } from "./flush_waits.ts";
import { type MetadataLock, metadataLockEdges } from "./lock_conflicts.ts";
import { readLockInfoWaits, readMetadataWaiters } from "./metadata_lock_info.ts";
import { APPLIER_THREADS, threadId } from "./row_locks.ts";
import { NO_WAITS, type WaitEdge, type Waits } from "./wait_graph.ts";

/** The most locks that are read. */
const MOST_LOCKS = 5000;

/**
 * Reads who waits for whom for metadata locks, LOCK TABLES, the global read lock, backup locks, GET_LOCK and table
 * flushes. Takes one round trip, and a second one only if somebody waits.
 * @throws {DatabaseError}
 */
export async function readMetadataLockWaits(
  connection: Connection,
  capabilities: LockCapabilities,
): Promise<Waits> {
  const { metadataLocks } = capabilities;
  if (metadataLocks === "metadata_locks") return await readPerformanceSchema(connection, capabilities);
  const waiters = await readMetadataWaiters(connection);
  if (waiters.length === 0) return NO_WAITS;
  if (metadataLocks === "metadata_lock_info") return await readLockInfoWaits(connection, waiters);
  const { missing, remedy } = metadataLocks;
  return {
    edges: [],
    waiting: waiters.map(({ id }) => id),
    appliers: waiters.filter(({ applier }) => applier).map(({ id }) => id),
    gap: `who holds a metadata lock cannot be read without ${missing}: ${remedy}`,
  };
}

/**
 * Recognizes LOCK TABLES … READ if the server does not show it as such: an idle session with the table locked for
 * reading. Neither a transaction nor a HANDLER locks it that way (MariaDB 10.11).
 */
const READ_ONLY_IF_IDLE = "IF(m.LOCK_TYPE = 'SHARED_READ' AND m.LOCK_STATUS = 'GRANTED' " +
  "AND t.PROCESSLIST_COMMAND = 'Sleep' AND EXISTS (SELECT 1 FROM performance_schema.table_handles h " +
  "WHERE h.OWNER_THREAD_ID = m.OWNER_THREAD_ID AND h.OBJECT_SCHEMA = m.OBJECT_SCHEMA " +
  "AND h.OBJECT_NAME = m.OBJECT_NAME AND h.EXTERNAL_LOCK = 'READ EXTERNAL'), 'SHARED_READ_ONLY', m.LOCK_TYPE)";

// Reads only locks on objects that somebody waits for. On a busy server, every open transaction holds locks on all
// of its tables.
function locksQuery({ readOnlyLocks, tableHandles }: LockCapabilities): string {
  const type = readOnlyLocks || !tableHandles ? "m.LOCK_TYPE" : READ_ONLY_IF_IDLE;
  return `SELECT ${threadId("t")} AS id, t.NAME REGEXP ${APPLIER_THREADS} AS applier, ` +
    `CONCAT_WS('.', m.OBJECT_TYPE, m.OBJECT_SCHEMA, m.OBJECT_NAME) AS object, ${type} AS type, ` +
    "m.LOCK_STATUS AS status " +
    "FROM (SELECT DISTINCT OBJECT_TYPE, OBJECT_SCHEMA, OBJECT_NAME FROM performance_schema.metadata_locks " +
    "WHERE LOCK_STATUS = 'PENDING' LIMIT 200) p " +
    "JOIN performance_schema.metadata_locks m ON m.OBJECT_TYPE = p.OBJECT_TYPE " +
    "AND m.OBJECT_SCHEMA <=> p.OBJECT_SCHEMA AND m.OBJECT_NAME <=> p.OBJECT_NAME " +
    "JOIN performance_schema.threads t ON t.THREAD_ID = m.OWNER_THREAD_ID " +
    "WHERE m.LOCK_STATUS IN ('PENDING', 'GRANTED') " +
    `UNION ALL SELECT ${threadId("t")}, t.NAME REGEXP ${APPLIER_THREADS}, NULL, NULL, 'FLUSH' ` +
    `FROM performance_schema.threads t WHERE t.PROCESSLIST_STATE = '${FLUSH_STATE}' LIMIT ${MOST_LOCKS}`;
}

async function readPerformanceSchema(
  connection: Connection,
  capabilities: LockCapabilities,
): Promise<Waits> {
  const rows = await connection.query(locksQuery(capabilities));
  const flushing = rows.some((row) => row["status"] === "FLUSH");
  const locks = rows.filter((row) => row["status"] !== "FLUSH").map(lockOf);
  const waiters = rows.filter((row) => row["status"] !== "GRANTED");
  const edges = metadataLockEdges(locks);
  return {
    edges: [...edges, ...flushing ? await readFlushEdges(connection) : []],
    waiting: idsOf(waiters),
    appliers: idsOf(waiters.filter((row) => Number(row["applier"]) === 1)),
    gap: rows.length >= MOST_LOCKS
      ? `only ${MOST_LOCKS} metadata locks were read`
      : !capabilities.readOnlyLocks && perhapsReadOnly(locks, edges)
      ? PERHAPS_READ_ONLY
      : undefined,
  };
}

const PERHAPS_READ_ONLY =
  "the server does not tell LOCK TABLES … READ from other reads, while its session runs a statement or waits";

/**
 * Whether somebody waits for a table without a visible reason: a writer, perhaps because a session has locked the
 * table for reading, or a session that wants to lock it for reading, because of a writer.
 */
export function perhapsReadOnly(locks: readonly MetadataLock[], edges: readonly WaitEdge[]): boolean {
  const explained = new Set(edges.map(({ waiter }) => waiter));
  return locks.some(({ id, object, type, granted }) =>
    !granted && !explained.has(id) &&
    locks.some((other) =>
      other.granted && other.object === object && other.id !== id &&
      UNLIKE[type]?.includes(other.type)
    )
  );
}

/** Granted types that a request waits for only if one of the two is really SHARED_READ_ONLY. */
const UNLIKE: Readonly<Record<string, readonly string[]>> = {
  SHARED_WRITE: ["SHARED_READ"],
  SHARED_WRITE_LOW_PRIO: ["SHARED_READ"],
  SHARED_READ: ["SHARED_WRITE", "SHARED_WRITE_LOW_PRIO"],
};

function lockOf(row: Row): MetadataLock {
  return {
    id: Number(row["id"]),
    object: String(row["object"]),
    type: String(row["type"]),
    granted: row["status"] === "GRANTED",
  };
}

function idsOf(rows: readonly Row[]): readonly number[] {
  return [...new Set(rows.map((row) => Number(row["id"])))];
}
