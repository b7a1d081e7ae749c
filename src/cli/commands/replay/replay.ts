import type { Config, DatabaseConfig } from "../../../config/mod.ts";
import { ioReason } from "../../../yaml/mod.ts";
import { didYouMean, quoted } from "../../../text/nearest.ts";
import { printable } from "../../../text/control.ts";
import {
  newComparison,
  newRehearsal,
  readRecording,
  type RecordedDatabase,
  type RecordedLook,
  RecordingError,
  type RecordingReader,
} from "../../../recording/mod.ts";
import { comparisonText } from "./comparison_text.ts";
import { findConfigFile, readConfig } from "../../config_file.ts";
import type { Invocation, Run, Terminal } from "../../invocation.ts";
import { rehearsalText } from "./rehearsal_text.ts";
import { UsageError } from "../../usage_error.ts";

/** `query-sniper replay`. */
export const replay: Run = async (invocation, terminal) => {
  const configs = await readConfigs(invocation, terminal);
  if (configs === undefined) return 2;
  const file = fileOf(invocation);
  try {
    const recording = await readRecording(file);
    const replays = replaysOf(chosen(recording, invocation), { recording, configs, terminal });
    for await (const look of recording.looks) await replays.get(look.database)?.see(look);
    if (!recording.isWhole()) {
      terminal.warn(`${printable(file)}: it was cut off, or is damaged: what can be read of it is replayed`);
    }
    const results = [...replays.values()];
    terminal.print(
      ...invocation.options.get("format") === "json"
        ? results.flatMap((result) => result.lines().map((line) => JSON.stringify(line)))
        : results.flatMap((result, index) => [...index === 0 ? [] : [""], ...result.text()]),
    );
    return results.every((result) => result.isComplete()) ? 0 : 1;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const reason = error instanceof RecordingError
      ? error.message
      : `cannot read the file: ${ioReason(error)}`;
    terminal.warn(`${printable(file)}: ${reason}`);
    return 1;
  }
};

function fileOf({ arguments: files }: Invocation): string {
  const [file, second] = files;
  if (file === undefined) throw new UsageError("replay needs the file of a recording", "replay");
  if (second !== undefined) throw new UsageError(`replay takes one file: ${quoted(second)}`, "replay");
  return file;
}

/** Configurations with their files; with `--compare`, the older one comes first. */
type Configs = readonly (readonly [file: string, config: Config])[];

/** Loads the configurations; undefined if one is wrong, after printing the errors. */
async function readConfigs(invocation: Invocation, terminal: Terminal): Promise<Configs | undefined> {
  const old = invocation.options.get("compare");
  const files = [...old === undefined ? [] : [old], await findConfigFile(invocation, terminal)];
  const configs = await Promise.all(files.map((file) => readConfig(file, "ignored", terminal)));
  if (configs.includes(undefined)) return undefined;
  return files.map((file, index) => [printable(file), configs[index]!]);
}

/** The databases of the recording that were asked for. */
function chosen(
  { header: { databases } }: RecordingReader,
  { options }: Invocation,
): readonly RecordedDatabase[] {
  const wanted = options.get("database");
  if (wanted === undefined) return databases;
  const found = databases.filter(({ name }) => name === wanted);
  if (found.length > 0) return found;
  const near = didYouMean(wanted, databases.map(({ name }) => name), '"');
  throw new UsageError(`the recording has no database of this name: ${quoted(wanted)}${near}`);
}

/** The replay of one database. */
interface ReplaySession {
  see(look: RecordedLook): Promise<unknown>;
  /** Whether no policy was left out so far. */
  isComplete(): boolean;
  /** For `--format json`. */
  lines(): readonly object[];
  text(): readonly string[];
}

interface ReplayOptions {
  readonly recording: RecordingReader;
  readonly configs: Configs;
  readonly terminal: Terminal;
}

/** Replays by database name. Prints which databases the configuration lacks. */
function replaysOf(
  databases: readonly RecordedDatabase[],
  options: ReplayOptions,
): ReadonlyMap<string, ReplaySession> {
  const { configs, terminal } = options;
  const replays = new Map<string, ReplaySession>();
  for (const kept of databases) {
    const found = configs.map(([, config]) => config.databases.find(({ name }) => name === kept.name));
    const missing = configs.filter((_, index) => found[index] === undefined).map(([file]) => file);
    if (missing.length === 0) {
      replays.set(kept.name, replaying(found.map((database) => database!), kept, options));
    } else terminal.warn(`${printable(kept.name)}: it is in the recording, and not in ${missing.join(", ")}`);
  }
  if (replays.size === 0) throw new UsageError("there is no database that was recorded and is configured");
  return replays;
}

function replaying(
  [first, second]: readonly DatabaseConfig[],
  kept: RecordedDatabase,
  { recording: { header }, configs }: ReplayOptions,
): ReplaySession {
  if (second === undefined) {
    const rehearsal = newRehearsal(first!, kept, header);
    return {
      see: (look) => rehearsal.see(look),
      isComplete: () => rehearsal.replay.notRecorded.length === 0,
      lines: () => [...rehearsal.decisions, rehearsal.report()],
      text: () => rehearsalText(rehearsal.report(), rehearsal.decisions),
    };
  }
  const comparison = newComparison({ old: first!, new: second }, kept, header);
  const files = { old: configs[0]![0], new: configs[1]![0] };
  return {
    see: (look) => comparison.see(look),
    isComplete: () => comparison.isComplete(),
    lines: () => [...comparison.differences(), comparison.report()],
    text: () => comparisonText(comparison.report(), comparison.differences(), files),
  };
}
