export { Accounts } from "./accounts.ts";
export { withAlike } from "./alike.ts";
export {
  type CauseOptions,
  type CausesFound,
  needsBlockers,
  needsCauses,
  needsLocks,
  type QueueHead,
  readCauses,
} from "./causes.ts";
export { type Channel, type SourceCandidate, sourceOf } from "./replication/channel.ts";
export { needsHolds, readGuards, readHeld } from "./guards.ts";
export { type HealthReport, readHealth } from "./health.ts";
export type { Links } from "./replication/link.ts";
export { readMetric } from "./metric.ts";
export type { Position } from "./replication/position.ts";
export type { ReplicationInput, WatchedRings } from "./replication/replication.ts";
export { type Behind, recordPositions, type Rings } from "./replication/ring.ts";
export type { SessionlessTransaction } from "./transactions/transactions.ts";
export { readRollingBack } from "./rollback.ts";
export { readThread, type ServerThread } from "./thread.ts";
export { readSessionCounts, type SessionCounts } from "./session_counts.ts";
export { isTorn, readSessions, type SessionFilter, sessionOf, type Wanted } from "./sessions.ts";
export { mayEndQuietly, readEnds } from "./statement_end.ts";
export { readStatements, type StatementOptions, statementValues } from "./statements.ts";
export type { Health, Session, Snapshot } from "./snapshot.ts";
