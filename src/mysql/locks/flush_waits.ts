import type { Connection, Row } from "../../connection/mod.ts";
import { CLIENT_THREADS } from "../transactions/open_transaction.ts";
import { threadId } from "./row_locks.ts";
import type { WaitEdge } from "./wait_graph.ts";

/** The state of sessions that wait until a table is closed everywhere: MySQL's FLUSH, and readers queued behind it. */
export const FLUSH_STATE = "Waiting for table flush";

const MOST_ROWS = 5000;

/** A session that waits for a flush or has tables open. */
export interface TableUser {
  /** The connection's id. */
  readonly id: number;
  readonly flushing: boolean;
  /** When the running statement began, in milliseconds of the server's timer; undefined if none is running. */
  readonly began: number | undefined;
  /** The table, as SCHEMA.TABLE; undefined if it holds no lock on a table. */
  readonly table: string | undefined;
  /** Whether LOCK TABLES keeps the table open, even while no statement is running. */
  readonly kept: boolean;
  /** The text of the FLUSH statement, for waiting sessions without a table lock. */
  readonly text: string | undefined;
}

/**
 * Finds the sessions that keep tables open which are being flushed. One round trip, needed only if somebody waits
 * for a flush.
 * @throws {DatabaseError}
 */
export async function readFlushEdges(connection: Connection): Promise<readonly WaitEdge[]> {
  const rows = await connection.query(
    `SELECT ${threadId("t")} AS id, t.PROCESSLIST_STATE <=> '${FLUSH_STATE}' AS flushing, ` +
      "IF(e.END_EVENT_ID IS NULL, TRUNCATE(e.TIMER_START / 1e9, 3), NULL) AS began, " +
      "CONCAT(m.OBJECT_SCHEMA, '.', m.OBJECT_NAME) AS table_name, " +
      "m.LOCK_TYPE IN ('SHARED_READ_ONLY', 'SHARED_NO_READ_WRITE') AS kept, " +
      `IF(t.PROCESSLIST_STATE = '${FLUSH_STATE}' AND m.OBJECT_NAME IS NULL, e.SQL_TEXT, NULL) AS text ` +
      "FROM performance_schema.threads t " +
      "LEFT JOIN performance_schema.events_statements_current e " +
      "ON e.THREAD_ID = t.THREAD_ID AND e.NESTING_EVENT_LEVEL = 0 " +
      "LEFT JOIN performance_schema.metadata_locks m ON m.OWNER_THREAD_ID = t.THREAD_ID AND m.OBJECT_TYPE = 'TABLE' " +
      "AND m.LOCK_STATUS = 'GRANTED' AND m.OBJECT_SCHEMA <> 'performance_schema' " +
      `WHERE NOT t.PROCESSLIST_ID <=> CONNECTION_ID() AND (t.PROCESSLIST_STATE = '${FLUSH_STATE}' ` +
      `OR (${CLIENT_THREADS} AND m.OBJECT_NAME IS NOT NULL)) LIMIT ${MOST_ROWS}`,
  );
  return flushEdges(rows.map(userOf));
}

function userOf(row: Row): TableUser {
  return {
    id: Number(row["id"]),
    flushing: Number(row["flushing"]) === 1,
    began: row["began"] === null ? undefined : Number(row["began"]),
    table: row["table_name"] === null ? undefined : String(row["table_name"]),
    kept: Number(row["kept"]) === 1,
    text: row["text"] === null ? undefined : String(row["text"]),
  };
}

/**
 * All waiting sessions wait for the statements that had the table open before the FLUSH. Killing the FLUSH would
 * free nobody, since the table stays marked as old. Later statements use the new table, and idle transactions keep
 * no table open.
 */
export function flushEdges(users: readonly TableUser[]): readonly WaitEdge[] {
  const waiters = users.filter(({ flushing }) => flushing);
  const since = Math.min(...waiters.map(({ began }) => began ?? Infinity));
  const holders = users.filter(({ flushing, began, kept, table }) =>
    !flushing && table !== undefined && (kept || (began !== undefined && began < since))
  );
  const edges = waiters.flatMap((waiter) =>
    holders.filter(({ id, table }) => id !== waiter.id && waitsFor(waiter, table!))
      .map(({ id }) => ({ waiter: waiter.id, blocker: id }))
  );
  return [...new Map(edges.map((edge) => [`${edge.waiter} ${edge.blocker}`, edge])).values()];
}

/** A reader waits for the table it wants to open, a FLUSH for those it names, or for all. */
function waitsFor({ table, text }: TableUser, held: string): boolean {
  if (table !== undefined) return table === held;
  return flushesTable(text, held);
}

/** `FLUSH TABLES`, `FLUSH TABLES WITH READ LOCK` and unknown texts count as flushing all tables. */
function flushesTable(text: string | undefined, table: string): boolean {
  const names = /^\s*FLUSH\s+(?:(?:LOCAL|NO_WRITE_TO_BINLOG)\s+)?TABLES?\s+(?!WITH\b)(.+)/is.exec(text ?? "")
    ?.[1];
  return names === undefined || namesTable(names, table.slice(table.indexOf(".") + 1));
}

/** Whether a statement contains the name of a table as a word, even in a literal or a comment. */
export function namesTable(text: string, name: string): boolean {
  const escaped = name.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  return new RegExp(`(?<![\\p{L}\\p{N}_$])${escaped}(?![\\p{L}\\p{N}_$])`, "iu").test(text);
}
