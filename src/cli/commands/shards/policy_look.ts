import { type Clock, systemClock } from "../../../clock.ts";
import type { ShardingConfig, WatchedDatabase } from "../../../config/mod.ts";
import { mysqlTarget } from "../../../mysql/mod.ts";
import { GroupMetrics, type GroupSnapshot } from "../../../shards/policy/mod.ts";
import type { Terminal } from "../../invocation.ts";

/** What a task about policies is given. */
export interface PolicyTaskOptions {
  readonly sharding: ShardingConfig;
  readonly databases: readonly WatchedDatabase[];
  /** Behind the name of the task. */
  readonly arguments: readonly string[];
  /** Results are JSON. */
  readonly json: boolean;
  readonly terminal: Terminal;
}

/** Does something with the policies of a group. Returns the exit code. */
export type PolicyTask = (options: PolicyTaskOptions) => Promise<number>;

/** Between the two looks that rates need, in milliseconds. */
const BETWEEN = 1_000;

/** What measures a group, with a connection to each shard. */
export function metricsOf(
  { sharding, databases }: Pick<PolicyTaskOptions, "sharding" | "databases">,
  clock: Clock = systemClock,
): GroupMetrics {
  return new GroupMetrics({
    clock,
    group: () => ({ sharding, databases }),
    target: (database) => mysqlTarget(database, { clock, armed: false }),
  });
}

/** Looks twice, since what is counted by the second takes two looks, and returns the second. */
export async function lookTwice(
  options: Pick<PolicyTaskOptions, "sharding" | "databases">,
): Promise<GroupSnapshot> {
  const metrics = metricsOf(options);
  try {
    await metrics.look();
    await systemClock.sleep(BETWEEN);
    return await metrics.look();
  } finally {
    await metrics.close();
  }
}
