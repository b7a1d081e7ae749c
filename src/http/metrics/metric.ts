import type { DatabaseState } from "../fleet/mod.ts";

/** What a metric is, whatever it is of. */
export interface MetricRow {
  /** Without the prefix. */
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  /** A label beside `database`, and what it says. */
  readonly label?: { readonly name: string; readonly meaning: string };
  /** When it has a series; absent: always. */
  readonly when?: string;
}

/** A value, or one for each value of the label; undefined is unknown, and has no series. */
export type Measured = number | undefined | Readonly<Record<string, number>>;

/** A metric of each database. */
export interface DatabaseMetric extends MetricRow {
  of(state: DatabaseState, isPaused: boolean): Measured;
}

/** Before the name of each metric. */
export const PREFIX = "query_sniper_";

/** In seconds, to the microsecond. */
export function seconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : Math.round(milliseconds * 1000) / 1e6;
}
