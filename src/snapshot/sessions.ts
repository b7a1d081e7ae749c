import {
  type Capabilities,
  type Connection,
  DatabaseError,
  type Row,
  type SessionSource,
  TEXT_IDENTITY,
} from "../database/mod.ts";
import { verbOf } from "../digest/mod.ts";
import type { Unknown } from "../language/mod.ts";
import { Secret } from "../log/secret.ts";
import type { Session } from "./snapshot.ts";

/** What a reading of sessions is narrowed to. */
export interface SessionFilter {
  /** Only these connections. */
  readonly ids?: readonly number[];
  /** What nothing can be older than, in milliseconds. */
  readonly uptime: number;
}

/** What all sources yield of one session, before it is judged. */
interface RawSession {
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
}

interface Source {
  readonly columns: string;
  readonly from: string;
  readonly where: string;
  readonly idColumn: string;
  raw(row: Row, own: Row): RawSession;
}

/**
 * The server's client sessions; its own threads (appliers, schedulers) are left out where it tells them
 * apart, and else are for the policy engine to spare.
 * @throws {DatabaseError}
 */
export async function readSessions(
  connection: Connection,
  { sessions: source, textLimit, connectAttributes }: Capabilities,
  { ids, uptime }: SessionFilter,
): Promise<readonly Session[]> {
  const { raw } = SOURCES[source];
  const wanted = ids && [...ids, connection.id];
  const rows = await connection.query(sessionsQuery(SOURCES[source], { connectAttributes, wanted }));
  const own = rows.find((row) => Number(row["id"]) === connection.id);
  if (own === undefined) throw behindProxy();
  const limits = { textLimit, uptime, connectAttributes };
  return rows.filter((row) => row !== own).map((row) => sessionOf(raw(row, own), limits));
}

function sessionsQuery(
  { columns, from, where, idColumn }: Source,
  { connectAttributes, wanted }: {
    readonly connectAttributes: boolean;
    readonly wanted: readonly number[] | undefined;
  },
): string {
  const [program, join] = connectAttributes
    ? [
      "a.ATTR_VALUE",
      " LEFT JOIN performance_schema.session_connect_attrs a " +
      `ON a.PROCESSLIST_ID = ${idColumn} AND a.ATTR_NAME = 'program_name'`,
    ]
    : ["NULL", ""];
  const ids = wanted === undefined ? "" : ` AND ${idColumn} IN (${wanted.map(wholeNumber).join(", ")})`;
  return `SELECT ${columns}, ${program} AS program FROM ${from}${join} WHERE ${where}${ids}`;
}

/** A server that does not list this connection is not the one that it is connected to. */
function behindProxy(): DatabaseError {
  return new DatabaseError("lost", "this connection does not find itself in the process list", {
    advice: "it goes through a proxy: give the address of the server itself",
  });
}

/** An id that is put into a statement is a whole number, whoever handed it over. */
function wholeNumber(id: number): string {
  if (!Number.isSafeInteger(id) || id < 0) throw new RangeError(`not a connection id: ${id}`);
  return String(id);
}

// Unlike the performance schema, the process list puts the client's port behind its host.
const PROCESS_LIST_COLUMNS =
  "ID AS id, USER AS user, REGEXP_REPLACE(HOST, ':[0-9]+$', '') AS host, DB AS db, COMMAND AS command, " +
  "STATE AS state, INFO AS text";
const PROCESS_LIST = { from: "information_schema.PROCESSLIST", where: "TRUE", idColumn: "ID" } as const;

const SOURCES: Readonly<Record<SessionSource, Source>> = {
  // Appliers are FOREGROUND threads of the user who started them: only their NAME tells them from clients.
  // The statement at nesting level 0 is what the client sent; inside a CALL the process list shows, and
  // times, the inner one. TIMER_WAIT is right where TIME obeys SET timestamp.
  statement_events: {
    columns: "t.PROCESSLIST_ID AS id, t.PROCESSLIST_USER AS user, t.PROCESSLIST_HOST AS host, " +
      "t.PROCESSLIST_DB AS db, t.PROCESSLIST_COMMAND AS command, t.PROCESSLIST_STATE AS state, " +
      "t.PROCESSLIST_TIME AS time_s, t.THREAD_ID AS thread_id, e.EVENT_ID AS event_id, e.END_EVENT_ID AS end_event_id, " +
      "TRUNCATE(e.TIMER_WAIT / 1e9, 3) AS wait_ms, TRUNCATE(e.TIMER_END / 1e9, 3) AS end_ms, " +
      "IF(e.END_EVENT_ID IS NULL, e.SQL_TEXT, NULL) AS text",
    from: "performance_schema.threads t LEFT JOIN performance_schema.events_statements_current e " +
      "ON e.THREAD_ID = t.THREAD_ID AND e.NESTING_EVENT_LEVEL = 0",
    where: "t.NAME IN ('thread/sql/one_connection', 'thread/thread_pool/tp_one_connection')",
    idColumn: "t.PROCESSLIST_ID",
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
    columns: `${PROCESS_LIST_COLUMNS}, TIME_MS AS time_ms, QUERY_ID AS query_id`,
    raw: (row) => ({
      ...commonColumns(row),
      running: row["command"] !== "Sleep",
      age: numberColumn(row["time_ms"]),
      text: textColumn(row["text"]),
      execution: Number(row["query_id"]) > 0 ? String(row["query_id"]) : "",
    }),
  },
  // An absurd time makes an absurd beginning: no identity then.
  process_list_text: {
    ...PROCESS_LIST,
    columns: `${PROCESS_LIST_COLUMNS}, TIME AS time_s, ` +
      `UNIX_TIMESTAMP() - CAST(TIME AS SIGNED) AS since, ${TEXT_IDENTITY} AS hash`,
    raw: (row) => ({
      ...wholeSeconds(row),
      execution: Number(row["since"]) > 0 ? `${row["since"]}:${row["hash"]}` : "",
    }),
  },
  process_list: {
    ...PROCESS_LIST,
    columns: `${PROCESS_LIST_COLUMNS}, TIME AS time_s`,
    raw: (row) => ({ ...wholeSeconds(row), execution: "" }),
  },
};

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
  };
}

function numberColumn(value: Row[string] | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}

function textColumn(value: Row[string] | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

function sessionOf(
  raw: RawSession,
  { textLimit, uptime, connectAttributes }: {
    readonly textLimit: number;
    readonly uptime: number;
    readonly connectAttributes: boolean;
  },
): Session {
  const age = plausible(raw.age, uptime);
  const { running } = raw;
  return {
    id: raw.id,
    user: raw.user ?? "",
    host: raw.host ?? "",
    db: raw.db ?? "",
    command: raw.command ?? "",
    state: raw.state ?? "",
    program: connectAttributes ? raw.program ?? "" : NO_ATTRIBUTES,
    running,
    idle: !running && raw.command === "Sleep",
    time: running ? age : { unknown: "no statement is running" },
    idle_time: running ? { unknown: "a statement is running" } : age,
    ...statementOf(raw, textLimit),
    execution: raw.execution,
  };
}

const NO_ATTRIBUTES: Unknown = {
  unknown: "the server does not show connection attributes: they need its performance schema",
};

/** A second is allowed for rounding. */
const SLACK = 1000;

/** A time that wrapped, is negative, or is longer than the server is up, says nothing. */
function plausible(age: number | null, uptime: number): number | Unknown {
  if (age === null || Number.isNaN(age)) return { unknown: "the server shows no time" };
  if (age < 0 || age > uptime + SLACK) return { unknown: "the server shows an absurd time" };
  return age;
}

/** What these programs select is a dump, whatever their statements look like. */
const DUMP_PROGRAMS = new Set(["mysqldump", "mariadb-dump", "mysqlpump", "mydumper"]);

function statementOf(
  { running, text, program }: RawSession,
  textLimit: number,
): Pick<Session, "sql" | "verb"> {
  if (!running) return { sql: "", verb: "" };
  if (text === null) {
    const unknown: Unknown = { unknown: "the server shows no statement text" };
    return { sql: unknown, verb: unknown };
  }
  const cut = isCut(text, textLimit);
  const plain = verbOf(text, { cut });
  const verb = plain === "select" && DUMP_PROGRAMS.has(program ?? "") ? "dump" : plain;
  return {
    sql: { text: new Secret(text), cut },
    verb: verb ?? { unknown: "the verb is not in the part of the text that the server keeps" },
  };
}

/** A text that fills the server's column to within one character was cut, whether or not it says so. */
function isCut(text: string, limit: number): boolean {
  return text.length * 4 >= limit && new TextEncoder().encode(text).length >= limit - 4;
}
