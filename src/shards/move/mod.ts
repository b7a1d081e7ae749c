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
export type { MoveFilter } from "./journal.ts";
export { prepareShard, prepareShardSql } from "./prepare_shard.ts";
export { slotsOfText, slotsText } from "./ranges.ts";
export { readRebuiltMap, rebuildMap, type RebuiltMap } from "./rebuild_map.ts";
export { type RehearsedStep, rehearseMove } from "./rehearse.ts";
export { isPrepared, movesIn, orderMove, readMoves, requestMove } from "./requests.ts";
export { runMove } from "./run_move.ts";
export { type GroupProblem, type GroupReport, type VerifiedShard, verifyGroup } from "./verify_group.ts";
