import type { Look, Outlook } from "../look/mod.ts";

/** What a watcher knows of one connection, and forgets with it. Moments are the clock's `now`, in milliseconds. */
export class ConnectionState {
  /** When it was made. */
  readonly since: number;
  #causesAt = -Infinity;
  #outlook: Outlook | undefined;
  #uptime: { readonly value: number; readonly at: number } | undefined;
  /** How long the last look took, in milliseconds. */
  took = 0;

  constructor(since: number) {
    this.since = since;
  }

  /** When transactions and locks were last read; long ago where they were not. */
  get causesAt(): number {
    return this.#causesAt;
  }

  /** What the last reading of sessions by their age showed. */
  get outlook(): Outlook | undefined {
    return this.#outlook;
  }

  /** How long the server has been up, in milliseconds; undefined before the first look. */
  uptime(now: number): number | undefined {
    return this.#uptime && this.#uptime.value + now - this.#uptime.at;
  }

  /** Keeps what the next look wants to know. */
  looked({ causesAt, outlook, report, moment }: Look): void {
    this.#causesAt = causesAt ?? this.#causesAt;
    this.#outlook = outlook ?? this.#outlook;
    this.#uptime = { value: report.report.uptime, at: moment.now };
  }

  /** Other policies may be interested in other sessions. */
  forgetOutlook(): void {
    this.#outlook = undefined;
  }
}
