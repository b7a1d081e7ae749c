export { type HealthReport, readHealth } from "./health.ts";
export { readRollingBack } from "./rollback.ts";
export { readSessionCounts, type SessionCounts } from "./session_counts.ts";
export { readSessions, type SessionFilter, type Wanted } from "./sessions.ts";
export type { Health, Session, Snapshot } from "./snapshot.ts";
