export type {
  CauseOptions,
  QueueHead,
  SessionDetails,
  SessionlessTransaction,
  StatementOptions,
} from "./details.ts";
export { ProxyRefusal, TargetError } from "./error.ts";
export type { Execution, Executor } from "./executor.ts";
export type { Lease } from "./lease.ts";
export type { HealthReport, HealthRequest, LookSource } from "./look_source.ts";
export type { Place, Proxy, ProxyClient, ProxyConnection, ProxyReading, ProxySilence } from "./proxy.ts";
export type { SessionFilter, SessionSelector } from "./session_filter.ts";
export type { Occupant, Target, TargetConnection } from "./target.ts";
