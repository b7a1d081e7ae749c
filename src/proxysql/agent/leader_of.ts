import type { Clock } from "../../clock.ts";
import type { DatabaseConfig, ProxysqlConfig } from "../../config/mod.ts";
import type { Leader } from "./leader.ts";

/** What an election needs, beside what is configured. */
export interface LeaderOptions {
  readonly clock: Clock;
  /** What this agent is called: no other process has ever the same name, also none in the same pod. */
  readonly identity: string;
  /** All databases of the configuration. */
  readonly databases: readonly DatabaseConfig[];
}

/** The election that is configured. Only an agent of a core can lead. Nothing is asked before the first renewal. */
export type LeaderOf = (config: Pick<ProxysqlConfig, "role" | "leader">, options: LeaderOptions) => Leader;
