import type { Clock } from "../../../clock.ts";

/** A moment by both clocks of this host. */
export interface Moment {
  readonly now: number;
  readonly wall: number;
}

export function momentOf(clock: Pick<Clock, "now" | "wall">): Moment {
  return { now: clock.now(), wall: clock.wall() };
}

/**
 * How long ago a moment was at most, in milliseconds: for what must not be relied on for too long. On Linux the monotonic
 * clock stands still while the machine is suspended, and the time of day does not. One that was set gives something up too
 * early, never too late.
 */
export function longestSince(moment: Moment, clock: Pick<Clock, "now" | "wall">): number {
  return Math.max(clock.now() - moment.now, clock.wall() - moment.wall);
}
