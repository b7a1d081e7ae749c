import type { Row } from "../../connection/mod.ts";
import type { SessionSource } from "../capabilities.ts";
import { TEXT_IDENTITY } from "../kill.ts";
import { STATEMENT_EVENTS, STATEMENT_EVENTS_QUERY_ID } from "./event_source.ts";
import { commonColumns, numberColumn, type RawSession, type Source, textColumn } from "./raw_session.ts";
import { sqlText, type SqlValues, unknownUnless } from "./sql_value.ts";

// Unlike the performance schema, the process list appends the client's port to its host.
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

/** All sources, by name. */
export const SOURCES: Readonly<Record<SessionSource, Source>> = {
  statement_events: STATEMENT_EVENTS,
  statement_events_query_id: STATEMENT_EVENTS_QUERY_ID,
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
      perhapsInner: true,
    }),
  },
  // If the time is absurd, so is the computed start, and the execution has no identity.
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

/** A connection that has run nothing yet has no query id (MariaDB 10.11), so its own id is used. */
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
