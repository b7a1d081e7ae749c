export type {
  CauseOptions,
  CausesFound,
  QueueHead,
  SessionlessTransaction,
  StatementOptions,
} from "./details.ts";
export { TargetError } from "./error.ts";
export type { Execution, Executor } from "./executor.ts";
export type { Lease } from "./lease.ts";
export type { HealthReport, HealthRequest, LookSource } from "./look_source.ts";
export type { SessionFilter, Wanted } from "./session_filter.ts";
export type { Connected, Occupant, Target } from "./target.ts";
