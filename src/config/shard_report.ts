import { formatQuantity } from "../language/mod.ts";
import { writtenBy } from "../yaml/mod.ts";
import type { ShardingConfig, ShardPolicy } from "./config.ts";
import { shardPolicyKeys } from "./shard_policy_keys.ts";

/** When a group of shards grows, as it could be written. */
export interface GrowthReport {
  readonly schema: string;
  readonly mode: string;
  readonly shards: readonly string[];
  readonly max_shards: number;
  readonly budget: { readonly shards: number; readonly per: string };
  readonly metrics: {
    readonly interval: string;
    readonly rows: string;
    readonly node_exporter: Readonly<Record<string, string>>;
  };
  readonly policies: readonly ShardPolicyReport[];
}

/** A policy about shards, as it could be written. */
export interface ShardPolicyReport {
  readonly name: string;
  readonly description?: string;
  readonly mode?: string;
  readonly each?: string;
  readonly when: string;
  readonly until?: string;
  readonly for: string;
  readonly during?: string;
  readonly then: string | readonly string[];
  readonly settle?: string;
  readonly give_up_after?: number;
}

/** What was understood of a group, for `validate-config`. */
export function growthReport({ schema, mode, shards, growth }: ShardingConfig): GrowthReport {
  const { maxShards, budget, metrics: { interval, exactUpTo, exporters }, policies } = growth;
  return {
    schema,
    mode,
    shards,
    max_shards: maxShards,
    budget: { shards: budget.shards, per: durationText(budget.per) },
    metrics: { interval: durationText(interval), rows: countingText(exactUpTo), node_exporter: exporters },
    policies: policies.map(policyReport),
  };
}

function policyReport(
  { name, description, mode, each, when, until, for: wait, during, then, notify = [], settle }: ShardPolicy,
): ShardPolicyReport {
  const done = writtenBy(shardPolicyKeys.then.kind, { action: then, notify }) as ShardPolicyReport["then"];
  return {
    name,
    ...description !== undefined && { description },
    ...mode !== undefined && { mode },
    ...each !== undefined && { each },
    when: when.source,
    ...until !== undefined && { until: until.source },
    for: durationText(wait),
    ...during !== undefined && { during: during.text },
    then: done,
    ...settle !== undefined && { settle: durationText(settle.wait), give_up_after: settle.giveUpAfter },
  };
}

function durationText(value: number): string {
  return formatQuantity({ type: "duration", value });
}

function countingText(exactUpTo: number): string {
  if (exactUpTo === 0) return "estimated";
  return Number.isFinite(exactUpTo)
    ? `exact up to ${formatQuantity({ type: "number", value: exactUpTo })}`
    : "exact";
}

/** A group in lines for people. */
export function describeGrowth(
  { schema, mode, shards, max_shards: most, budget, metrics, policies }: GrowthReport,
): readonly string[] {
  const count = `${shards.length} ${shards.length === 1 ? "shard" : "shards"}`;
  return [
    `sharding of ${schema}: ${mode}, ${count}, ${most} at most, ${budget.shards} more within ${budget.per}, ` +
    `a look every ${metrics.interval}, rows ${metrics.rows}`,
    ...policies.map((policy) => `  ${policyText(policy)}`),
  ];
}

function policyText(
  { name, mode, each, when, until, for: wait, during, then, settle, give_up_after }: ShardPolicyReport,
): string {
  return [
    `${name}${mode === undefined ? "" : ` (${mode})`}: ${typeof then === "string" ? then : then.join(", ")}`,
    `${each === undefined ? "" : ` each ${each}`} when ${when}`,
    wait === "0s" ? "" : ` for ${wait}`,
    until === undefined ? "" : ` until ${until}`,
    during === undefined ? "" : `, during ${during}`,
    settle === undefined ? "" : `, settle ${settle}, give_up_after ${give_up_after}`,
  ].join("");
}
