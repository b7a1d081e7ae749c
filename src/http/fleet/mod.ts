export {
  type DatabaseState,
  type GateStatus,
  isHurt,
  type KillTick,
  type LeaseStatus,
} from "./database_state.ts";
export { Fleet, type FleetOptions, TRACED, type TracedName } from "./fleet.ts";
export { STEP, TRACE } from "./trace.ts";
