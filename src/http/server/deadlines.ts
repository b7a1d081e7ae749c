interface Deadline {
  readonly at: number;
  readonly over: () => void;
}

/** Times that end something, all looked at now and then: a timer of its own for each request would cost half of it. */
export class Deadlines {
  readonly #open = new Set<Deadline>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * @param milliseconds After which `over` is called, somewhat late.
   * @returns What ends it before.
   */
  begin(milliseconds: number, over: () => void): () => void {
    const deadline = { at: this.#now() + milliseconds, over };
    this.#open.add(deadline);
    return () => this.#open.delete(deadline);
  }

  sweep(): void {
    const now = this.#now();
    for (const deadline of this.#open) {
      if (now < deadline.at) continue;
      this.#open.delete(deadline);
      deadline.over();
    }
  }
}
