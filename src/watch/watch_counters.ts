import type { WatchCounts } from "./options.ts";

/** How often the heartbeat beats, in milliseconds. */
const HEARTBEAT = 60_000;
/** A look is late if it begins more than this after it was due, in milliseconds. */
const LATE = 50;

/** A watcher's counts since its last heartbeat. */
export interface HeartbeatCounts extends WatchCounts {
  /** Looks that were due while the one before had not ended. */
  readonly skipped: number;
  /** Looks that began late. */
  readonly late: number;
  /** The greatest delay of a look, in milliseconds. */
  readonly late_ms: number;
}

/** Counts what a watcher does, in total and since its last heartbeat. */
export class WatchCounters {
  #counts: WatchCounts = { looks: 0, kills: 0, errors: 0 };
  #skipped = 0;
  #late = 0;
  #latest = 0;
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

  /** Records how late a look began, in milliseconds. */
  late(late: number): void {
    if (late > LATE) this.#late++;
    this.#latest = Math.max(this.#latest, late);
  }

  /** Records how many looks were skipped. */
  skip(skipped: number): void {
    this.#skipped += skipped;
  }

  /** The counts since the last heartbeat, if the next one is due. */
  heartbeat(now: number): HeartbeatCounts | undefined {
    return now - this.#beat.at < HEARTBEAT ? undefined : this.rest(now);
  }

  /** The counts since the last heartbeat, which is now. */
  rest(now: number): HeartbeatCounts {
    const { counts } = this.#beat;
    const { looks, kills, errors } = this.#counts;
    this.#beat = { at: now, counts: this.#counts };
    const [skipped, late, late_ms] = [this.#skipped, this.#late, Math.round(this.#latest)];
    [this.#skipped, this.#late, this.#latest] = [0, 0, 0];
    return {
      looks: looks - counts.looks,
      kills: kills - counts.kills,
      errors: errors - counts.errors,
      skipped,
      late,
      late_ms,
    };
  }
}
