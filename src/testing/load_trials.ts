import { dirname } from "node:path";
import { type DatabaseConfig, familiarKey, inFolder, loadConfig, type LoadOptions } from "../config/mod.ts";
import { ConfigError, locate, type LocatedProblem, Problems, readDocument } from "../yaml/mod.ts";
import type { Trial } from "./trial.ts";
import { TrialReader } from "./trial_reader.ts";
import { trialFile } from "./trial_schema.ts";

/** How the configuration is loaded. */
export type TrialOptions = Pick<LoadOptions, "environment" | "domain" | "shards">;

/**
 * Reads a file of tests, and the configuration that it names. Credentials are not read.
 * @throws {ConfigError} With everything that is wrong in either.
 */
export async function loadTrials(file: string, options: TrialOptions): Promise<readonly Trial[]> {
  const document = await readDocument(file, { secretKeys: false });
  const problems = new Problems({ hints: familiarKey });
  const { config, tests = [] } = trialFile.read(document.value, [], problems) ?? {};
  const { databases, errors } = config === undefined
    ? { errors: [] }
    : await readDatabases(inFolder(dirname(file), config), options);
  const reader = new TrialReader(databases, problems);
  const trials = tests.flatMap((test, index) =>
    test === undefined ? [] : reader.read(test, ["tests", index]) ?? []
  );
  const found = [...await locate(document, problems.list), ...errors];
  if (found.length > 0) throw new ConfigError(found);
  return trials;
}

interface Databases {
  /** Absent if they are unknown. */
  readonly databases?: readonly DatabaseConfig[];
  readonly errors: readonly LocatedProblem[];
}

async function readDatabases(file: string, options: TrialOptions): Promise<Databases> {
  try {
    const { config } = await loadConfig(file, { ...options, credentials: "ignored" });
    return { databases: config.databases, errors: [] };
  } catch (error) {
    if (error instanceof ConfigError) return { errors: error.problems };
    throw error;
  }
}
