import type { Clock } from "../../src/clock.ts";

interface Sleeper {
  readonly until: number;
  wake(): void;
}

/** Time that passes only when a test says so; whoever sleeps wakes in order. */
export class StageClock implements Clock {
  #now = 0;
  #sleepers: Sleeper[] = [];
  readonly #begin: number;

  /** @param begin In milliseconds since 1970. */
  constructor(begin: number = Date.UTC(2026, 10, 20, 10)) {
    this.#begin = begin;
  }

  /** How many sleep now. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  now = (): number => this.#now;
  wall = (): number => this.#begin + this.#now;

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const sleeper = {
        until: this.#now + milliseconds,
        wake: () => {
          this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
          resolve();
        },
      };
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", sleeper.wake, { once: true });
    });
  }

  /** Lets time pass, in milliseconds, and everything that it brings about. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      await settled();
      const next = this.#sleepers.filter(({ until }) => until <= end).sort((a, b) => a.until - b.until)[0];
      if (next === undefined) break;
      this.#now = next.until;
      next.wake();
    }
    this.#now = end;
    await settled();
  }
}

/** Lets happen what is only waiting for its turn. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
