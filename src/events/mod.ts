export { clauseText, describe, sessionText } from "./describe.ts";
export type { Event, PublicEvent, StatementReport, UnkillableEvent } from "./event.ts";
export { EVENTS, levelOf } from "./event_table.ts";
export { LOG_FORMATS, logSubscriber } from "./log.ts";
export { redact, redactStatement } from "./redact.ts";
export { decisionEvent, outcomeEvent, selectionReport, sessionReport } from "./report.ts";
export { statementReading } from "./statement_reading.ts";
export { EventStream, type Subscription, type TimedEvent } from "./stream.ts";
export { REPORTED_OUTCOMES } from "./reported_outcome.ts";
