export { clauseText, describe, sessionText } from "./describe.ts";
export type {
  Event,
  GateEvent,
  KillEvent,
  MatchEvent,
  PublicEvent,
  SessionReport,
  StatementReport,
  UnkillableEvent,
} from "./event.ts";
export type { HttpEvent, PauseEvent } from "./program_event.ts";
export { EVENTS, levelOf } from "./event_table.ts";
export { logSubscriber } from "./log.ts";
export { LOG_FORMATS } from "./log_format.ts";
export { Queue } from "./queue.ts";
export { redact, redactStatement } from "./redact.ts";
export { decisionEvent, outcomeEvent, selectionReport, sessionReport } from "./report.ts";
export { statementReading } from "./statement_reading.ts";
export { EventStream, type Subscriber, type Subscription, type TimedEvent } from "./stream.ts";
export { REPORTED_OUTCOMES } from "./reported_outcome.ts";
