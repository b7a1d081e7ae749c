import type { Clock } from "../clock.ts";
import type { Metric } from "../config/mod.ts";
import { connectAside, type Connection, type ConnectionTarget, DatabaseError } from "../database/mod.ts";
import type { Unknown } from "../language/mod.ts";
import { type Health, readMetric } from "../snapshot/mod.ts";

/** What a metric last came to. */
interface Reading {
  readonly value: number | Unknown;
  /** When it was asked for, by the clock's `now`. */
  readonly at: number;
}

/** A number is too old after so many times its interval. */
const LONGEST = 3;

/**
 * The user's own numbers of one database. They have a connection of their own, and are asked for beside the
 * looks, since they may take long.
 */
export class Metrics {
  readonly #target: ConnectionTarget;
  readonly #metrics: Readonly<Record<string, Metric>>;
  readonly #clock: Clock;
  readonly #readings = new Map<string, Reading>();
  #connection: Connection | undefined;
  #asking: Promise<void> | undefined;
  #closed = false;

  constructor(target: ConnectionTarget, metrics: Readonly<Record<string, Metric>>, clock: Clock) {
    this.#target = target;
    this.#metrics = metrics;
    this.#clock = clock;
  }

  /**
   * The numbers as they are known now, undefined where there are none; asks for those that are due, and waits for those
   * never asked for.
   */
  async current(): Promise<Health | undefined> {
    this.#closed = false;
    const now = this.#clock.now();
    const names = Object.entries(this.#metrics);
    if (names.length === 0) return undefined;
    const due = names.filter(([name, { every }]) => {
      const reading = this.#readings.get(name);
      return reading === undefined || now - reading.at >= every;
    }).map(([name]) => name);
    if (due.length > 0 && this.#asking === undefined) {
      const asking = this.#ask(due).finally(() => {
        if (this.#asking === asking) this.#asking = undefined;
      });
      this.#asking = asking;
    }
    if (names.some(([name]) => !this.#readings.has(name))) await this.#asking;
    return Object.fromEntries(names.map(([name, metric]) => [`metric.${name}`, this.#valueOf(name, metric)]));
  }

  #valueOf(name: string, { every }: Metric): number | Unknown {
    const reading = this.#readings.get(name);
    if (reading === undefined) return { unknown: "it was not read yet" };
    const { value, at } = reading;
    return this.#clock.now() - at > LONGEST * every ? { unknown: "it was not read for too long" } : value;
  }

  /** Never fails: what cannot be read is unknown. */
  async #ask(names: readonly string[]): Promise<void> {
    for (const name of names) {
      if (this.#closed) return;
      const at = this.#clock.now();
      this.#readings.set(name, { value: await this.#read(this.#metrics[name]!.sql), at });
    }
  }

  async #read(sql: string): Promise<number | Unknown> {
    try {
      this.#connection ??= await connectAside(this.#target);
      return await readMetric(this.#connection, sql);
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      await this.#connection?.close();
      this.#connection = undefined;
      return { unknown: `it cannot be read: ${error.message}` };
    }
  }

  /** Takes leave; what is being asked is given up. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#asking = undefined;
    await this.#connection?.close();
    this.#connection = undefined;
  }
}
