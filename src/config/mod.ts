export { type KeyChange, keyChanges, needsNewConnection } from "./change.ts";
export type {
  Account,
  Address,
  AdminConfig,
  AlertmanagerDestination,
  Alias,
  ChannelConfig,
  Config,
  DatabaseConfig,
  Destination,
  DrainConfig,
  DumpConfig,
  EmailDestination,
  EvidenceConfig,
  Exempt,
  ListenConfig,
  MoveConfig,
  PagerdutyDestination,
  ProvisionConfig,
  ProxysqlConfig,
  Retention,
  RouterConfig,
  ServerTls,
  ShardedTable,
  ShardGrowth,
  ShardingConfig,
  ShardMetricsConfig,
  ShardPolicy,
  SlackDestination,
  SqlLog,
  SslMode,
  Tls,
  WatchedDatabase,
  WebhookDestination,
} from "./config.ts";
export { DEFAULTS } from "./defaults.ts";
export { familiarKey } from "./familiar.ts";
export { hasExpired } from "./exemptions.ts";
export { inFolder, loadConfig, type LoadOptions, type LoadResult } from "./load.ts";
export { type DatabaseConfigReport, databaseReports, describeDatabase, summarize } from "./report.ts";
export { namePattern } from "./glob.ts";
export { isLoopback, type ListenAddress, listenText } from "./listen_keys.ts";
export { type Route, ROUTES } from "./notify_keys.ts";
export { describeProxysql, type ProxysqlReport, proxysqlReport } from "./proxysql.ts";
export { addressText, BACKENDS, DUMP_FORMATS } from "./proxysql_keys.ts";
export { pairFault } from "./tls_pair.ts";
export { execFault } from "./provision.ts";
export { SHARD_ACTIONS, type ShardAction, type ShardActionRow } from "./shard_actions.ts";
export { describeGrowth, type GrowthReport, growthReport } from "./shard_report.ts";
export { policyHash } from "./policy_hash.ts";
export { tooOpen } from "./secret_file.ts";
export { configFile, credentialsFile } from "./schema.ts";
