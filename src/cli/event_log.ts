import { describe, type EventStream, LOG_FORMATS, logSubscriber, type Subscription } from "../events/mod.ts";
import { needMeaning } from "../mysql/mod.ts";
import type { Level } from "../policy/mod.ts";
import type { Invocation, Terminal } from "./invocation.ts";

/** Writes events to standard output, in the form and from the level on that the command line asks for. */
export function openLog(stream: EventStream, { options }: Invocation, terminal: Terminal): Subscription {
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
