export {
  type Capabilities,
  type Cluster,
  type Flavor,
  FLAVORS,
  type Gap,
  type SessionSource,
} from "./capabilities.ts";
export { Connection, type ConnectionTarget, PROGRAM_NAME, type Row } from "./connection.ts";
export { readDefiners } from "./definers.ts";
export { DatabaseError, type DatabaseErrorKind, refusal } from "./error.ts";
export { EFFECTS, SESSION_VARIABLES, type SessionVariable } from "./session_variables.ts";
export { statusTable } from "./status_table.ts";
export { type Identity, identityColumns, readIdentity, reportOf, type SelfReport } from "./identity.ts";
export { kill, type KillAnswer, type KillTarget, TEXT_IDENTITY } from "./kill.ts";
export {
  accountOf,
  ANY_HOST,
  FLAVOR_NOTES,
  type FlavorNotes,
  type Grant,
  type GrantOptions,
  grantsFor,
  settingsFor,
} from "./grants.ts";
export { type Denial, readDenial } from "./denial.ts";
export { type Need, NEEDS, quotedTable } from "./need.ts";
export { type ShieldedAccount, shieldRemedy } from "./shield.ts";
export { PROCESS_LIST_TEXT_LIMIT } from "./probe.ts";
export { isUnavailable, type LockCapabilities, type Unavailable } from "./probe_locks.ts";
export type { ReplicationCapabilities } from "./probe_replication.ts";
export { describeHolder, type Lease, LEASE_COLUMNS, leaseOf, takeLease } from "./lease.ts";
export {
  type Aside,
  checkConnections,
  connect,
  connectAside,
  type ConnectOptions,
  disconnect,
  type Server,
} from "./server.ts";
