export { describe } from "./describe.ts";
export { type Event, levelOf } from "./event.ts";
export type { Outcome, OutcomeKind } from "./outcome.ts";
export { type Abandoned, Journal, JournalError } from "./store.ts";
export { decisionEvent, outcomeEvent } from "./report.ts";
