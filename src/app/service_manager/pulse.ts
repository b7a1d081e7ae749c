import type { DatabaseStatus } from "../watches.ts";

/** What shows whether a watcher goes on. */
export type WatcherProgress = Pick<DatabaseStatus, "name" | "interval" | "looks" | "errors">;

/**
 * A watcher from which nothing is seen for so long does nothing any more, in milliseconds. Between two tries to reach a
 * database it waits for 30 seconds at most, and as long for the slowest answer.
 */
const SILENCE = 120_000;

/** Knows which watchers go on: a look that was made is a sign of life, and so is a try that failed. */
export class Pulse {
  #seen = new Map<string, { readonly done: number; readonly at: number }>();

  /**
   * The names of those that have done nothing for too long. One that is new counts from now on.
   * @param now Of the clock's `now`, in milliseconds.
   */
  silent(watchers: readonly WatcherProgress[], now: number): readonly string[] {
    const before = this.#seen;
    this.#seen = new Map(watchers.map(({ name, looks, errors }) => {
      const last = before.get(name);
      const done = looks + errors;
      return [name, last?.done === done ? last : { done, at: now }];
    }));
    return watchers
      .filter(({ name, interval }) => now - this.#seen.get(name)!.at > Math.max(SILENCE, 3 * interval))
      .map(({ name }) => name);
  }
}
