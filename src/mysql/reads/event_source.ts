import type { Row } from "../../connection/mod.ts";
import { commonColumns, numberColumn, type Source, textColumn } from "./raw_session.ts";
import { sqlText, type SqlValues, unknownUnless } from "./sql_value.ts";

const RUNNING = "(e.EVENT_ID IS NOT NULL AND e.END_EVENT_ID IS NULL)";
const WAIT_MS = "TRUNCATE(e.TIMER_WAIT / 1e9, 3)";

/** Without `idle_time`, which is computed here, relative to this connection's own statement. */
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

/**
 * Selects the statement that the client sent. Inside a routine, the process list shows (and times) an inner
 * statement instead, on MariaDB with the account of the routine's definer. An inner statement may be at level 0 if
 * the instrument of the outer one is off.
 */
const OUTERMOST = "e.NESTING_EVENT_LEVEL = 0 AND e.EVENT_NAME NOT LIKE 'statement/sp/%'";

/** True if no statement of a routine is running, so that the process list shows what the client sent. */
const NO_ROUTINE = "NOT EXISTS (SELECT 1 FROM performance_schema.events_statements_current i " +
  "WHERE i.THREAD_ID = t.THREAD_ID AND i.NESTING_EVENT_LEVEL > 0)";

/** Reads whole texts. `condition` is true if a text is that of the whole statement. */
function wholeTexts(ids: string, condition: string): string {
  return "SELECT p.ID AS id, p.INFO AS text FROM information_schema.PROCESSLIST p " +
    "JOIN performance_schema.threads t ON t.PROCESSLIST_ID = p.ID " +
    `WHERE p.ID IN (${ids}) AND ${NO_ROUTINE} AND ${condition}`;
}

function executions(ids: string): string {
  return "SELECT t.PROCESSLIST_ID AS id, CONCAT(t.THREAD_ID, ':', e.EVENT_ID) AS execution " +
    "FROM performance_schema.threads t JOIN performance_schema.events_statements_current e " +
    `ON e.THREAD_ID = t.THREAD_ID AND ${OUTERMOST} ` +
    `WHERE t.PROCESSLIST_ID IN (${ids}) AND e.END_EVENT_ID IS NULL AND ${NO_ROUTINE}`;
}

/** MySQL's performance schema. */
export const STATEMENT_EVENTS: Source = {
  // Appliers are FOREGROUND threads with the user who started them; only their NAME differs from that of clients.
  // TIMER_WAIT is used, since TIME depends on SET timestamp.
  columns: "t.PROCESSLIST_ID AS id, t.PROCESSLIST_USER AS user, t.PROCESSLIST_HOST AS host, " +
    "t.PROCESSLIST_DB AS db, t.PROCESSLIST_COMMAND AS command, t.PROCESSLIST_STATE AS state, " +
    "t.PROCESSLIST_TIME AS time_s, t.THREAD_ID AS thread_id, e.EVENT_ID AS event_id, e.END_EVENT_ID AS end_event_id, " +
    `${WAIT_MS} AS wait_ms, ` +
    "TRUNCATE(e.TIMER_END / 1e9, 3) AS end_ms, " +
    "IF(e.END_EVENT_ID IS NULL, e.SQL_TEXT, NULL) AS text, " +
    "IF(e.END_EVENT_ID IS NULL, e.DIGEST, NULL) AS server_digest",
  from: "performance_schema.threads t LEFT JOIN performance_schema.events_statements_current e " +
    `ON e.THREAD_ID = t.THREAD_ID AND ${OUTERMOST}`,
  // Starts from the statements, so that rows of idle connections are not visited.
  fromRunning: "performance_schema.events_statements_current e STRAIGHT_JOIN performance_schema.threads t " +
    `ON t.THREAD_ID = e.THREAD_ID AND ${OUTERMOST} AND e.END_EVENT_ID IS NULL`,
  where: "t.NAME IN ('thread/sql/one_connection', 'thread/thread_pool/tp_one_connection')",
  idColumn: "t.PROCESSLIST_ID",
  threads: "performance_schema.threads",
  state: "PROCESSLIST_STATE",
  values: STATEMENT_EVENTS_VALUES,
  whole: { texts: (ids) => wholeTexts(ids, "TRUE"), executions },
  raw(row, own) {
    const running = row["event_id"] !== null && row["end_event_id"] === null;
    return {
      ...commonColumns(row),
      running,
      age: running ? numberColumn(row["wait_ms"]) : idleTime(row, own),
      text: textColumn(row["text"]),
      execution: !running && row["command"] !== "Sleep"
        ? "" // Torn: whoever runs nothing sleeps.
        : `${row["thread_id"]}:${row["event_id"] ?? 0}`,
    };
  },
};

/** Statement events that do not contain the text of the prepared statement. */
const EXECUTES = "e.EVENT_NAME IN ('statement/sql/execute_sql', 'statement/sql/execute_immediate', " +
  "'statement/com/Execute', 'statement/com/Bulk_execute')";

/** True if the text is all that is between the quotes of EXECUTE IMMEDIATE. */
const IMMEDIATE = "EXISTS (SELECT 1 FROM performance_schema.events_statements_current e " +
  "WHERE e.THREAD_ID = t.THREAD_ID AND e.EVENT_NAME = 'statement/sql/execute_immediate' " +
  "AND RIGHT(CAST(e.SQL_TEXT AS BINARY), LENGTH(p.INFO) + 2) IN " +
  `(CONCAT("'", CAST(p.INFO AS BINARY), "'"), CONCAT('"', CAST(p.INFO AS BINARY), '"')))`;

/**
 * True if the text was prepared by this connection itself, so that it is not an inner statement of a routine it
 * called.
 */
const PREPARED = "EXISTS (SELECT 1 FROM performance_schema.prepared_statements_instances s " +
  "WHERE s.OWNER_THREAD_ID = t.THREAD_ID " +
  "AND CAST(s.SQL_TEXT AS BINARY) = LEFT(CAST(p.INFO AS BINARY), LENGTH(s.SQL_TEXT)) " +
  "AND (LENGTH(s.SQL_TEXT) = LENGTH(p.INFO) OR LENGTH(s.SQL_TEXT) > 1000))";

/**
 * MariaDB's performance schema. It does not show the text of prepared statements; the process list does, outside
 * routines.
 */
export const STATEMENT_EVENTS_QUERY_ID: Source = {
  ...STATEMENT_EVENTS,
  columns: STATEMENT_EVENTS.columns.replace("e.SQL_TEXT", `IF(${EXECUTES}, NULL, e.SQL_TEXT)`),
  whole: {
    texts: (ids) =>
      wholeTexts(
        ids,
        "(EXISTS (SELECT 1 FROM performance_schema.events_statements_current e " +
          `WHERE e.THREAD_ID = t.THREAD_ID AND NOT ${EXECUTES}) OR ${PREPARED} OR ${IMMEDIATE})`,
      ),
    executions,
  },
};

/**
 * Milliseconds since the last statement ended, by the same clock, whose current time is the end of this
 * connection's running statement. A session that has run nothing has been idle since it connected, which TIME
 * shows, since the session cannot have changed it.
 */
function idleTime(row: Row, own: Row): number | null {
  if (row["event_id"] === null) return row["time_s"] === null ? null : Number(row["time_s"]) * 1000;
  const [ended, now] = [numberColumn(row["end_ms"]), numberColumn(own["end_ms"])];
  return ended === null || now === null ? null : now - ended;
}
