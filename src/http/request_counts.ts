/** Counts requests by the status of their answers. */
export class RequestCounts {
  readonly #counts: Record<string, number> = {};

  get byStatus(): Readonly<Record<string, number>> {
    return this.#counts;
  }

  /** A request was answered, or refused. */
  add(status: number): void {
    this.#counts[status] = (this.#counts[status] ?? 0) + 1;
  }
}
