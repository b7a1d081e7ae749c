import type { Clock } from "../clock.ts";
import type { Config } from "../config/mod.ts";
import type { Fleet } from "./fleet/mod.ts";

/** What the routes are made of. */
export interface HttpContext {
  readonly version: string;
  readonly clock: Clock;
  readonly fleet: Fleet;
  /** When the program began, in milliseconds since 1970. */
  readonly started: number;
  /** The configuration in force. */
  config(): Config;
}
