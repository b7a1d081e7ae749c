export {
  type Action,
  ACTION_NAMES,
  actionOf,
  type ActionRow,
  ACTIONS,
  type Actions,
  type Kill,
  KILLS,
} from "./action.ts";
export { type BudgetShortage, exhaustedBy, type Spend } from "./budget.ts";
export { BY_HAND, costsOf, type Objection, objectionTo } from "./by_hand.ts";
export { claims } from "./claims.ts";
export { decide, type Decisions } from "./decide.ts";
export type { Decision, Hold, Verdict } from "./decision.ts";
export type { Consent, Domain, SelectionContext } from "./domain.ts";
export { unfinishedKill } from "./escalation.ts";
export { Gate, GATE_STATES, type GateState } from "./gate.ts";
export { type GateRules, gates, type Moment } from "./gates.ts";
export { type Level, LEVELS } from "./level.ts";
export {
  forget,
  type GateMemory,
  type Memory,
  NO_MEMORY,
  recognize,
  rememberGates,
  remembersNothing,
  settle,
} from "./memory.ts";
export { endangered, narrow } from "./narrow.ts";
export { everyNeed, type Needs, needsByHour, needsOf } from "./needs.ts";
export {
  isReleased,
  type Outcome,
  type OutcomeKind,
  OUTCOMES,
  outcomesThat,
  type ReleasedOutcome,
} from "./outcome.ts";
export {
  type Budget,
  type GatedPolicy,
  type Metric,
  type Mode,
  modeOf,
  MODES,
  type Policy,
  type Rules,
  type Settle,
} from "./policy.ts";
export { REASONS, reasonsThat, type SkipReason, type TestedReason } from "./reason.ts";
export { withNewRules } from "./rules_change.ts";
export { isSameCall } from "./same_call.ts";
export { DAYS, type Schedule, type Window } from "./schedule.ts";
export { type RoundProgress, Rounds } from "./settle.ts";
export { isShielded, REFUSED } from "./shield.ts";
export type {
  CostlyValues,
  Health,
  Identity,
  Methods,
  SelfReport,
  Session,
  SessionCounts,
  ShieldedAccount,
  Snapshot,
} from "./snapshot.ts";
export { type PolicyVerdict, type SessionVerdicts, verdicts } from "./verdicts.ts";
export { VICTIM_ORDERS } from "./victim_order.ts";
