import { dirname } from "node:path";
import {
  type DatabaseConfig,
  familiarKey,
  inFolder,
  loadConfig,
  type LoadOptions,
  type ShardGrowth,
} from "../config/mod.ts";
import { quoted } from "../text/nearest.ts";
import { ConfigError, locate, type LocatedProblem, Problems, readDocument } from "../yaml/mod.ts";
import type { GroupTrial } from "./group_trial.ts";
import { readGroupTrial } from "./group_trial_reader.ts";
import type { Trial } from "./trial.ts";
import { TrialReader } from "./trial_reader.ts";
import { trialFile } from "./trial_schema.ts";

/** How the configuration is loaded. */
export type TrialOptions = Pick<LoadOptions, "environment" | "domain" | "shards">;

/**
 * Reads a file of tests, and the configuration that it names. Credentials are not read.
 * @throws {ConfigError} With everything that is wrong in either.
 */
export async function loadTrials(
  file: string,
  options: TrialOptions,
): Promise<readonly (Trial | GroupTrial)[]> {
  const document = await readDocument(file, { secretKeys: false });
  const problems = new Problems({ hints: familiarKey });
  const { config, tests = [], shard_tests: groupTests = [] } = trialFile.read(document.value, [], problems) ??
    {};
  const { databases, growth, errors } = config === undefined
    ? { errors: [] }
    : await readDatabases(inFolder(dirname(file), config), options);
  const reader = new TrialReader(databases, problems);
  const trials = tests.flatMap((test, index) =>
    test === undefined ? [] : reader.read(test, ["tests", index]) ?? []
  );
  const names = new Set(tests.map((test) => test?.name));
  const groupTrials = groupTests.flatMap((test, index) => {
    if (test === undefined) return [];
    const path = ["shard_tests", index];
    if (test.name !== undefined && names.has(test.name)) {
      problems.report([...path, "name"], `another test has this name: ${quoted(test.name)}`);
    }
    names.add(test.name);
    if (databases !== undefined && growth === undefined) {
      problems.report(path, 'the configuration has no "sharding", whose policies this tests');
    }
    return readGroupTrial(test, path, { growth, problems }) ?? [];
  });
  const found = [...await locate(document, problems.list), ...errors];
  if (found.length > 0) throw new ConfigError(found);
  return [...trials, ...groupTrials];
}

interface Databases {
  /** Absent if they are unknown. */
  readonly databases?: readonly DatabaseConfig[];
  /** Absent where there are no shards. */
  readonly growth?: ShardGrowth;
  readonly errors: readonly LocatedProblem[];
}

async function readDatabases(file: string, options: TrialOptions): Promise<Databases> {
  try {
    const { config } = await loadConfig(file, { ...options, credentials: "ignored" });
    const { databases, sharding } = config;
    return { databases, ...sharding && { growth: sharding.growth }, errors: [] };
  } catch (error) {
    if (error instanceof ConfigError) return { errors: error.problems };
    throw error;
  }
}
