import { ConfigError, formatProblem, ioReason } from "../../../yaml/mod.ts";
import { type GroupTrial, judge, loadTrials, type Trial } from "../../../testing/mod.ts";
import { compileMatches } from "../../../language/mod.ts";
import { DATABASE_DOMAIN } from "../../../mysql/mod.ts";
import { SHARD_VOCABULARY } from "../../shard_vocabulary.ts";
import { printable } from "../../../text/control.ts";
import { quoted } from "../../../text/nearest.ts";
import { junitXml } from "./junit.ts";
import type { Invocation, Run, Terminal } from "../../invocation.ts";
import { failedText, type TestedFile, type TrialResult } from "./trial_text.ts";
import { UsageError } from "../../usage_error.ts";

/** `query-sniper test`. */
export const testPolicies: Run = async (invocation, terminal) => {
  const { arguments: files, options } = invocation;
  if (files.length === 0) throw new UsageError("test needs a file of tests", "test");
  const isChosen = choiceOf(invocation);
  const loaded: (TrialsOfFile | undefined)[] = [];
  for (const file of files) loaded.push(await load(file, terminal));
  const found = loaded.filter((file) => file !== undefined);
  if (found.length < files.length) return 2;
  const chosen = found.map(({ file, trials }) => ({ file, trials: trials.filter(isChosen) }))
    .filter(({ trials }) => trials.length > 0);
  if (chosen.length === 0) {
    throw new UsageError(`no test has such a name: ${quoted(options.get("run") ?? "")}`);
  }
  const tested: TestedFile[] = [];
  for (const { file, trials } of chosen) tested.push({ file, results: await runAll(file, trials, terminal) });
  terminal.print(summary(tested, found.reduce((sum, { trials }) => sum + trials.length, 0)));
  const written = await writeJunit(options.get("junit"), tested, terminal);
  return written && tested.every(({ results }) => results.every(hasPassed)) ? 0 : 1;
};

function choiceOf({ options }: Invocation): (trial: Trial | GroupTrial) => boolean {
  const pattern = options.get("run");
  if (pattern === undefined) return () => true;
  const matches = compileMatches(pattern);
  if (typeof matches !== "string") return ({ name }) => matches(name, false) === true;
  throw new UsageError(`--run is a regular expression in RE2 syntax: ${matches}`);
}

interface TrialsOfFile {
  readonly file: string;
  readonly trials: readonly (Trial | GroupTrial)[];
}

/** Reads a file of tests; returns undefined if it is wrong, after printing the errors. */
async function load(file: string, terminal: Terminal): Promise<TrialsOfFile | undefined> {
  try {
    return {
      file,
      trials: await loadTrials(file, {
        environment: (name) => terminal.environment(name),
        domain: DATABASE_DOMAIN,
        shards: SHARD_VOCABULARY,
      }),
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    terminal.warn(...error.problems.map(formatProblem));
  }
}

async function runAll(
  file: string,
  trials: readonly (Trial | GroupTrial)[],
  terminal: Terminal,
): Promise<readonly TrialResult[]> {
  const results: TrialResult[] = [];
  for (const trial of trials) {
    const result = { name: trial.name, failures: await judge(trial) };
    if (!hasPassed(result)) terminal.print(...failedText(file, result));
    results.push(result);
  }
  return results;
}

function hasPassed({ failures }: TrialResult): boolean {
  return failures.length === 0;
}

function summary(tested: readonly TestedFile[], there: number): string {
  const results = tested.flatMap(({ results }) => results);
  const passed = results.filter(hasPassed).length;
  const left = there - results.length;
  return `${passed} passed, ${results.length - passed} failed${left > 0 ? `, ${left} not run` : ""}`;
}

/** Returns false if a file was asked for and could not be written. */
async function writeJunit(
  file: string | undefined,
  tested: readonly TestedFile[],
  terminal: Terminal,
): Promise<boolean> {
  if (file === undefined) return true;
  try {
    await Deno.writeTextFile(file, junitXml(tested));
    return true;
  } catch (error) {
    terminal.warn(`query-sniper: cannot write ${printable(file)}: ${ioReason(error)}`);
    return false;
  }
}
