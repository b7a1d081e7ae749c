import type { WatchedDatabase } from "../config/mod.ts";
import { type Clock, systemClock } from "../clock.ts";
import {
  describe,
  type Event,
  type EventLog,
  levelOf,
  LOG_FORMATS,
  openEventLog,
  redact,
  type ToldEvent,
} from "../events/mod.ts";
import { quoted } from "../text/nearest.ts";
import { valueOfType } from "../language/mod.ts";
import { mysqlTarget, needMeaning, Sources } from "../mysql/mod.ts";
import type { Level } from "../policy/mod.ts";
import { keepJournal } from "../app/mod.ts";
import { newEvidence } from "../recording/mod.ts";
import { Opening, PauseFile, watch, type WatchCounts, type WatchOptions } from "../watch/mod.ts";
import { chosenDatabases } from "./database_choice.ts";
import type { Invocation, Run, Terminal } from "./invocation.ts";
import { stopOnSignals } from "./stop_signal.ts";
import { UsageError } from "./usage_error.ts";
import { VERSION } from "./version.ts";

/** `query-sniper run`. */
export const run: Run = (invocation, terminal) => watchAll(invocation, terminal, { once: false });

/** `query-sniper once`. */
export const once: Run = (invocation, terminal) =>
  watchAll(invocation, terminal, { once: true, maxTime: maxTimeOf(invocation) });

const DEFAULT_MAX_TIME = 50_000;
const LONGEST_MAX_TIME = 3_600_000;
/** How long kills under way, and farewells, may take after a signal, in milliseconds. */
const STOP_TIME = 1500;

function maxTimeOf({ options }: Invocation): number {
  const text = options.get("max-time");
  if (text === undefined) return DEFAULT_MAX_TIME;
  const value = valueOfType("duration", text) ?? 0;
  if (value > 0 && value <= LONGEST_MAX_TIME) return value;
  throw new UsageError(`--max-time is a duration such as 50s, an hour at most: ${quoted(text)}`);
}

interface Mode {
  readonly once: boolean;
  readonly maxTime?: number;
}

async function watchAll(invocation: Invocation, terminal: Terminal, mode: Mode): Promise<number> {
  const chosen = await chosenDatabases(invocation, terminal);
  if (chosen === undefined) return 2;
  const { config } = chosen;
  const databases = invocation.options.has("dry-run") ? rehearsed(chosen.databases) : chosen.databases;
  const log = openLog(invocation, terminal);
  const clock = systemClock;
  const emit = (event: Event) => log.emit(redact(event, config.sql), clock.wall());
  const pause = new PauseFile(config.pause);
  const paused = await pause.reason(clock.now());
  emit({
    event: "start",
    version: VERSION,
    config: config.file,
    databases: databases.length,
    armed: databases.filter(({ rules }) => rules.mode === "enforce").length,
    sql: config.sql,
    ...paused !== undefined && { paused },
  });
  const { signal } = stopWhen(clock, log, mode);
  const isArmed = databases.some(({ rules }) => rules.mode === "enforce");
  const journal = isArmed && config.journal !== undefined
    ? keepJournal(config.journal, { clock, signal, emit })
    : undefined;
  const { once } = mode;
  const counts = await watchUntil(databases, {
    clock,
    random: Math.random,
    signal,
    once,
    journal,
    pause,
    opening: new Opening(),
    entries: new Map(),
    evidence: config.evidence && newEvidence({ ...config.evidence, version: VERSION, clock }),
    emit,
  });
  journal?.close();
  emit({ event: "stop", reason: signal.aborted ? String(signal.reason) : "done", ...counts });
  const dropped = await log.close();
  if (dropped > 0) terminal.warn(`query-sniper: ${dropped} events were not written, since nobody read them`);
  return log.failure !== undefined || (mode.once && counts.errors > 0) ? 1 : 0;
}

function rehearsed(databases: readonly WatchedDatabase[]): readonly WatchedDatabase[] {
  return databases.map((database) => ({ ...database, rules: { ...database.rules, mode: "dry-run" } }));
}

function openLog({ options }: Invocation, terminal: Terminal): EventLog<ToldEvent> {
  const chosen = (options.get("log-format") ?? "auto") as typeof LOG_FORMATS[number];
  const isTerminal = Deno.stdout.isTerminal();
  return openEventLog<ToldEvent>({
    sink: Deno.stdout,
    format: chosen === "auto" ? isTerminal ? "pretty" : "json" : chosen,
    color: isTerminal && (terminal.environment("NO_COLOR") ?? "") === "",
    level: (options.get("log-level") ?? "info") as Level,
    levelOf,
    describe: (event) => describe(event, needMeaning),
  });
}

/** Aborted on a signal, when the time is over, or when nobody can read the events; its reason says which. */
function stopWhen(clock: Clock, log: EventLog<ToldEvent>, { maxTime }: Mode): AbortController {
  const stop = stopOnSignals();
  const { signal } = stop;
  if (maxTime !== undefined) clock.sleep(maxTime, signal).then(() => stop.abort("max-time"));
  const check = setInterval(() => log.failure !== undefined && stop.abort("output closed"), 500);
  signal.addEventListener("abort", () => clearInterval(check));
  return stop;
}

/** Watches all databases; after a signal, only as long as a user who stops a program expects. */
async function watchUntil(
  databases: readonly WatchedDatabase[],
  options: WatchOptions,
): Promise<WatchCounts> {
  const { clock, signal, once } = options;
  const sources = new Sources();
  const watches = databases.map((database) => {
    const armed = database.rules.mode === "enforce";
    const target = mysqlTarget(database, {
      clock,
      armed,
      takesLease: armed && database.rules.lease,
      sources,
    });
    return watch(target, database, options);
  });
  const late = new Promise<void>((resolve) =>
    signal.addEventListener("abort", () => void clock.sleep(STOP_TIME).then(resolve))
  );
  await Promise.race([Promise.all(watches.map(({ ended }) => ended)), late]);
  return watches.map(({ counts }) => counts).reduce((sum, { looks, kills, errors }) => ({
    looks: sum.looks + looks,
    kills: sum.kills + kills,
    // One look is all that `once` is for: a database that time did not suffice for is an error.
    errors: sum.errors + (once && looks === 0 ? Math.max(1, errors) : errors),
  }), { looks: 0, kills: 0, errors: 0 });
}
