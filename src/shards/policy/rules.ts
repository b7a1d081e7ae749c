import type { ShardingConfig, ShardPolicy, WatchedDatabase } from "../../config/mod.ts";
import type { Mode } from "../../policy/mod.ts";

/** Everything that decides what is done with a group of shards. */
export interface GroupRules {
  readonly mode: Mode;
  /** By name. */
  readonly limits: Readonly<Record<string, number>>;
  /** In the order in which they are asked. */
  readonly policies: readonly ShardPolicy[];
  readonly maxShards: number;
  /** How many shards may be added within a sliding window of `per` milliseconds. */
  readonly budget: { readonly shards: number; readonly per: number };
  /** How long nothing is done after a shard was reached first, restarted or changed its role, in milliseconds. */
  readonly grace: number;
}

/** The rules of a configured group. */
export function groupRules(
  { mode, growth }: Pick<ShardingConfig, "mode" | "growth">,
  grace: number,
): GroupRules {
  const { limits, policies, maxShards, budget } = growth;
  return { mode, limits, policies, maxShards, budget, grace };
}

/** The longest grace of the configured shards: nothing is done to a group that one of them is part of. */
export function graceOf(
  { sharding: { shards }, databases }: {
    readonly sharding: Pick<ShardingConfig, "shards">;
    readonly databases: readonly Pick<WatchedDatabase, "name" | "rules">[];
  },
): number {
  return Math.max(
    0,
    ...databases.filter(({ name }) => shards.includes(name)).map(({ rules }) => rules.grace),
  );
}
