/** Waits between attempts are no longer than this, in milliseconds. */
const LONGEST = 300_000;

/** Spreads attempts: each wait is twice as long as the one before. */
export class Pacing {
  readonly #first: number;
  readonly #longest: number;
  #wait = 0;
  #again = -Infinity;

  /** `first`: the shortest time between two attempts, in milliseconds. */
  constructor(first: number, { longest = LONGEST }: { readonly longest?: number } = {}) {
    this.#first = first;
    this.#longest = Math.max(first, longest);
  }

  isDue(now: number): boolean {
    return now >= this.#again;
  }

  tried(now: number): void {
    this.#wait = this.#wait === 0 ? this.#first : Math.min(this.#longest, this.#wait * 2);
    this.#again = now + this.#wait;
  }

  /** It is no longer needed: the next time begins with the shortest wait, from the last attempt on. */
  settled(): void {
    this.#wait = 0;
  }
}
