import type { Connection, Row } from "../../connection/mod.ts";
import type { ViewClue } from "./oldest_view.ts";

/** At most this many open transactions are read, the oldest first. */
export const MOST_TRANSACTIONS = 1000;

/** A row of `information_schema.INNODB_TRX`. Times in milliseconds. */
export interface InnodbTransaction {
  /** The connection's id; 0 if the connection is gone. */
  readonly id: number;
  readonly trx: number;
  readonly state: string;
  readonly started: string;
  /** Age since the start of the second in which it first touched a table: up to a second too much. */
  readonly age: number;
  readonly isolation: string;
  readonly lock_structs: number;
  /** Whether the running statement has InnoDB tables open. */
  readonly in_use: boolean;
  readonly rows_locked: number;
  readonly rows_modified: number;
  readonly autocommit_select: boolean;
}

/** A transaction as the performance schema times it, with its session's last statement. Times in milliseconds. */
export interface TransactionEvent {
  readonly id: number;
  readonly identity: string;
  /** Since BEGIN, or since the autocommitted statement began. */
  readonly age: number;
  readonly autocommit: boolean;
  /** Age of the running statement; undefined if none is running. */
  readonly statement: number | undefined;
  /** Since the last statement ended; undefined if one is running. */
  readonly idle: number | undefined;
}

/**
 * Reads the transactions of other sessions that have touched an InnoDB table, the oldest first. On MySQL this takes
 * the latch of the lock system, which everybody needs, so it must not be done more often than necessary.
 * trx_started is in whole seconds of the server's time zone, which our sessions use. The rows may be outdated; see
 * `proveFresh`.
 * @throws {DatabaseError}
 */
export async function readInnodbTransactions(connection: Connection): Promise<readonly InnodbTransaction[]> {
  const rows = await connection.query(
    "SELECT trx_id AS trx, trx_mysql_thread_id AS id, " +
      "IF(trx_operation_state LIKE '%rollback%', 'ROLLING BACK', trx_state) AS state, " +
      "CAST(trx_started AS CHAR) AS started, " +
      "(UNIX_TIMESTAMP(NOW(6)) - UNIX_TIMESTAMP(trx_started)) * 1000 AS age, " +
      "trx_isolation_level AS isolation, trx_lock_structs AS lock_structs, trx_tables_in_use AS in_use, " +
      "trx_rows_locked AS rows_locked, trx_rows_modified AS rows_modified, " +
      "trx_autocommit_non_locking AS autocommit_select " +
      "FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id <> CONNECTION_ID() " +
      `ORDER BY trx_started LIMIT ${MOST_TRANSACTIONS}`,
  );
  return rows.map((row) => ({
    id: Number(row["id"]),
    trx: Number(row["trx"]),
    state: String(row["state"]),
    started: String(row["started"]),
    age: Number(row["age"]),
    isolation: String(row["isolation"]),
    lock_structs: Number(row["lock_structs"]),
    in_use: Number(row["in_use"]) > 0,
    rows_locked: Number(row["rows_locked"]),
    rows_modified: Number(row["rows_modified"]),
    autocommit_select: Number(row["autocommit_select"]) === 1,
  }));
}

/** Threads of clients. The name is needed, since appliers carry the names of the users who started them. */
export const CLIENT_THREADS =
  "t.NAME IN ('thread/sql/one_connection', 'thread/thread_pool/tp_one_connection')";

/**
 * Clients' transactions from the performance schema, the oldest first. This takes no latch. For an open transaction,
 * TIMER_WAIT and TIMER_END run until the server makes its row, so a row that it makes later looks older than the
 * others. TIMER_START is fixed: all ages are computed from it, up to the moment of the last row.
 * @throws {DatabaseError}
 */
export async function readTransactionEvents(connection: Connection): Promise<readonly TransactionEvent[]> {
  const rows = await connection.query(
    "SELECT t.PROCESSLIST_ID AS id, t.THREAD_ID AS thread_id, tr.EVENT_ID AS event_id, tr.AUTOCOMMIT AS autocommit, " +
      "TRUNCATE(tr.TIMER_START / 1e9, 3) AS began, TRUNCATE(tr.TIMER_END / 1e9, 3) AS seen, " +
      "IF(e.END_EVENT_ID IS NULL, TRUNCATE(e.TIMER_START / 1e9, 3), NULL) AS statement_began, " +
      "IF(e.END_EVENT_ID IS NULL, NULL, TRUNCATE(e.TIMER_END / 1e9, 3)) AS statement_ended " +
      "FROM performance_schema.events_transactions_current tr " +
      "JOIN performance_schema.threads t ON t.THREAD_ID = tr.THREAD_ID " +
      "LEFT JOIN performance_schema.events_statements_current e " +
      "ON e.THREAD_ID = tr.THREAD_ID AND e.NESTING_EVENT_LEVEL = 0 " +
      `WHERE tr.STATE = 'ACTIVE' AND ${CLIENT_THREADS} AND t.PROCESSLIST_ID <> CONNECTION_ID() ` +
      `ORDER BY tr.TIMER_START LIMIT ${MOST_TRANSACTIONS}`,
  );
  const moment = Math.max(...rows.map((row) => Number(row["seen"])));
  return rows.map((row) => eventOf(row, moment));
}

function eventOf(row: Row, moment: number): TransactionEvent {
  const since = (column: string) => Math.max(0, moment - Number(row[column]));
  return {
    id: Number(row["id"]),
    identity: `${row["thread_id"]}:${row["event_id"]}`,
    age: since("began"),
    autocommit: row["autocommit"] === "YES",
    statement: row["statement_began"] === null ? undefined : since("statement_began"),
    idle: row["statement_ended"] === null ? undefined : since("statement_ended"),
  };
}

/**
 * Ids from here on are derived from an address: the transaction has not written anything (trx0trx.h,
 * trx_get_id_for_print).
 */
const FIRST_MADE_UP = 2 ** 48;

/** Whether it has a real id, which it gets with its first write, or with its first lock for one. */
export function hasWritten({ trx }: InnodbTransaction): boolean {
  return trx > 0 && trx < FIRST_MADE_UP;
}

/**
 * What the two tables tell about a transaction's read view on MySQL. REPEATABLE READ keeps the view of its first
 * plain read until the end; at the other levels, a view lives as long as its statement. A transaction that is listed
 * but has neither written nor locked must have been started by a plain read.
 */
export function clueOf(trx: InnodbTransaction, event: TransactionEvent | undefined): ViewClue {
  const oldest = Math.max(0, Math.min(trx.age, event?.age ?? Infinity));
  const keeps = trx.isolation === "REPEATABLE READ" && !trx.autocommit_select;
  if (keeps && !hasWritten(trx) && trx.lock_structs === 0) {
    return {
      kind: "open",
      youngest: Math.min(oldest, Math.max(0, trx.age - 1000, event?.idle ?? 0)),
      oldest,
    };
  }
  if (keeps) return { kind: "perhaps", oldest };
  const ofStatement = trx.autocommit_select ? event?.age ?? trx.age - 1000 : event?.statement;
  if (!trx.in_use) return { kind: "none" };
  if (hasWritten(trx) || trx.lock_structs > 0) return { kind: "perhaps", oldest: ofStatement ?? oldest };
  return {
    kind: "open",
    youngest: Math.max(0, ofStatement ?? 0),
    oldest: Math.max(0, ofStatement ?? oldest),
  };
}

/** Narrows the age of a view that is only known to exist: it was opened before the last statement ended. */
export function openClue(clue: ViewClue, event: TransactionEvent | undefined): ViewClue {
  if (clue.kind !== "perhaps") return clue;
  return { kind: "open", youngest: Math.min(clue.oldest, event?.idle ?? 0), oldest: clue.oldest };
}
