import type { ShardAction, ShardPolicy } from "../../../src/config/mod.ts";
import { compileExpression, type Expression, isUnknown, type Reading } from "../../../src/language/mod.ts";
import type {
  GroupDecision,
  GroupRules,
  GroupSnapshot,
  ShardMetrics,
} from "../../../src/shards/policy/mod.ts";
import { SHARD_VOCABULARY } from "../../../src/cli/shard_vocabulary.ts";

export const MINUTE = 60_000;

function expression(source: string, scope: "group" | "database"): Expression {
  const compiled = compileExpression(source, {
    vocabulary: SHARD_VOCABULARY,
    scope,
    limits: new Map([["rows", "number"]]),
  });
  if (!compiled.ok) throw new Error(compiled.problems.map(({ message }) => message).join("; "));
  return compiled.expression;
}

export interface PolicyText {
  readonly name?: string;
  readonly each?: "shard";
  readonly when?: string;
  readonly until?: string;
  readonly then?: ShardAction;
  readonly for?: number;
  readonly mode?: "dry-run";
  readonly during?: ShardPolicy["during"];
  readonly settle?: number;
  readonly giveUpAfter?: number;
}

/** A policy that splits each shard with more than 100 rows, half an hour after the last time at the earliest. */
export function hot(text: PolicyText = {}): ShardPolicy {
  return policy({
    name: "hot",
    each: "shard",
    when: "rows > 100",
    then: "split",
    settle: 30 * MINUTE,
    ...text,
  });
}

/** A policy that adds a shard where all have more than 300 rows together. */
export function cold(text: PolicyText = {}): ShardPolicy {
  return policy({ name: "cold", when: "sum(rows) > 300", then: "add shard", ...text });
}

function policy(
  { name = "p", each, when = "", until, then = "log", mode, ...rest }: PolicyText,
): ShardPolicy {
  const scope = each === undefined ? "group" : "database";
  return {
    name,
    ...each && { each },
    when: expression(when, scope),
    ...until && { until: expression(until, scope) },
    ...mode && { mode },
    ...rest.during && { during: rest.during },
    for: rest.for ?? 0,
    then,
    ...rest.settle !== undefined && {
      settle: { wait: rest.settle, giveUpAfter: rest.giveUpAfter ?? 1 },
    },
  };
}

/** Rules in enforce mode without a grace, but for what is given. */
export function rules(policies: readonly ShardPolicy[], rest: Partial<GroupRules> = {}): GroupRules {
  return {
    mode: "enforce",
    limits: { rows: 100 },
    policies,
    maxShards: 5,
    budget: { shards: 2, per: 24 * 60 * MINUTE },
    grace: 0,
    ...rest,
  };
}

/** A shard that can be reached, with 40 slots, but for what is given. */
export function shard(
  name: string,
  values: Readonly<Record<string, Reading>> = {},
  rest: Partial<ShardMetrics> = {},
): ShardMetrics {
  const unknown = Object.entries(values).flatMap(([name, value]) =>
    isUnknown(value) ? [[name, value.unknown] as const] : []
  );
  return {
    shard: name,
    at: 0,
    values,
    sources: {},
    unknown: Object.fromEntries(unknown),
    table_counts: {},
    rows_exact: true,
    reachable: true,
    report: { identity: { server: name, started: 0 }, uptime: 1_000_000, readOnly: false },
    slots: 40,
    ...rest,
  };
}

/** A look at a group whose map agrees. */
export function snapshot(
  at: number,
  shards: readonly ShardMetrics[],
  rest: Partial<GroupSnapshot> = {},
): GroupSnapshot {
  return { at, shards, map: { version: 1, agrees: true }, moving: false, ...rest };
}

/** What was decided, in one line each: `hot split s1`, `cold add shard: budget`. */
export function told(decisions: readonly GroupDecision[]): readonly string[] {
  return decisions.map(({ policy, action, shard, mode, outcome }) => {
    const what = [policy, action, ...shard === undefined ? [] : [shard]].join(" ");
    const note = outcome?.note === undefined ? "" : ` (${outcome.note})`;
    return `${mode === "dry-run" ? "dry-run " : ""}${what}${
      outcome === undefined ? "" : `: ${outcome.skipped}${note}`
    }`;
  });
}
