export { decide, type Decided } from "./decide.ts";
export type { Decision, SkipReason, Verdict } from "./decision.ts";
export { type Gate, gates, type GateState } from "./gate.ts";
export { type Memory, NO_MEMORY, refund, release, rememberGates } from "./memory.ts";
