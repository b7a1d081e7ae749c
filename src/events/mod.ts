export { clauseText, describe, sessionText } from "./describe.ts";
export type { Event, StatementReport, ToldEvent, UnkillableEvent } from "./event.ts";
export { type EventLog, LOG_FORMATS, openEventLog } from "./event_log.ts";
export { EVENTS, levelOf } from "./event_table.ts";
export { redact, redactStatement } from "./redact.ts";
export { decisionEvent, outcomeEvent, selectionReport, sessionReport } from "./report.ts";
export { statementReading } from "./statement_reading.ts";
export { TOLD_OUTCOMES } from "./told_outcome.ts";
