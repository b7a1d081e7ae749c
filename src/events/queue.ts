/** How a queue is emptied. */
export interface QueueOptions<T> {
  /** How many items may wait; what comes beyond that is dropped, and counted. */
  readonly capacity: number;
  /** Takes all that wait, in order. Rejected: nothing more is taken, ever. */
  drain(items: readonly T[]): Promise<void>;
}

/** Hands items on in order, without ever making the caller wait. */
export class Queue<T> {
  readonly #options: QueueOptions<T>;
  readonly #waiting: T[] = [];
  #draining: Promise<void> | undefined;
  #dropped = 0;
  #failure: unknown;

  constructor(options: QueueOptions<T>) {
    this.#options = options;
  }

  /** How many items were given up because nobody took them, or may not have been taken. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Why nothing more can be taken, once that is so. */
  get failure(): unknown {
    return this.#failure;
  }

  push(item: T): void {
    if (this.#failure !== undefined || this.#waiting.length >= this.#options.capacity) this.#dropped++;
    else this.#waiting.push(item);
    this.#draining ??= this.#drain();
  }

  /** Waits until everything is taken, for `milliseconds` at most. */
  async flush(milliseconds: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<void>((resolve) => timer = setTimeout(resolve, milliseconds));
    await Promise.race([this.#draining, timeout]);
    clearTimeout(timer);
  }

  async #drain(): Promise<void> {
    let items: readonly T[] = [];
    try {
      // After this turn, so that what comes in one moment is taken at once.
      await Promise.resolve();
      while (this.#waiting.length > 0) {
        items = this.#waiting.splice(0);
        await this.#options.drain(items);
      }
    } catch (error) {
      this.#failure = error;
      this.#dropped += items.length + this.#waiting.splice(0).length;
    } finally {
      this.#draining = undefined;
    }
  }
}
