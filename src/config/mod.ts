export {
  type Account,
  type Action,
  type Address,
  type Budget,
  type Config,
  type DatabaseConfig,
  type Metric,
  type Mode,
  type Policy,
  type Rules,
  type Settle,
  type SslMode,
  type Tls,
  type VictimOrder,
  type Victims,
} from "./config.ts";
export { type Environment } from "./credentials.ts";
export { loadConfig, type Loaded, type LoadOptions } from "./load.ts";
export { ConfigError, formatProblem, type LocatedProblem } from "./problem.ts";
