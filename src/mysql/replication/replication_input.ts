import type { Channel } from "./channel.ts";
import type { Links } from "./link.ts";
import type { Rings } from "./ring.ts";

/** What lag is reckoned from beside what the replica says. */
export interface ReplicationInput {
  /** When the replica is asked, in milliseconds of the clock's `now`. */
  readonly now: number;
  /** What was heard on its channels at earlier looks. */
  readonly links: Links;
  /** The positions of the source of a channel, where it is watched. */
  rings(channel: Channel): WatchedRings | undefined;
  /** The heartbeat table, as `schema.table`. */
  readonly heartbeat: string | undefined;
}

/** The positions of a source. */
export interface WatchedRings {
  readonly rings: Rings;
  /** How old the last look at it may be, in milliseconds. */
  readonly fresh: number;
}
