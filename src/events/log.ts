import { type Level, LEVELS } from "../policy/mod.ts";
import type { PublicEvent } from "./event.ts";
import { jsonLine, prettyLine } from "./format.ts";
import type { Subscriber, TimedEvent } from "./stream.ts";

export interface LineSink {
  write(bytes: Uint8Array): Promise<number>;
}

/** How the log is written. */
export interface LogOptions {
  readonly sink: LineSink;
  readonly format: "json" | "pretty";
  readonly color: boolean;
  /** The lowest level that is written. */
  readonly level: Level;
  /** The event in words, for the pretty form. */
  describe(event: PublicEvent): string;
}

/**
 * The most lines that may wait to be written. If the reader is too slow, events are dropped; kills are never delayed.
 */
const CAPACITY = 10_000;

/** The log: a line for each event. */
export function logSubscriber({ sink, level, ...options }: LogOptions): Subscriber {
  const least = LEVELS.indexOf(level);
  return {
    capacity: CAPACITY,
    wants: ({ level }) => LEVELS.indexOf(level) >= least,
    receive: (events) => writeLines(sink, events.map((event) => lineOf(event, options))),
  };
}

function lineOf(timed: TimedEvent, { format, color, describe }: Omit<LogOptions, "sink" | "level">): string {
  const { event } = timed;
  return format === "json"
    ? jsonLine(timed)
    : prettyLine({ ...timed, event: event.event, text: describe(event) }, color);
}

/** Writes lines, however few bytes the sink takes at a time. */
export async function writeLines(sink: LineSink, lines: readonly string[]): Promise<void> {
  const bytes = new TextEncoder().encode(`${lines.join("\n")}\n`);
  for (let at = 0; at < bytes.length;) at += await sink.write(bytes.subarray(at));
}
