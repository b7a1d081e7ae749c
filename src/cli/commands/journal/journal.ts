import { systemClock } from "../../../clock.ts";
import { DEFAULTS, type Retention } from "../../../config/mod.ts";
import { isOfSqlite, JournalError, troubleOf } from "../../../journal/mod.ts";
import { valueOfType } from "../../../language/mod.ts";
import { didYouMean, quoted } from "../../../text/nearest.ts";
import { findConfigFile, readConfig } from "../../config_file.ts";
import type { Invocation, Run, Terminal } from "../../invocation.ts";
import { UsageError } from "../../usage_error.ts";
import { TASK_NAMES } from "./task_name.ts";
import { checkJournal, compact, exportJournal, prune, type Task } from "./tasks.ts";

/** What `journal` can be told to do. */
const TASKS: Readonly<Record<typeof TASK_NAMES[number], Task>> = {
  check: checkJournal,
  compact,
  prune,
  export: exportJournal,
};

/** `query-sniper journal`. */
export const journal: Run = async (invocation, terminal) => {
  const place = await placeOf(invocation, terminal);
  if (place === undefined) return 2;
  const task = taskOf(invocation);
  try {
    return await task({ ...place, invocation, terminal, clock: systemClock });
  } catch (error) {
    const trouble = isOfSqlite(error) ? troubleOf(place.file, error) : error;
    if (!(trouble instanceof JournalError)) throw error;
    terminal.warn(`query-sniper: ${trouble.message}`);
    return 1;
  }
};

function taskOf({ arguments: [name, second] }: Invocation): Task {
  const expected = `journal is told one of ${TASK_NAMES.join(", ")}`;
  if (name === undefined) throw new UsageError(expected, "journal");
  const known = TASK_NAMES.find((each) => each === name);
  if (known === undefined) {
    throw new UsageError(`${expected}: ${quoted(name)}${didYouMean(name, TASK_NAMES, '"')}`, "journal");
  }
  if (second !== undefined) {
    throw new UsageError(`${expected}, and nothing else: ${quoted(second)}`, "journal");
  }
  return TASKS[known];
}

interface Place {
  readonly file: string;
  readonly retention: Retention;
}

/** Which journal, and how much it keeps; undefined where the configuration is wrong, after printing its errors. */
async function placeOf(invocation: Invocation, terminal: Terminal): Promise<Place | undefined> {
  const { options } = invocation;
  const named = options.get("journal");
  if (named !== undefined) return { file: named, retention: retentionOf(invocation, DEFAULTS.journal) };
  const config = await readConfig(await findConfigFile(invocation, terminal), "ignored", terminal);
  if (config === undefined) return undefined;
  const { journal: file, retention } = config;
  if (file === undefined) throw new UsageError("the configuration has no journal: --journal names one");
  return { file, retention: retentionOf(invocation, retention) };
}

/** What `--keep` and `--max-size` say goes before the configuration. */
function retentionOf({ options }: Invocation, { keep, maxSize }: Retention): Retention {
  const [age, size] = [options.get("keep"), options.get("max-size")];
  return {
    keep: age === undefined
      ? keep
      : valueOf("duration", age, "--keep is a duration such as 400d, at least 8d"),
    maxSize: size === undefined
      ? maxSize
      : valueOf("bytes", size, "--max-size is a size such as 2GiB, at least 16MiB"),
  };
}

/** As in the configuration: a budget counts the kills of some days. */
const LEAST = { duration: 8 * 86_400_000, bytes: 2 ** 24 } as const;

function valueOf(type: "duration" | "bytes", text: string, expected: string): number {
  const value = valueOfType(type, text) ?? 0;
  if (value >= LEAST[type]) return value;
  throw new UsageError(`${expected}: ${quoted(text)}`);
}
