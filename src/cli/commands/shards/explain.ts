import { systemClock } from "../../../clock.ts";
import { clauseText } from "../../../events/mod.ts";
import { formatQuantity, isUnknown, type Reading, type Type } from "../../../language/mod.ts";
import {
  groupRules,
  type GroupSnapshot,
  NO_GROUP_MEMORY,
  planGroup,
  type PlannedPolicy,
  type ShardMetrics,
} from "../../../shards/policy/mod.ts";
import { SHARD_VOCABULARY } from "../../shard_vocabulary.ts";
import { table } from "../../table.ts";
import { verdictText } from "./plan.ts";
import { lookTwice, type PolicyTask } from "./policy_look.ts";

/** `shards explain`: what was measured of each shard, where that is from, and the verdict of each policy. */
export const explain: PolicyTask = async (options) => {
  const { sharding, json, terminal } = options;
  const snapshot = await lookTwice(options);
  const moment = { now: systemClock.now(), wall: systemClock.wall() };
  const policies = planGroup(snapshot, groupRules(sharding, 0), NO_GROUP_MEMORY, moment);
  const at = new Date(moment.wall).toISOString();
  if (json) {
    const { map, moving, shards } = snapshot;
    terminal.print(JSON.stringify({ at, mode: sharding.mode, map, moving, shards, policies }));
  } else terminal.print(...explanationText(snapshot, policies, `${sharding.mode}, at ${at}`));
  return snapshot.shards.every(({ reachable }) => reachable) ? 0 : 1;
};

function explanationText(
  { map, moving, shards }: GroupSnapshot,
  policies: readonly PlannedPolicy[],
  head: string,
): readonly string[] {
  return [
    `${shards.length} shards, ${head}`,
    map.agrees ? `  the map (version ${map.version}) and the shards agree` : `  the map: ${map.reason}`,
    ...moving ? ["  slots are moving"] : [],
    ...shards.flatMap((shard) => ["", ...shardLines(shard)]),
    "",
    ...policies.length === 0 ? ["there are no policies: `sharding.policies` is empty"] : [],
    ...policies.flatMap(policyLines),
  ];
}

function shardLines(metrics: ShardMetrics): readonly string[] {
  const { shard, values, sources, slots, hot_key: hot, table_counts: counts } = metrics;
  const rows = Object.entries(values).map(([name, value]) =>
    [name, valueText(name, value), sources[name] ?? ""] as const
  );
  const tables = Object.entries(counts).map(([name, { rows, exact }]) =>
    `${name} ${exact ? "" : "about "}${rows}`
  );
  return [
    `${shard}: ${slots === undefined ? "not reachable" : `${slots} slots`}`,
    ...table(rows),
    ...tables.length === 0 ? [] : [`  rows by table: ${tables.join(", ")}`],
    ...hot === undefined ? [] : [`  one key has ${hot.percent}% of its rows, in ${hot.table}`],
  ];
}

function valueText(name: string, value: Reading | undefined): string {
  if (value === undefined) return "not read";
  if (isUnknown(value)) return `unknown: ${value.unknown}`;
  const type: Type | undefined = SHARD_VOCABULARY.row(name)?.type;
  if (typeof value !== "number" || type === undefined || type === "string" || type === "boolean") {
    return String(value);
  }
  return formatQuantity({ type, value });
}

function policyLines(planned: PlannedPolicy): readonly string[] {
  const { policy, shard, gate, because } = planned;
  const whose = shard === undefined ? "the group" : shard;
  return [
    `policy ${policy}, ${whose}: ${gate}: ${verdictText(planned)}`,
    ...because.map((clause) => `  ${clauseText(clause)}`),
  ];
}
