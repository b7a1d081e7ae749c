export {
  type Account,
  type Address,
  type Config,
  type DatabaseConfig,
  type Evidence,
  type SqlLog,
  type SslMode,
  type Tls,
  type WatchedDatabase,
} from "./config.ts";
export type { Environment } from "./credentials.ts";
export { DEFAULTS } from "./defaults.ts";
export { familiarKey } from "./familiar.ts";
export { inFolder, loadConfig, type Loaded, type LoadOptions } from "./load.ts";
export { configFile, credentialsFile } from "./schema.ts";
export { type KeyChange, keyChanges, needsNewConnection } from "./change.ts";
export { type DatabaseReport, databaseReports, describeDatabase, summarize } from "./report.ts";
