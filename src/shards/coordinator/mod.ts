export { type Change, ChangeError, type ChangeRequest } from "./change.ts";
export type { ChangeNews, ChangeRun } from "./change_context.ts";
export { Coordinator, type CoordinatorNews, type CoordinatorOptions, requestChange } from "./coordinator.ts";
export { rehearseChange, type RehearsedChange } from "./rehearse.ts";
export type { SlotTransfer } from "./slot_choice.ts";
export { coordinatorApp } from "./coordinator_app.ts";
export { type GroupNews, GroupWatch } from "./group_watch.ts";
export { type GroupParts, type GroupState, groupState } from "./group_state.ts";
