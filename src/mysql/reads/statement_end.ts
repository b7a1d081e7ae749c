import type { Capabilities } from "../capabilities.ts";
import type { Connection } from "../../connection/mod.ts";
import type { Session } from "../../policy/mod.ts";

/** How an execution ended. */
export interface StatementEnd {
  /** The error number; 0 if there was no error. */
  readonly errno: number;
  /** How long it ran, in milliseconds; NaN if the server does not say. */
  readonly time: number;
}

/**
 * Reads how executions ended, if the server still shows it. Only the performance schema does, for the last
 * statements of each open connection.
 * @throws {DatabaseError}
 */
export async function readEnds(
  connection: Connection,
  { sessions }: Capabilities,
  executions: readonly string[],
): Promise<ReadonlyMap<string, StatementEnd>> {
  const events = executions.filter((execution) => EVENT.test(execution))
    .map((execution) => `(${execution.replace(":", ", ")})`);
  if (!sessions.startsWith("statement_events") || events.length === 0) return new Map();
  const of = (table: string) =>
    "SELECT CONCAT(THREAD_ID, ':', EVENT_ID) AS execution, MYSQL_ERRNO AS errno, " +
    "TRUNCATE(TIMER_WAIT / 1e9, 3) AS time " +
    `FROM performance_schema.${table} WHERE (THREAD_ID, EVENT_ID) IN (${events.join(", ")}) ` +
    "AND END_EVENT_ID IS NOT NULL";
  const rows = await connection.query(
    `${of("events_statements_current")} UNION ${of("events_statements_history")}`,
  );
  return new Map(rows.map((row) => {
    const time = row["time"] === null ? NaN : Number(row["time"]);
    return [String(row["execution"]), { errno: Number(row["errno"]), time }];
  }));
}

/** Thread and event. Lets only digits into a statement, whatever was read. */
const EVENT = /^[0-9]{1,20}:[0-9]{1,20}$/;

/**
 * Whether a killed statement may end without an error: SLEEP() and BENCHMARK() just return when interrupted
 * (9.7.4), and so does a routine that ends with them.
 */
export function mayEndQuietly({ sql, verb }: Pick<Session, "sql" | "verb">): boolean {
  if (verb === "call" || typeof sql === "string" || !("text" in sql)) return true;
  return sql.cut || /\b(?:sleep|benchmark)\s*\(/i.test(sql.text.reveal());
}
