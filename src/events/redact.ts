import type { SqlLog } from "../config/mod.ts";
import { digest, tablesOf } from "../digest/mod.ts";
import type { Event, PublicEvent, StatementReport } from "./event.ts";
import type { StatementReading } from "./statement_reading.ts";

/**
 * Makes an event fit to leave the process: statements leave it as digests. `raw` adds their texts, as the user asks
 * for with `log: { sql: raw }`.
 */
export function redact(event: Event, sql: SqlLog): PublicEvent {
  if (!("statement" in event) || event.statement === undefined) return event as PublicEvent;
  const { statement, ...rest } = event;
  const text = sql === "raw" ? { sql: statement.sql.text.reveal() } : {};
  return { ...rest, statement: { ...redactStatement(statement), ...text } };
}

/** A statement without its literals. */
export function redactStatement({ sql, verb, serverDigest, tags }: StatementReading): StatementReport {
  const text = sql.text.reveal();
  const { cut } = sql;
  return {
    ...digest(text, { cut }),
    ...serverDigest !== undefined && { server_digest: serverDigest },
    ...verb !== undefined && { verb },
    tables: tablesOf(text, { cut }),
    tags,
  };
}
