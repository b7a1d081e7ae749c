import type { MiddlewareHandler } from "hono";

/** Counts requests by the status of their answers. */
export class RequestCounts {
  readonly #counts: Record<string, number> = {};

  get byStatus(): Readonly<Record<string, number>> {
    return this.#counts;
  }

  /** A request was answered. */
  add(status: number): void {
    this.#counts[status] = (this.#counts[status] ?? 0) + 1;
  }

  /** Counts all that goes through it. */
  readonly middleware: MiddlewareHandler = async (context, next) => {
    await next();
    this.add(context.res.status);
  };
}
