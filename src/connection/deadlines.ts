import { type Waiter, Waiting } from "../clock.ts";

/** Something that has begun, and what to do if it does not end in time. */
interface Deadline extends Waiter {
  /** The last tick within its time. */
  readonly last: number;
  readonly expire: () => void;
}

/**
 * Ends what takes too long. One timer serves all, since thousands may begin in a second and hardly any is late. As a
 * consequence, something may take a tick longer than its time.
 */
export class Deadlines {
  readonly #every: number;
  readonly #begun = new Waiting<Deadline>();
  #tick = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param every How often to look, in milliseconds: the length of a tick. */
  constructor(every: number) {
    this.#every = every;
  }

  /**
   * Starts a deadline. Returns the function to call when it has ended.
   * @param milliseconds How long it may take.
   */
  begin(milliseconds: number, expire: () => void): () => void {
    const begun = { place: 0, last: this.#tick + Math.ceil(milliseconds / this.#every), expire };
    this.#begun.add(begun);
    this.#timer ??= setInterval(() => this.#check(), this.#every);
    return () => this.#begun.delete(begun);
  }

  #check(): void {
    this.#tick++;
    for (const begun of this.#begun.all) {
      if (this.#tick > begun.last && this.#begun.delete(begun)) begun.expire();
    }
    if (!this.#begun.isEmpty) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** For whoever asks for a time of their own: these end 25 ms late at most. */
export const DEADLINES = new Deadlines(25);
