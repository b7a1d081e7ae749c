export {
  type GroupDecision,
  type GroupExecutor,
  type GroupOutcome,
  isOrder,
  type SkippedChange,
} from "./decision.ts";
export { GROUP_REASONS, type GroupReason } from "./reason.ts";
export type { GroupRules } from "./rules.ts";
export type { GroupSnapshot, MapState, ShardMetrics, TableCount } from "./snapshot.ts";
