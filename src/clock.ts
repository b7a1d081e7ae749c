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
      const sleepers = signal === undefined ? undefined : sleepersOf(signal);
      const done = () => {
        clearTimeout(timer);
        sleepers?.delete(done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(milliseconds, LONGEST_TIMER));
      sleepers?.add(done);
    });
  },
};

/** Who sleeps until a signal is aborted, by signal. */
const SLEEPERS = new WeakMap<AbortSignal, Set<() => void>>();

/** One listener for all that sleep: a signal looks through all of its own whenever one comes or goes. */
function sleepersOf(signal: AbortSignal): Set<() => void> {
  const known = SLEEPERS.get(signal);
  if (known !== undefined) return known;
  const sleepers = new Set<() => void>();
  SLEEPERS.set(signal, sleepers);
  signal.addEventListener("abort", () => [...sleepers].forEach((done) => done()), { once: true });
  return sleepers;
}
