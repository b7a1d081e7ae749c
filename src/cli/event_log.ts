import { systemClock } from "../clock.ts";
import type { SqlLog } from "../config/mod.ts";
import { describe, EventStream, LOG_FORMATS, logSubscriber, type Subscription } from "../events/mod.ts";
import { needMeaning } from "../mysql/mod.ts";
import type { Level } from "../policy/mod.ts";
import type { Invocation, Terminal } from "./invocation.ts";

/** A stream of events whose log goes to standard output, as `--log-format` and `--log-level` say. */
export function openEvents(
  sql: SqlLog,
  invocation: Invocation,
  terminal: Terminal,
): { readonly stream: EventStream; readonly log: Subscription } {
  const stream = new EventStream({ clock: systemClock, sql });
  return { stream, log: openLog(stream, invocation, terminal) };
}

/** How long to wait for a slow reader of the events when the program ends, in milliseconds. */
const LAST_WRITE = 200;

/** Writes the last events. Returns whether all of them could be written, but for those that are told as dropped. */
export async function endLog(log: Subscription, terminal: Terminal): Promise<boolean> {
  await log.flush(LAST_WRITE);
  if (log.dropped > 0) {
    terminal.warn(`query-sniper: ${log.dropped} events were not written, since nobody read them`);
  }
  return log.failure === undefined;
}

/** Writes the events of a stream to standard output. */
function openLog(stream: EventStream, { options }: Invocation, terminal: Terminal): Subscription {
  const chosen = (options.get("log-format") ?? "auto") as typeof LOG_FORMATS[number];
  const isTerminal = Deno.stdout.isTerminal();
  return stream.subscribe(logSubscriber({
    sink: Deno.stdout,
    format: chosen === "auto" ? isTerminal ? "pretty" : "json" : chosen,
    color: isTerminal && (terminal.environment("NO_COLOR") ?? "") === "",
    level: (options.get("log-level") ?? "info") as Level,
    describe: (event) => describe(event, needMeaning),
  }));
}
