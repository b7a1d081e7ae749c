import type { Clock } from "../clock.ts";
import type { Config } from "../config/mod.ts";
import type { Pauses } from "../watch/mod.ts";
import type { Fleet } from "./fleet/mod.ts";
import type { Streams } from "./server/bounded_stream.ts";

/** What the routes are made of. */
export interface HttpContext {
  readonly version: string;
  readonly clock: Clock;
  readonly fleet: Fleet;
  /** When the program began, in milliseconds since 1970. */
  readonly started: number;
  /** Responses that go on; they are bounded in number and in what waits for their readers. */
  readonly streams: Streams;
  /** The configuration in force. */
  config(): Config;
  /** What is paused, under that configuration. */
  pauses(): Pauses;
  /** Whether an intent can be written to the journal; undefined: it is off, or nothing is armed. */
  journalUsable(): boolean | undefined;
  /** How many events the subscribers of the stream missed. */
  dropped(): number;
}
