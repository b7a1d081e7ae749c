import type { Config, WatchedDatabase } from "../config/mod.ts";

/** The configuration, and the databases to watch. */
export interface AppConfig {
  readonly config: Config;
  readonly databases: readonly WatchedDatabase[];
}
