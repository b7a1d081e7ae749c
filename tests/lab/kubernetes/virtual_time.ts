import { setImmediate } from "node:timers";
import type { Clock } from "../../../src/clock.ts";

interface Timer {
  readonly at: number;
  readonly order: number;
  wake(): void;
}

/** Time that passes as fast as nothing is left to be done in it. */
export class VirtualTime implements Clock {
  #now = 0;
  #order = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  wall(): number {
    return Date.UTC(2026, 0, 1) + this.#now;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const wake = () => {
        this.#timers.delete(timer);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const timer = { at: this.#now + Math.max(0, milliseconds), order: this.#order++, wake };
      this.#timers.add(timer);
      signal?.addEventListener("abort", wake, { once: true });
    });
  }

  /** How many wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Lets time pass until a moment. @param look Called after everything that happens. */
  async run(until: number, look: () => void = () => {}): Promise<void> {
    await settled();
    while (true) {
      let next: Timer | undefined;
      for (const timer of this.#timers) {
        if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) {
          next = timer;
        }
      }
      if (next === undefined || next.at > until) break;
      this.#now = next.at;
      look();
      next.wake();
      await settled();
      look();
    }
    this.#now = Math.max(this.#now, until);
    look();
  }
}

/** All that can be done without time passing is done. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
