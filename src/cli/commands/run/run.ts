import { App, type AppConfig, type AppOptions, StartError } from "../../../app/mod.ts";
import { systemClock } from "../../../clock.ts";
import type { WatchedDatabase } from "../../../config/mod.ts";
import type { Subscription } from "../../../events/mod.ts";
import { valueOfType } from "../../../language/mod.ts";
import { quoted } from "../../../text/nearest.ts";
import { chosenDatabases } from "../../database_choice.ts";
import { endLog, openEvents } from "../../event_log.ts";
import { HangupSignal } from "../../hangup_signal.ts";
import type { Invocation, Run, Terminal } from "../../invocation.ts";
import type { Beside } from "./beside.ts";
import { reloadAll } from "./reload.ts";
import { changesShards, servesShards } from "./served_shards.ts";
import { managerOf } from "../../service_manager.ts";
import { stopOnSignals } from "../../stop_signal.ts";
import { telemetryProblem } from "../../telemetry.ts";
import { UsageError } from "../../usage_error.ts";
import { VERSION } from "../../version.ts";

/** `query-sniper run`. */
export const run: Run = (invocation, terminal) => watchAll(invocation, terminal, { once: false });

/** `query-sniper once`. */
export const once: Run = (invocation, terminal) =>
  watchAll(invocation, terminal, { once: true, maxTime: maxTimeOf(invocation) });

const DEFAULT_MAX_TIME = 50_000;
const LONGEST_MAX_TIME = 3_600_000;

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
  const hangup = mode.once ? undefined : new HangupSignal();
  const chosen = await chosenFor(invocation, terminal);
  if (chosen === undefined) return 2;
  const clock = systemClock;
  const { stream, log } = openEvents(chosen.config.sql, invocation, terminal);
  const stop = stopWhen(log, mode);
  const options = { version: VERSION, clock, random: Math.random, stream, once: mode.once };
  const isDry = invocation.options.has("dry-run");
  const running = await started(chosen, options, { terminal, isDry });
  if (running === undefined) return 1;
  const { app, beside } = running;
  const manager = mode.once ? undefined : await managerOf(terminal);
  const load = (told: Terminal) => chosenAgain(running, { before: chosen, invocation }, told);
  hangup?.serve(() => reloadAll({ app, stream, file: chosen.config.file, load, manager }, terminal));
  manager?.begin(app);
  const stopped = new Promise<void>((resolve) => stop.addEventListener("abort", () => resolve()));
  // A service does not end when its watchers do: a reload may end some and start others.
  if (!stop.aborted) await (mode.once ? Promise.race([app.ended, stopped]) : stopped);
  await manager?.end();
  const [counts] = await Promise.all([app.stop(stop.aborted ? String(stop.reason) : "done"), beside?.end()]);
  return !await endLog(log, terminal) || (mode.once && counts.errors > 0) ? 1 : 0;
}

interface Running {
  readonly app: App;
  readonly beside: Beside | undefined;
}

/** The running program; undefined if it cannot start, after saying why. */
async function started(
  chosen: AppConfig,
  options: AppOptions,
  { terminal, isDry }: { readonly terminal: Terminal; readonly isDry: boolean },
): Promise<Running | undefined> {
  const { stream, once } = options;
  let beside: Beside | undefined;
  try {
    if (once || !servesShards(chosen)) return { app: await App.start(chosen, options), beside };
    const { besideEvents, openBeside } = await import("./beside.ts");
    beside = await openBeside(chosen, { stream, isDry, warn: terminal.warn });
    const app = await App.start(chosen, options);
    beside.begin(besideEvents(stream, chosen.config.sharding ?? chosen.config.endpoint!));
    return { app, beside };
  } catch (error) {
    await beside?.leave();
    if (!(error instanceof StartError)) throw error;
    terminal.warn(`query-sniper: ${error.message}`);
  }
}

/**
 * The configuration as it is now. What `run` serves of shards stays as it was, and that is said; the files of its tokens and
 * certificates are read again.
 */
async function chosenAgain(
  { beside }: Running,
  { before, invocation }: { readonly before: AppConfig; readonly invocation: Invocation },
  terminal: Terminal,
): Promise<AppConfig | undefined> {
  const next = await chosenFor(invocation, terminal);
  if (next !== undefined) await beside?.reload();
  if (next !== undefined && changesShards(before, next)) {
    terminal.warn(
      "query-sniper: what is served of `sharding` stays as it was: start the program again for the change",
    );
  }
  return next;
}

/**
 * The configuration, and the databases that the command line asks for; undefined if it is wrong, after printing the
 * errors.
 */
async function chosenFor(invocation: Invocation, terminal: Terminal): Promise<AppConfig | undefined> {
  const chosen = await chosenDatabases(invocation, terminal);
  const problem = chosen && await telemetryProblem(chosen.config, terminal.environment);
  if (problem !== undefined) return void terminal.warn(problem);
  if (chosen === undefined || !invocation.options.has("dry-run")) return chosen;
  return { ...chosen, databases: rehearsed(chosen.databases) };
}

function rehearsed(databases: readonly WatchedDatabase[]): readonly WatchedDatabase[] {
  return databases.map((database) => ({ ...database, rules: { ...database.rules, mode: "dry-run" } }));
}

/**
 * A signal that is aborted when the program is told to stop, when its time is over, or when the events cannot be
 * written. Its reason says which.
 */
function stopWhen(log: Subscription, { maxTime }: Mode): AbortSignal {
  const stop = stopOnSignals();
  const { signal } = stop;
  if (maxTime !== undefined) systemClock.sleep(maxTime, signal).then(() => stop.abort("max-time"));
  const check = setInterval(() => log.failure !== undefined && stop.abort("output closed"), 500);
  signal.addEventListener("abort", () => clearInterval(check));
  return signal;
}
