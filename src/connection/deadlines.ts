import { type Waiter, Waiting } from "../clock.ts";

/** Something that has begun, and what to do where it does not end in time. */
interface Deadline extends Waiter {
  /** How often the timer had gone off. */
  readonly tick: number;
  readonly expire: () => void;
}

/** So many times the timer goes off within the time that something may take. */
const TICKS = 8;

/**
 * Ends what takes too long. One timer serves them all, since there may be thousands in a second, and hardly one is
 * late: something may take an eighth longer than the limit.
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

  /** Something begins. Returns what to call at its end. */
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
