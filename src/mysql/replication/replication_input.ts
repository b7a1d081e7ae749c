import type { Channel } from "./channel.ts";
import type { Links } from "./link.ts";
import type { Rings } from "./ring.ts";

/** What is needed to compute lag besides the replica's own data. */
export interface ReplicationInput {
  /** When the replica is read, by the clock's `now`, in milliseconds. */
  readonly now: number;
  /** The state of its links at earlier looks. */
  readonly links: Links;
  /** Returns the positions of a channel's source, if it is watched. */
  rings(channel: Channel): WatchedRings | undefined;
  /** The heartbeat table, as `schema.table`. */
  readonly heartbeat: string | undefined;
}

/** The positions of a watched source. */
export interface WatchedRings {
  readonly rings: Rings;
  /** The greatest age of the last look at it, in milliseconds. */
  readonly fresh: number;
}
