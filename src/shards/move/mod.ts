export {
  canAbort,
  type GroupAccess,
  MOVE_STEPS,
  type MoveEnd,
  MoveError,
  type MoveNews,
  type MoveRequest,
  type MoveRun,
  type MoveState,
  type MoveStatus,
  type MoveStep,
} from "./contract.ts";
export { slotsOfText, slotsText } from "./ranges.ts";
export { prepareShard, prepareShardSql } from "./prepare_shard.ts";
export { runMove } from "./run_move.ts";
export { orderMove, readMoves, requestMove } from "./requests.ts";
