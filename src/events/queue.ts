/** How a queue is emptied. */
export interface QueueOptions<T> {
  /** How many items may wait; more are dropped, and counted. */
  readonly capacity: number;
  /** Takes all waiting items, in order. If it rejects, no more items are taken, ever. */
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

  /** How many items were dropped, or may not have been taken. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Why no more items can be taken, if that is so. */
  get failure(): unknown {
    return this.#failure;
  }

  push(item: T): void {
    if (this.#failure !== undefined || this.#waiting.length >= this.#options.capacity) this.#dropped++;
    else this.#waiting.push(item);
    this.#draining ??= this.#drain();
  }

  /** Waits until everything has been taken, for at most `milliseconds`. */
  async flush(milliseconds: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<void>((resolve) => timer = setTimeout(resolve, milliseconds));
    await Promise.race([this.#draining, timeout]);
    clearTimeout(timer);
  }

  async #drain(): Promise<void> {
    let items: readonly T[] = [];
    try {
      // After this turn, so that items that arrive together are taken together.
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
