export {
  type GroupRecordingHeader,
  GroupReplay,
  headerOf,
  lookOf,
  type RecordedGroupLook,
  type ReplayedLook,
} from "./group_recording.ts";
export { decideGroup, type GroupDecisions, type GroupMoment, type GroupOptions } from "./decide.ts";
export { type GroupDecision, type GroupOutcome, isOrder, type SkippedChange } from "./decision.ts";
export { afterOutcome, type ChangeProgress, type GroupMemory, NO_GROUP_MEMORY } from "./memory.ts";
export { type PastChange, recalled, reminded } from "./recalled.ts";
export { type GateChange, gateChanges } from "./gate_changes.ts";
export type { GroupGate } from "./gates.ts";
export { planGroup, type PlannedPolicy } from "./group_plan.ts";
export { GROUP_REASONS, type GroupReason, TESTED_GROUP_REASONS } from "./reason.ts";
export { graceOf, type GroupRules, groupRules } from "./rules.ts";
export type { GroupSnapshot, MapState, ShardMetrics, TableCount } from "./snapshot.ts";
export { GroupMetrics, type GroupMetricsOptions, type MeasuredGroup } from "../metrics/group_metrics.ts";
