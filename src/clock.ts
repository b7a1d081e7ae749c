/** Time as a parameter: nothing in this program reads a clock of its own. */
export interface Clock {
  /** Milliseconds since an arbitrary moment; never goes back. For all reckoning with durations. */
  now(): number;
  /** Milliseconds since 1970-01-01 UTC. For what people read, and the hours that they write; never for reckoning. */
  wall(): number;
  /** Waits, and returns early, without an error, once `signal` is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** A timer that waits longer than this ends at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The machine's clock. No sleep is longer than 24 days. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  sleep(milliseconds, signal) {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(milliseconds, LONGEST_TIMER));
      signal?.addEventListener("abort", done, { once: true });
    });
  },
};
