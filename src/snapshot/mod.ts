export { type HealthReport, readHealth } from "./health.ts";
export { readRollingBack } from "./rollback.ts";
export { readSessions } from "./sessions.ts";
export type { Health, Session, Snapshot } from "./snapshot.ts";
