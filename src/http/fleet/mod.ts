export { type DatabaseJson, databaseJson, type GateJson } from "./database_json.ts";
export {
  type DatabaseState,
  type GateStatus,
  isHurt,
  type KillTick,
  type LeaseStatus,
  type ShownValue,
} from "./database_state.ts";
export { type EventJson, eventJson } from "./event_json.ts";
export { Fleet, type FleetOptions, TRACED, type TracedName } from "./fleet.ts";
export { STEP, TRACE } from "./trace.ts";
