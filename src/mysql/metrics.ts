import type { Clock } from "../clock.ts";
import type { Health, Metric } from "../policy/mod.ts";
import { type ConnectionTarget, DatabaseError } from "../connection/mod.ts";
import { isUnknown, type Unknown } from "../language/mod.ts";
import { readMetric } from "./reads/metric.ts";
import { Turns } from "./turns.ts";

/** The last value of a metric. */
interface Reading {
  readonly value: number | Unknown;
  /** When it was read, by the clock's `now`. */
  readonly at: number;
}

/** A value is too old after this many intervals. */
const LONGEST = 3;

/**
 * The user-defined metrics of one database. They have connections of their own and are read in parallel with the
 * looks and with each other, since they may take long.
 */
export class Metrics {
  readonly #metrics: Readonly<Record<string, Metric>>;
  readonly #clock: Clock;
  readonly #turns: Turns;
  #readings = new Map<string, Reading>();
  /** The metrics being read now. */
  #asking = new Map<string, Promise<void>>();

  constructor(target: ConnectionTarget, metrics: Readonly<Record<string, Metric>>, clock: Clock) {
    this.#metrics = metrics;
    this.#clock = clock;
    this.#turns = new Turns(target);
  }

  /**
   * The current values, undefined if there are no metrics. Starts reading those that are due, and waits for those
   * that were never read.
   */
  async current(): Promise<Health | undefined> {
    const metrics = Object.entries(this.#metrics);
    if (metrics.length === 0) return undefined;
    const now = this.#clock.now();
    for (const [name, { every, sql }] of metrics) {
      const reading = this.#readings.get(name);
      const isDue = reading === undefined || now - reading.at >= every;
      if (isDue && !this.#asking.has(name)) this.#begin(name, sql);
    }
    const first = metrics.filter(([name]) => !this.#readings.has(name));
    await Promise.all(first.map(([name]) => this.#asking.get(name)));
    return Object.fromEntries(
      metrics.map(([name, metric]) => [`metric.${name}`, this.#valueOf(name, metric)]),
    );
  }

  #valueOf(name: string, { every }: Metric): number | Unknown {
    const reading = this.#readings.get(name);
    if (reading === undefined) return { unknown: "it was not read yet" };
    const { value, at } = reading;
    // The reason for a missing value says more than its age.
    if (isUnknown(value) || this.#clock.now() - at <= LONGEST * every) return value;
    return { unknown: "it was not read for too long" };
  }

  /** The result is dropped if the metrics were closed meanwhile. */
  #begin(name: string, sql: string): void {
    const [readings, asking, at] = [this.#readings, this.#asking, this.#clock.now()];
    asking.set(
      name,
      this.#read(sql).then((value) => {
        readings.set(name, { value, at });
        asking.delete(name);
      }),
    );
  }

  /** Never fails: a value that cannot be read is unknown. */
  async #read(sql: string): Promise<number | Unknown> {
    try {
      return await this.#turns.take((connection) => readMetric(connection, sql));
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      return { unknown: `it cannot be read: ${error.message}` };
    }
  }

  /** Closes the connections and gives up on reads under way. */
  async close(): Promise<void> {
    this.#readings = new Map(this.#readings);
    this.#asking = new Map();
    await this.#turns.close();
  }
}
