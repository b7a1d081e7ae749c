import { type Expression, type Vocabulary } from "../language/mod.ts";
import { didYouMean, quoted } from "../text/nearest.ts";
import { isWrong, type Path, Problems } from "../yaml/mod.ts";
import type { ShardGrowth, ShardPolicy } from "./config.ts";
import { ExpressionCompiler, type LimitLevel, limitTypes } from "./expressions.ts";
import { SHARD_ACTIONS } from "./shard_actions.ts";
import {
  shardBudgetKeys,
  shardGrowthKeys,
  shardMetricsKeys,
  shardPolicyKeys,
  type WrittenGrowth,
  type WrittenShardPolicy,
} from "./shard_policy_keys.ts";

/** What reading the policies about shards needs. */
export interface GrowthReading {
  readonly problems: Problems;
  readonly vocabulary: Vocabulary;
  /** The limits at the top of the file. */
  readonly limits: LimitLevel["limits"];
  /** The names of channels; undefined if these are not known. */
  readonly channels: readonly string[] | undefined;
  /** The names of all that may be shards; undefined if these are not known. */
  readonly databases: readonly string[] | undefined;
}

const PATH: Path = ["sharding"];

/** Reads when a group of shards grows. What is wrong is reported. */
export function readGrowth(written: WrittenGrowth, reading: GrowthReading): ShardGrowth {
  const { shards, per } = written.budget ?? {};
  const { interval, rows, node_exporter: exporters } = written.metrics ?? {};
  checkExporters([...exporters?.keys() ?? []], reading);
  const policies = readPolicies(written, reading);
  const named = new Set(policies.flatMap(({ when, until }) => [...when.limits, ...until?.limits ?? []]));
  return {
    maxShards: written.max_shards ?? shardGrowthKeys.max_shards.default,
    budget: {
      shards: shards ?? shardBudgetKeys.shards.default,
      per: per ?? shardBudgetKeys.per.default,
    },
    metrics: {
      interval: interval ?? shardMetricsKeys.interval.default,
      exactUpTo: (rows ?? shardMetricsKeys.rows.default).exactUpTo,
      exporters: Object.fromEntries(
        [...exporters ?? []].flatMap(([name, url]) => url === undefined ? [] : [[name, url]]),
      ),
    },
    limits: Object.fromEntries(
      [...reading.limits ?? []].flatMap(([name, limit]) =>
        limit !== undefined && named.has(name) ? [[name, limit.value]] : []
      ),
    ),
    policies,
  };
}

function checkExporters(names: readonly string[], { problems, databases }: GrowthReading): void {
  for (const name of names) {
    if (databases === undefined || databases.includes(name)) continue;
    const path = [...PATH, "metrics", "node_exporter", name];
    problems.report(
      path,
      `no database has this name: ${quoted(name)}${didYouMean(name, databases, '"')}`,
      "key",
    );
  }
}

function readPolicies(written: WrittenGrowth, reading: GrowthReading): readonly ShardPolicy[] {
  const { problems, vocabulary, limits } = reading;
  const policies = isWrong(written, "policies") ? [] : written.policies ?? [];
  // What is wrong with the limits themselves has been reported where databases are read.
  const types = limitTypes([{ limits, path: [] }], new Problems());
  const compiler = new ExpressionCompiler(
    types,
    { vocabulary, metrics: undefined, tags: undefined },
    problems,
  );
  const names = policies.map((policy) => policy?.name);
  return policies.flatMap((policy, index) => {
    if (policy === undefined) return [];
    const path = [...PATH, "policies", index];
    if (policy.name !== undefined && names.indexOf(policy.name) < index) {
      problems.report([...path, "name"], `another policy has this name: "${policy.name}"`);
    }
    return makePolicy(policy, path, { ...reading, compiler }) ?? [];
  });
}

/** Compiles a written policy; undefined if something in it is wrong. */
function makePolicy(
  policy: WrittenShardPolicy,
  path: Path,
  { compiler, problems, channels }: GrowthReading & { readonly compiler: ExpressionCompiler },
): ShardPolicy | undefined {
  const scope = policy.each === undefined ? "group" : "database";
  const compile = (key: "when" | "until"): Expression | undefined =>
    policy[key] === undefined ? undefined : compiler.compile(policy[key], [...path, key], scope);
  const [when, until] = [compile("when"), compile("until")];
  const { name, then, each, settle, description, mode, during, give_up_after } = policy;
  if (then !== undefined) {
    for (const channel of then.notify) {
      if (channels === undefined || channels.includes(channel)) continue;
      const near = didYouMean(channel, channels, '"');
      problems.report(
        [...path, "then"],
        `no channel has this name, below "notify": ${quoted(channel)}${near}`,
      );
    }
    if (SHARD_ACTIONS[then.action].of_shard && each === undefined) {
      const message = `only a policy with "each: shard" says which shard: "${then.action}"`;
      problems.report([...path, "then"], message);
    }
  }
  if (give_up_after !== undefined && settle === undefined) {
    problems.report([...path, "give_up_after"], 'only a policy with "settle" gives up', "key");
  }
  if (name === undefined || when === undefined || then === undefined) return undefined;
  return {
    name,
    ...description !== undefined && { description },
    ...mode !== undefined && { mode },
    ...each !== undefined && { each },
    when,
    ...until !== undefined && { until },
    ...during !== undefined && { during },
    for: policy.for ?? shardPolicyKeys.for.default,
    then: then.action,
    ...then.notify.length > 0 && { notify: then.notify },
    ...settle !== undefined && {
      settle: { wait: settle, giveUpAfter: give_up_after ?? shardPolicyKeys.give_up_after.default },
    },
  };
}
