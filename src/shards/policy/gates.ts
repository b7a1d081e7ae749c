import type { ShardPolicy } from "../../config/mod.ts";
import { isUnknown, type Member } from "../../language/mod.ts";
import { type Gate, gates, type Memory, type Moment } from "../../policy/mod.ts";
import type { GroupRules } from "./rules.ts";
import type { GroupSnapshot, ShardMetrics } from "./snapshot.ts";

/** The gate of a policy, and of which shard. */
export interface GroupGate {
  readonly policy: ShardPolicy;
  readonly shard?: string;
  readonly gate: Gate;
}

/** The gates of all policies; of those about each shard, the fullest shard first. */
export function groupGates(
  { shards }: GroupSnapshot,
  { limits, policies }: GroupRules,
  { shards: known, group, moment }: {
    readonly shards: Readonly<Record<string, Memory>>;
    readonly group: Memory;
    readonly moment: Moment;
  },
): readonly GroupGate[] {
  const each = policies.filter((policy) => policy.each !== undefined);
  const ofShards = shards.toSorted((a, b) => rowsOf(b) - rowsOf(a)).flatMap(({ shard, values }) =>
    gates({ health: values }, { limits, policies: each }, known[shard]!, moment)
      .map((gate, index): GroupGate => ({ policy: each[index]!, shard, gate }))
  );
  const once = policies.filter((policy) => policy.each === undefined);
  const ofGroup = gates({ health: {}, members: membersOf(shards) }, { limits, policies: once }, group, moment)
    .map((gate, index): GroupGate => ({ policy: once[index]!, gate }));
  return [...ofShards, ...ofGroup];
}

/** The shards as members of a group. */
export function membersOf(shards: readonly ShardMetrics[]): readonly Member[] {
  return shards.map(({ shard, values }) => ({ name: shard, readings: values }));
}

/** As far as they are known; -1 where they are not. */
function rowsOf({ values: { rows } }: ShardMetrics): number {
  return typeof rows === "number" ? rows : isUnknown(rows) ? rows.atLeast ?? -1 : -1;
}

/** Whether what a gate was opened for is over. Outside of its hours that is not known. */
export function isOver({ state, by }: Gate): boolean {
  return state === "closed" && by !== "during";
}
