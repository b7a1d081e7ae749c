import type { ShardAction, ShardGrowth } from "../config/mod.ts";
import type { GroupReason } from "../shards/policy/mod.ts";
import type { Series } from "./series.ts";

/** One test of policies about shards: what is measured of them over simulated time, and what is to be done. */
export interface GroupTrial {
  readonly name: string;
  readonly growth: ShardGrowth;
  /** The wall-clock time at which it begins, in milliseconds since 1970-01-01 UTC. */
  readonly start: number;
  /** How long each change takes, in milliseconds. */
  readonly takes: number;
  readonly shards: readonly TrialShard[];
  /** In order of time. */
  readonly expect: readonly GroupExpectation[];
}

/** A shard of a test. */
export interface TrialShard {
  readonly name: string;
  /** By the names of the policy language. */
  readonly values: Readonly<Record<string, Series>>;
  /** When it can be reached; absent: always. */
  readonly reachable?: Series;
}

/** What is expected at one moment. */
export interface GroupExpectation {
  /** In milliseconds since the test began. */
  readonly at: number;
  /** What was changed since that was last checked; absent if not checked now. */
  readonly changes?: readonly ExpectedChange[];
  /** The same for policies that only report. */
  readonly matches?: readonly ExpectedChange[];
  /** What was held back since the test began. */
  readonly skipped: readonly (ExpectedChange & { readonly reason?: GroupReason })[];
}

/** What a policy does. Absent values match anything. */
export interface ExpectedChange {
  readonly policy: string;
  readonly action?: ShardAction;
  readonly shard?: string;
}
