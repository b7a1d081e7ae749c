import { type Waiter, Waiting } from "../clock.ts";

/** Something that has begun, and what to do if it does not end in time. */
interface Deadline extends Waiter {
  /** How often the timer had fired when it began. */
  readonly tick: number;
  readonly expire: () => void;
}

/** How many times the timer fires within the limit. */
const TICKS = 8;

/**
 * Ends what takes too long. One timer serves all, since thousands may begin in a second and hardly any is late. As a
 * consequence, something may take an eighth longer than the limit.
 */
export class Deadlines {
  readonly #limit: number;
  readonly #begun = new Waiting<Deadline>();
  #tick = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param limit How long something may take, in milliseconds. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Starts a deadline. Returns the function to call when it has ended. */
  begin(expire: () => void): () => void {
    const begun = { place: 0, tick: this.#tick, expire };
    this.#begun.add(begun);
    this.#timer ??= setInterval(() => this.#check(), this.#limit / TICKS);
    return () => this.#begun.delete(begun);
  }

  #check(): void {
    this.#tick++;
    for (const begun of this.#begun.all) {
      if (this.#tick - begun.tick > TICKS && this.#begun.delete(begun)) begun.expire();
    }
    if (!this.#begun.isEmpty) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
