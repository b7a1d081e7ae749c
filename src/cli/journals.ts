import type { Config } from "../config/mod.ts";
import { JournalError, JournalReader } from "../journal/mod.ts";
import type { WrittenQuery } from "../report/mod.ts";
import { quoted } from "../text/nearest.ts";
import { findConfigFile, readConfig } from "./config_file.ts";
import type { Invocation, Terminal } from "./invocation.ts";
import { UsageError } from "./usage_error.ts";

/** Journals that are open for reading, and what the configuration says about queries. */
export interface ChosenJournals extends Disposable {
  readonly journals: readonly JournalReader[];
  readonly config: Pick<Config, "exempt" | "aliases">;
}

const NO_CONFIG: ChosenJournals["config"] = { exempt: [], aliases: [] };

/**
 * Opens the journals that `--journal FILE…` names, else that of the configuration. Where one is wrong, prints why and returns
 * the exit code.
 * @throws {UsageError}
 */
export async function openJournals(
  invocation: Invocation,
  terminal: Terminal,
): Promise<ChosenJournals | number> {
  const { options, arguments: more } = invocation;
  const named = options.get("journal");
  if (named === undefined && more.length > 0) {
    throw new UsageError(`files of journals stand after --journal: ${quoted(more[0]!)}`);
  }
  const config = await chosenConfig(invocation, terminal, named === undefined);
  if (typeof config === "number") return config;
  const files = named === undefined ? [journalOf(config)] : [named, ...more];
  refuseTwice(files);
  return opened(files, config ?? NO_CONFIG, terminal);
}

/**
 * What is in a file must not count twice, whatever names lead to it.
 * @throws {UsageError}
 */
function refuseTwice(files: readonly string[]): void {
  const places = files.map(placeOf);
  const twice = files.find((_, index) => places.indexOf(places[index]!) < index);
  if (twice !== undefined) throw new UsageError(`this journal is named twice: ${quoted(twice)}`);
}

/** Equal for two names of one file. */
function placeOf(file: string): string {
  try {
    const { dev, ino } = Deno.statSync(file);
    return `${dev}:${ino}`;
  } catch {
    return file; // opening it tells what is wrong
  }
}

/** With a journal that is named there need be no configuration. */
async function chosenConfig(
  invocation: Invocation,
  terminal: Terminal,
  isNeeded: boolean,
): Promise<Config | number | undefined> {
  let file: string;
  try {
    file = await findConfigFile(invocation, terminal);
  } catch (error) {
    if (isNeeded || !(error instanceof UsageError)) throw error;
    return undefined;
  }
  return await readConfig(file, "ignored", terminal) ?? 2;
}

function journalOf(config: Config | undefined): string {
  if (config?.journal !== undefined) return config.journal;
  throw new UsageError(
    `the configuration has no journal ("journal: off"), so that nothing is written down: ${
      quoted(config?.file ?? "")
    }`,
  );
}

function opened(
  files: readonly string[],
  config: ChosenJournals["config"],
  terminal: Terminal,
): ChosenJournals | number {
  const journals: JournalReader[] = [];
  const close = () => journals.forEach((journal) => journal[Symbol.dispose]());
  try {
    for (const file of files) journals.push(JournalReader.open(file));
  } catch (error) {
    close();
    if (!(error instanceof JournalError)) throw error;
    terminal.warn(`query-sniper: ${error.message}`);
    return 1;
  }
  return { journals, config, [Symbol.dispose]: close };
}

/** The options of a command line as parts of a question. */
export function optionsAsked({ options }: Invocation): WrittenQuery {
  return { get: (part) => options.get(part), nameOf: (part) => `--${part}` };
}
