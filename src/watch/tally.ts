import type { WatchCounts } from "./options.ts";

/** How often the heartbeat beats, in milliseconds. */
const HEARTBEAT = 60_000;

/** What a watcher did, in all and since its last heartbeat. */
export class Tally {
  #counts: WatchCounts = { looks: 0, kills: 0, errors: 0 };
  #beat: { readonly at: number; readonly counts: WatchCounts };

  /** @param now Of the clock's `now`, in milliseconds. */
  constructor(now: number) {
    this.#beat = { at: now, counts: this.#counts };
  }

  get counts(): WatchCounts {
    return this.#counts;
  }

  add({ looks = 0, kills = 0, errors = 0 }: Partial<WatchCounts>): void {
    const counts = this.#counts;
    this.#counts = {
      looks: counts.looks + looks,
      kills: counts.kills + kills,
      errors: counts.errors + errors,
    };
  }

  /** What was done since the last heartbeat, where it is time for the next. */
  heartbeat(now: number): WatchCounts | undefined {
    const { at, counts } = this.#beat;
    if (now - at < HEARTBEAT) return undefined;
    const { looks, kills, errors } = this.#counts;
    this.#beat = { at: now, counts: this.#counts };
    return { looks: looks - counts.looks, kills: kills - counts.kills, errors: errors - counts.errors };
  }
}
