import type { Config, WatchedDatabase } from "../config/mod.ts";
import { didYouMean, quoted } from "../text/nearest.ts";
import { findConfigFile, readConfig } from "./config_file.ts";
import type { Invocation, Terminal } from "./invocation.ts";
import { UsageError } from "./usage_error.ts";

/** A configuration, and those of its databases to connect to. */
export interface DatabaseChoice {
  readonly config: Config;
  readonly databases: readonly WatchedDatabase[];
}

/**
 * Reads the configuration and picks the database that `--database` names, or all. If the configuration is wrong,
 * prints the errors and returns undefined.
 * @throws {UsageError} If there is no configuration, or no such database.
 */
export async function chosenDatabases(
  invocation: Invocation,
  terminal: Terminal,
): Promise<DatabaseChoice | undefined> {
  const file = await findConfigFile(invocation, terminal);
  const config = await readConfig(file, "required", terminal);
  if (config === undefined) return undefined;
  if (config.databases.length === 0) {
    throw new UsageError(`there is no database in this configuration: ${quoted(file)}`);
  }
  // Credentials are required: each has its account.
  const databases = config.databases as readonly WatchedDatabase[];
  return { config, databases: named(databases, invocation.options.get("database")) };
}

function named(databases: readonly WatchedDatabase[], name: string | undefined): readonly WatchedDatabase[] {
  if (name === undefined) return databases;
  const found = databases.filter((database) => database.name === name);
  if (found.length > 0) return found;
  const near = didYouMean(name, databases.map(({ name }) => name), '"');
  throw new UsageError(`no database has this name: ${quoted(name)}${near}`);
}
