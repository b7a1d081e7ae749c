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
      const sleeper = {
        place: 0,
        wake() {
          clearTimeout(timer);
          sleepers?.delete(sleeper);
          resolve();
        },
      };
      const timer = setTimeout(sleeper.wake, Math.min(milliseconds, LONGEST_TIMER));
      sleepers?.add(sleeper);
    });
  },
};

/** One of those that wait. */
export interface Waiter {
  /** Where it is among the others; theirs to set. */
  place: number;
}

/**
 * Those that wait for something, thousands of them and each for a moment, in no order. No set: one that changes at every
 * look leaves its old tables behind, each with a reference to the next, and the garbage collector takes what they name for
 * needed.
 */
export class Waiting<T extends Waiter> {
  readonly #all: T[] = [];

  /** All of them now, whatever becomes of any meanwhile. */
  get all(): readonly T[] {
    return [...this.#all];
  }

  get isEmpty(): boolean {
    return this.#all.length === 0;
  }

  add(waiter: T): void {
    waiter.place = this.#all.push(waiter) - 1;
  }

  /** Returns whether it was among them. */
  delete(waiter: T): boolean {
    const { place } = waiter;
    if (this.#all[place] !== waiter) return false;
    const last = this.#all.pop()!;
    if (last === waiter) return true;
    last.place = place;
    this.#all[place] = last;
    return true;
  }
}

interface Sleeper extends Waiter {
  wake(): void;
}

/** Who sleeps until a signal is aborted, by signal. */
const SLEEPERS = new WeakMap<AbortSignal, Waiting<Sleeper>>();

/** One listener for all that sleep: a signal looks through all of its own whenever one comes or goes. */
function sleepersOf(signal: AbortSignal): Waiting<Sleeper> {
  const known = SLEEPERS.get(signal);
  if (known !== undefined) return known;
  const sleepers = new Waiting<Sleeper>();
  SLEEPERS.set(signal, sleepers);
  signal.addEventListener("abort", () => sleepers.all.forEach(({ wake }) => wake()), { once: true });
  return sleepers;
}
