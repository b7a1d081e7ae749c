export { clauseText, describe, sessionText } from "./describe.ts";
export type { Event, StatementReport, ToldEvent, UnkillableEvent } from "./event.ts";
export { EVENTS, levelOf } from "./event_table.ts";
export { redact, redactStatement } from "./redact.ts";
export type { Outcome, OutcomeKind } from "./outcome.ts";
export { type Abandoned, Journal, JournalError } from "./store.ts";
export { journalProblem } from "./trial.ts";
export { decisionEvent, outcomeEvent, sessionReport } from "./report.ts";
export { statementReading } from "./statement_reading.ts";
