export {
  type Account,
  type Action,
  type Address,
  type Budget,
  type Config,
  type DatabaseConfig,
  type Evidence,
  type Metric,
  type Mode,
  type Policy,
  type Rules,
  type Settle,
  type SqlLog,
  type SslMode,
  type Tls,
  type VictimOrder,
  type Victims,
} from "./config.ts";
export { type Environment } from "./credentials.ts";
export { ioReason } from "./document.ts";
export type { JsonSchema } from "./json_schema.ts";
export { loadConfig, type Loaded, type LoadOptions } from "./load.ts";
export { loadTrials } from "./load_trials.ts";
export { type Schedule, type Window } from "./schedule.ts";
export { valueAt } from "./series.ts";
export {
  type Expectation,
  type ExpectedSpared,
  type ExpectedVictim,
  killsOnceArmed,
  type Trial,
  type TrialSession,
} from "./trial.ts";
export { ConfigError, formatProblem, formatWarning, type LocatedProblem } from "./problem.ts";
export { configFile, credentialsFile } from "./schema.ts";
