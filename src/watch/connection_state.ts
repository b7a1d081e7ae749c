import type { Forecast, Look } from "../look/mod.ts";

/**
 * What a watcher knows about one connection, and forgets with it. Moments are of the clock's `now`, in milliseconds.
 */
export class ConnectionState {
  /** When the connection was made. */
  readonly since: number;
  #causesAt = -Infinity;
  #forecast: Forecast | undefined;
  #uptime: { readonly value: number; readonly at: number } | undefined;
  /** How long the last look took, in milliseconds. */
  took = 0;

  constructor(since: number) {
    this.since = since;
  }

  /** When transactions and locks were last read; -Infinity if never. */
  get causesAt(): number {
    return this.#causesAt;
  }

  /** The last forecast. */
  get forecast(): Forecast | undefined {
    return this.#forecast;
  }

  /** How long the server has been up, in milliseconds; undefined before the first look. */
  uptime(now: number): number | undefined {
    return this.#uptime && this.#uptime.value + now - this.#uptime.at;
  }

  /** Keeps what the next look needs. */
  looked({ causesAt, forecast, report, moment }: Look): void {
    this.#causesAt = causesAt ?? this.#causesAt;
    this.#forecast = forecast ?? this.#forecast;
    this.#uptime = { value: report.report.uptime, at: moment.now };
  }

  /** The forecast was made for other policies. */
  forgetForecast(): void {
    this.#forecast = undefined;
  }
}
