import { configureSync, getLogger, type LogRecord, resetSync } from "@logtape/logtape";
import type { Level } from "../policy/mod.ts";
import { type LineSink, LineWriter } from "./line_writer.ts";
import { jsonLine, prettyLine } from "./format.ts";

/** How events are written; `auto` is pretty on a terminal and JSON Lines elsewhere. */
export const LOG_FORMATS = ["auto", "json", "pretty"] as const;

/** What the log carries: anything with a name. */
export interface LogEvent {
  readonly event: string;
}

/** How to write events of one kind. */
export interface EventLogOptions<E extends LogEvent> {
  readonly sink: LineSink;
  readonly format: "json" | "pretty";
  readonly color: boolean;
  /** The least that is written. */
  readonly level: Level;
  levelOf(event: E): Level;
  /** The event in words, for the pretty form. */
  describe(event: E): string;
}

/** Where events go. */
export interface EventLog<E extends LogEvent> {
  emit(event: E, at: number): void;
  /** Why nothing can be written any more, once that is so. */
  readonly failure: unknown;
  /** Writes what waits, for two tenths of a second at most, and returns how many events were dropped. */
  close(): Promise<number>;
}

const CATEGORY = "query-sniper";

/** Opens the one log of the process. */
export function openEventLog<E extends LogEvent>(options: EventLogOptions<E>): EventLog<E> {
  const writer = new LineWriter(options.sink);
  const format = (record: LogRecord) => {
    const { event } = record.properties as { readonly event: E };
    const line = { at: record.timestamp, level: record.level, event };
    return options.format === "json"
      ? jsonLine(line)
      : prettyLine({ ...line, event: event.event, text: options.describe(event) }, options.color);
  };
  configureSync({
    reset: true,
    sinks: { lines: (record) => writer.push(format(record)) },
    loggers: [
      { category: CATEGORY, sinks: ["lines"], lowestLevel: options.level },
      { category: ["logtape", "meta"], sinks: [], lowestLevel: "fatal" },
    ],
  });
  const logger = getLogger(CATEGORY);
  return {
    emit: (event, at) =>
      logger.emit({
        level: options.levelOf(event),
        message: [event.event],
        rawMessage: event.event,
        timestamp: at,
        properties: { event },
      }),
    get failure() {
      return writer.failure;
    },
    async close() {
      await writer.flush(200);
      resetSync();
      return writer.dropped;
    },
  };
}
