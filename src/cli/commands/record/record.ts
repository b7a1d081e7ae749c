import { randomBytes } from "node:crypto";
import { KeptProxies } from "../../../app/keep_proxies.ts";
import { systemClock } from "../../../clock.ts";
import { ioReason } from "../../../yaml/mod.ts";
import { formatQuantity, valueOfType } from "../../../language/mod.ts";
import { printable } from "../../../text/control.ts";
import { mysqlTarget } from "../../../mysql/mod.ts";
import { quoted } from "../../../text/nearest.ts";
import {
  type LookRecord,
  newKeyedHash,
  newLookRecord,
  newRecordingWriter,
  type RecordedLook,
  type RecordingWriter,
  recordTarget,
} from "../../../recording/mod.ts";
import type { WatchedDatabase } from "../../../config/mod.ts";
import { chosenDatabases } from "../../database_choice.ts";
import type { Invocation, Run, Terminal } from "../../invocation.ts";
import { stopOnSignals } from "../../stop_signal.ts";
import { UsageError } from "../../usage_error.ts";
import { VERSION } from "../../version.ts";

/** `query-sniper record`. */
export const record: Run = async (invocation, terminal) => {
  const { options } = invocation;
  const bounds = boundsOf(invocation);
  const chosen = await chosenDatabases(invocation, terminal);
  if (chosen === undefined) return 2;
  const { databases } = chosen;
  const at = new Date(systemClock.wall()).toISOString();
  const output = options.get("output") ?? `recording-${at.replaceAll(/[-:]|\..*/g, "")}Z.jsonl.gz`;
  try {
    await using proxies = await KeptProxies.open(chosen, { clock: systemClock });
    const hashNames = options.has("hash-names");
    return await recordAll(databases, { output, at, bounds, terminal, hashNames, proxies });
  } catch (error) {
    if (error instanceof UsageError) throw error;
    terminal.warn(`query-sniper: cannot write ${printable(output)}: ${ioReason(error)}`);
    return 1;
  }
};

interface Bounds {
  /** The duration in milliseconds; absent: until it is told to stop. */
  readonly time: number | undefined;
  /** The maximum size in bytes. */
  readonly size: number;
}

const DEFAULT_SIZE = 100 * 1024 ** 2;
const LEAST_SIZE = 64 * 1024;

function boundsOf({ options }: Invocation): Bounds {
  const [time, size] = [options.get("for"), options.get("max-size")];
  return {
    time: time === undefined ? undefined : timeOf(time),
    size: size === undefined ? DEFAULT_SIZE : sizeOf(size),
  };
}

function timeOf(text: string): number {
  const time = valueOfType("duration", text) ?? 0;
  if (time > 0) return time;
  throw new UsageError(`--for is a duration such as 10m: ${quoted(text)}`);
}

function sizeOf(text: string): number {
  const size = valueOfType("bytes", text) ?? 0;
  if (size >= LEAST_SIZE) return size;
  throw new UsageError(`--max-size is a size such as 100MiB, 64KiB at least: ${quoted(text)}`);
}

interface RecordingOptions {
  readonly output: string;
  readonly at: string;
  readonly bounds: Bounds;
  readonly terminal: Terminal;
  readonly hashNames: boolean;
  readonly proxies: KeptProxies;
}

/** How long looks under way may take after the end, in milliseconds. */
const STOP_TIME = 1500;

/** Throws if the file cannot be written. */
async function recordAll(
  databases: readonly WatchedDatabase[],
  { output, at, bounds, terminal, hashNames, proxies }: RecordingOptions,
): Promise<number> {
  const hashed = hashNames ? { hashed: randomBytes(16).toString("hex") } : {};
  const hash = newKeyedHash();
  const recorded = databases.map((database) => ({
    database,
    record: newLookRecord(database, { ...hashed, hash }),
  }));
  const kept = recorded.map(({ record }) => record.kept);
  const header = { version: VERSION, at, ...hashed, databases: kept };
  const writer = await newRecordingWriter(output, { max: bounds.size, header });
  terminal.print(`recording ${countOf(databases)} to ${printable(output)}, ${until(bounds)}`);
  const stop = stopOnSignals();
  if (bounds.time !== undefined) {
    systemClock.sleep(bounds.time, stop.signal).then(() => stop.abort("--for"));
  }
  const { looks, isComplete } = await recordUntil(stop, recorded, { writer, terminal, proxies });
  const reason = String(stop.signal.reason);
  await writer.close(reason);
  const counts = [...looks].map(([name, count]) => `${name} ${count}`).join(", ");
  const size = formatQuantity({ type: "bytes", value: writer.bytes });
  terminal.print(`${printable(output)}: ${size}, looks: ${counts}; ended by ${reason}`);
  return isComplete ? 0 : 1;
}

interface RecordLine {
  readonly database: WatchedDatabase;
  readonly record: LookRecord;
}

interface Recording {
  /** The number of looks, by database. */
  readonly looks: ReadonlyMap<string, number>;
  /** Whether every database could be reached all the time. */
  readonly isComplete: boolean;
}

/** Throws if the file cannot be written. */
async function recordUntil(
  stop: AbortController,
  recorded: readonly RecordLine[],
  { writer, terminal, proxies }: {
    readonly writer: RecordingWriter;
    readonly terminal: Terminal;
    readonly proxies: KeptProxies;
  },
): Promise<Recording> {
  const { signal } = stop;
  const looks = new Map(recorded.map(({ database }) => [database.name, 0]));
  const losses = new Map<string, string>();
  let failure: { readonly error: unknown } | undefined;
  const write = async (look: RecordedLook) => {
    try {
      if (await writer.write(look)) looks.set(look.database, looks.get(look.database)! + 1);
      else stop.abort("--max-size");
    } catch (error) {
      failure ??= { error };
      stop.abort();
    }
  };
  const late = new Promise<void>((resolve) =>
    signal.addEventListener("abort", () => void systemClock.sleep(STOP_TIME).then(resolve))
  );
  const recorders = recorded.map(({ database, record }) => {
    const behind = proxies.of(database);
    return recordTarget(
      mysqlTarget(database, { clock: systemClock, armed: false, proxies: behind }),
      database,
      {
        record,
        clock: systemClock,
        random: Math.random,
        signal,
        write,
        lost(error) {
          if (losses.get(database.name) !== error.message) {
            terminal.warn(`${database.name}: ${error.withAdvice}`);
          }
          losses.set(database.name, error.message);
        },
      },
    );
  });
  await Promise.race([Promise.all(recorders), late]);
  if (failure !== undefined) throw failure.error;
  return { looks, isComplete: losses.size === 0 && ![...looks.values()].includes(0) };
}

function countOf(databases: readonly WatchedDatabase[]): string {
  return `${databases.length} database${databases.length === 1 ? "" : "s"}`;
}

function until({ time, size }: Bounds): string {
  const end = time === undefined ? "" : `for ${formatQuantity({ type: "duration", value: time })}, or `;
  return `${end}until SIGINT or SIGTERM; at most ${formatQuantity({ type: "bytes", value: size })}`;
}
