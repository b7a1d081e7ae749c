export { type Capabilities, type Flavor, FLAVORS, type Gap } from "./capabilities.ts";
export { killAll } from "./executor/kill.ts";
export { type KillProof, proveKill } from "./executor/prove_kill.ts";
export { accountOf, ANY_HOST, FLAVOR_NOTES, type Grant, grantsFor, settingsFor } from "./grants.ts";
export { readIdentity } from "./identity.ts";
export { kill, type KillTarget } from "./kill.ts";
export { describeHolder, type Lease } from "./lease.ts";
export { type Need, needMeaning, NEEDS } from "./need.ts";
export type { ReplicationCapabilities } from "./probe_replication.ts";
export { Accounts } from "./reads/accounts.ts";
export { withAlike } from "./reads/alike.ts";
export {
  type CauseOptions,
  type CausesFound,
  needsBlockers,
  needsCauses,
  needsLocks,
  type QueueHead,
  readCauses,
} from "./reads/causes.ts";
export { needsHolds, readGuards, readHeld } from "./reads/guards.ts";
export { type HealthReport, readHealth } from "./reads/health.ts";
export { readMetric } from "./reads/metric.ts";
export { readSessionCounts } from "./reads/session_counts.ts";
export { readSessions, type SessionFilter, sessionOf, type Wanted } from "./reads/sessions.ts";
export { readStatements, type StatementOptions, statementValues } from "./reads/statements.ts";
export { readThread } from "./reads/thread.ts";
export { type Channel, type SourceCandidate, sourceOf } from "./replication/channel.ts";
export type { Links } from "./replication/link.ts";
export type { Position } from "./replication/position.ts";
export type { ReplicationInput, WatchedRings } from "./replication/replication.ts";
export { type Behind, recordPositions, type Rings } from "./replication/ring.ts";
export {
  type Aside,
  checkConnections,
  connect,
  connectAside,
  type ConnectOptions,
  disconnect,
  type Server,
} from "./server.ts";
export { EFFECTS, SESSION_VARIABLES } from "./session_variables.ts";
export { shieldRemedy } from "./shield.ts";
export type { SessionlessTransaction } from "./transactions/transactions.ts";
