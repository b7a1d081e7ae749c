export { type Change, ChangeError, type ChangeRequest } from "./change.ts";
export type { ChangeNews, ChangeRun } from "./change_context.ts";
export { Coordinator, type CoordinatorNews, requestChange } from "./coordinator.ts";
export { coordinatorApp } from "./coordinator_app.ts";
export { type GroupNews, GroupWatch } from "./group_watch.ts";
