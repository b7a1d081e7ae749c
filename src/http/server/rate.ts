/** How often something may happen: a bucket that fills up again. */
export class Rate {
  readonly #perSecond: number;
  #left: number;
  #at: number;

  /**
   * @param perSecond As many may come at once, and then so many a second.
   * @param now In milliseconds.
   */
  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond;
    this.#left = 2 * perSecond;
    this.#at = now;
  }

  /** Whether it may happen once more. */
  take(now: number): boolean {
    const passed = Math.max(0, now - this.#at);
    this.#left = Math.min(2 * this.#perSecond, this.#left + passed * this.#perSecond / 1000);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
