import { type Config, loadConfig, type LoadOptions } from "../config/mod.ts";
import { DATABASE_DOMAIN } from "../mysql/mod.ts";
import { ConfigError, formatProblem, formatWarning } from "../yaml/mod.ts";
import type { Invocation, Terminal } from "./invocation.ts";
import { SHARD_VOCABULARY } from "./shard_vocabulary.ts";
import { UsageError } from "./usage_error.ts";

const PLACES = ["query-sniper.yaml", "/etc/query-sniper/query-sniper.yaml"];

/**
 * The configuration file to use: `-c`, else `$QUERY_SNIPER_CONFIG`, else the first place that has one.
 * @throws {UsageError} If there is none.
 */
export async function findConfigFile({ options }: Invocation, terminal: Terminal): Promise<string> {
  const named = options.get("config") ?? terminal.environment("QUERY_SNIPER_CONFIG");
  if (named !== undefined && named !== "") return named;
  for (const place of PLACES) {
    try {
      await Deno.stat(place);
      return place;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) return place;
    }
  }
  throw new UsageError(
    `no configuration: neither -c nor $QUERY_SNIPER_CONFIG names one, and there is no ${
      PLACES.join(" and no ")
    }`,
  );
}

/** Loads a configuration and prints its errors and warnings. Returns undefined if there are errors. */
export async function readConfig(
  file: string,
  credentials: LoadOptions["credentials"],
  terminal: Terminal,
): Promise<Config | undefined> {
  try {
    const { environment } = terminal;
    const { config, warnings } = await loadConfig(file, {
      environment,
      credentials,
      domain: DATABASE_DOMAIN,
      shards: SHARD_VOCABULARY,
    });
    for (const warning of warnings) terminal.warn(formatWarning(warning));
    return config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    terminal.warn(...error.problems.map(formatProblem));
  }
}
