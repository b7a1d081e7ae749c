import { type Row, type SessionSource, TEXT_IDENTITY } from "../database/mod.ts";
import { sqlText, type SqlValues, unknownUnless } from "./sql_value.ts";

/** What all sources yield of one session, before it is judged. */
export interface RawSession {
  readonly id: number;
  readonly user: string | null;
  readonly host: string | null;
  readonly db: string | null;
  readonly command: string | null;
  readonly state: string | null;
  readonly running: boolean;
  /** Milliseconds since the statement began, or ended where none is running. */
  readonly age: number | null;
  readonly text: string | null;
  /** What its client calls itself; null where it says nothing. */
  readonly program: string | null;
  readonly execution: string;
  /** The server's own digest of the statement; null where it gives none. */
  readonly serverDigest: string | null;
}

/** Where sessions are read from, and how. */
export interface Source {
  readonly columns: string;
  readonly from: string;
  readonly where: string;
  readonly idColumn: string;
  /** All threads, and what they do, where that is enough to know. */
  readonly threads: string;
  readonly state: string;
  /** What the server can work out itself of a session, by the names of the policy language. */
  readonly values: SqlValues;
  /** The same for those that run a statement alone, where that is much less to look through. */
  readonly fromRunning?: string;
  /** Where texts are cut short: a query for the executions under way of these connections. */
  executions?(ids: string): string;
  raw(row: Row, own: Row): RawSession;
}

// Unlike the performance schema, the process list puts the client's port behind its host.
const PROCESS_LIST_COLUMNS =
  "ID AS id, USER AS user, REGEXP_REPLACE(HOST, ':[0-9]+$', '') AS host, DB AS db, COMMAND AS command, " +
  "STATE AS state, INFO AS text";
const PROCESS_LIST = {
  from: "information_schema.PROCESSLIST",
  where: "TRUE",
  idColumn: "ID",
  threads: "information_schema.PROCESSLIST",
  state: "STATE",
} as const;

const IDLE = "(COMMAND <=> 'Sleep')";

function processListValues(age: string): SqlValues {
  return {
    id: { sql: "ID", type: "number" },
    user: sqlText("USER"),
    host: sqlText("REGEXP_REPLACE(HOST, ':[0-9]+$', '')"),
    db: sqlText("DB"),
    command: sqlText("COMMAND"),
    state: sqlText("STATE"),
    running: { sql: `(NOT ${IDLE})`, type: "boolean" },
    idle: { sql: IDLE, type: "boolean" },
    time: unknownUnless(`NOT ${IDLE}`, age),
    idle_time: unknownUnless(IDLE, age),
  };
}

const RUNNING = "(e.EVENT_ID IS NOT NULL AND e.END_EVENT_ID IS NULL)";
const WAIT_MS = "TRUNCATE(e.TIMER_WAIT / 1e9, 3)";

/** The idle time is reckoned from this connection's own statement, and worked out here. */
const STATEMENT_EVENTS_VALUES: SqlValues = {
  id: { sql: "t.PROCESSLIST_ID", type: "number" },
  user: sqlText("t.PROCESSLIST_USER"),
  host: sqlText("t.PROCESSLIST_HOST"),
  db: sqlText("t.PROCESSLIST_DB"),
  command: sqlText("t.PROCESSLIST_COMMAND"),
  state: sqlText("t.PROCESSLIST_STATE"),
  running: { sql: RUNNING, type: "boolean" },
  idle: { sql: `(NOT ${RUNNING} AND t.PROCESSLIST_COMMAND <=> 'Sleep')`, type: "boolean" },
  time: unknownUnless(RUNNING, WAIT_MS),
};

/** Every source, by what the server offers. */
export const SOURCES: Readonly<Record<SessionSource, Source>> = {
  // Appliers are FOREGROUND threads of the user who started them: only their NAME tells them from clients.
  // The statement at nesting level 0 is what the client sent; inside a CALL the process list shows, and
  // times, the inner one. TIMER_WAIT is right where TIME obeys SET timestamp.
  statement_events: {
    columns: "t.PROCESSLIST_ID AS id, t.PROCESSLIST_USER AS user, t.PROCESSLIST_HOST AS host, " +
      "t.PROCESSLIST_DB AS db, t.PROCESSLIST_COMMAND AS command, t.PROCESSLIST_STATE AS state, " +
      "t.PROCESSLIST_TIME AS time_s, t.THREAD_ID AS thread_id, e.EVENT_ID AS event_id, e.END_EVENT_ID AS end_event_id, " +
      `${WAIT_MS} AS wait_ms, ` +
      "TRUNCATE(e.TIMER_END / 1e9, 3) AS end_ms, " +
      "IF(e.END_EVENT_ID IS NULL, e.SQL_TEXT, NULL) AS text, " +
      "IF(e.END_EVENT_ID IS NULL, e.DIGEST, NULL) AS server_digest",
    from: "performance_schema.threads t LEFT JOIN performance_schema.events_statements_current e " +
      "ON e.THREAD_ID = t.THREAD_ID AND e.NESTING_EVENT_LEVEL = 0",
    // From the statements to their threads: an idle connection has no row that is looked at twice.
    fromRunning:
      "performance_schema.events_statements_current e STRAIGHT_JOIN performance_schema.threads t " +
      "ON t.THREAD_ID = e.THREAD_ID AND e.NESTING_EVENT_LEVEL = 0 AND e.END_EVENT_ID IS NULL",
    where: "t.NAME IN ('thread/sql/one_connection', 'thread/thread_pool/tp_one_connection')",
    idColumn: "t.PROCESSLIST_ID",
    threads: "performance_schema.threads",
    state: "PROCESSLIST_STATE",
    values: STATEMENT_EVENTS_VALUES,
    executions: (ids) =>
      "SELECT t.PROCESSLIST_ID AS id, CONCAT(t.THREAD_ID, ':', e.EVENT_ID) AS execution " +
      "FROM performance_schema.threads t JOIN performance_schema.events_statements_current e " +
      "ON e.THREAD_ID = t.THREAD_ID AND e.NESTING_EVENT_LEVEL = 0 " +
      `WHERE t.PROCESSLIST_ID IN (${ids}) AND e.END_EVENT_ID IS NULL`,
    raw(row, own) {
      const running = row["event_id"] !== null && row["end_event_id"] === null;
      return {
        ...commonColumns(row),
        running,
        age: running ? numberColumn(row["wait_ms"]) : idleTime(row, own),
        text: textColumn(row["text"]),
        execution: `${row["thread_id"]}:${row["event_id"] ?? 0}`,
      };
    },
  },
  process_list_ms: {
    ...PROCESS_LIST,
    values: processListValues("TIME_MS"),
    columns: `${PROCESS_LIST_COLUMNS}, TIME_MS AS time_ms, QUERY_ID AS query_id`,
    raw: (row) => ({
      ...commonColumns(row),
      running: row["command"] !== "Sleep",
      age: numberColumn(row["time_ms"]),
      text: textColumn(row["text"]),
      execution: executionOf(row),
    }),
  },
  // An absurd time makes an absurd beginning: no identity then.
  process_list_text: {
    ...PROCESS_LIST,
    values: processListValues("TIME * 1000"),
    columns: `${PROCESS_LIST_COLUMNS}, TIME AS time_s, ` +
      `UNIX_TIMESTAMP() - CAST(TIME AS SIGNED) AS since, ${TEXT_IDENTITY} AS hash`,
    raw: (row) => ({
      ...wholeSeconds(row),
      execution: Number(row["since"]) > 0 ? `${row["since"]}:${row["hash"]}` : "",
    }),
  },
  process_list: {
    ...PROCESS_LIST,
    values: processListValues("TIME * 1000"),
    columns: `${PROCESS_LIST_COLUMNS}, TIME AS time_s`,
    raw: (row) => ({ ...wholeSeconds(row), execution: "" }),
  },
};

/** A connection that has run nothing yet has no query id (MariaDB 10.11): it is known by its own. */
function executionOf(row: Row): string {
  const id = Number(row["query_id"]);
  if (id > 0) return String(row["query_id"]);
  return row["command"] === "Sleep" ? `0:${row["id"]}` : "";
}

function wholeSeconds(row: Row): Omit<RawSession, "execution"> {
  return {
    ...commonColumns(row),
    running: row["command"] !== "Sleep",
    age: row["time_s"] === null ? null : Number(row["time_s"]) * 1000,
    text: textColumn(row["text"]),
  };
}

/**
 * Since the last statement ended, by the clock that timed it: this connection's own statement, which is
 * running, ends now. A session that has run none yet is as idle as it is old; it cannot have set TIME.
 */
function idleTime(row: Row, own: Row): number | null {
  if (row["event_id"] === null) return row["time_s"] === null ? null : Number(row["time_s"]) * 1000;
  const [ended, now] = [numberColumn(row["end_ms"]), numberColumn(own["end_ms"])];
  return ended === null || now === null ? null : now - ended;
}

function commonColumns(row: Row) {
  return {
    id: Number(row["id"]),
    user: textColumn(row["user"]),
    host: textColumn(row["host"]),
    db: textColumn(row["db"]),
    command: textColumn(row["command"]),
    state: textColumn(row["state"]),
    program: textColumn(row["program"]),
    serverDigest: textColumn(row["server_digest"]),
  };
}

function numberColumn(value: Row[string] | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}

function textColumn(value: Row[string] | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}
