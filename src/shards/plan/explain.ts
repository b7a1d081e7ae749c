import type { Plan } from "./plan.ts";

/** A plan as JSON, with the statements that would be run. */
export interface PlanJson {
  readonly verb: string;
  readonly tables: readonly string[];
  /** `one`: it is run on one shard; `several`: on several, and merged; `any`: it reads no sharded table. */
  readonly runs_on: "one" | "several" | "any";
  readonly shards: readonly string[];
  /** How many slots it is restricted to; null: none. */
  readonly slots: readonly number[] | null;
  /** What each shard is asked. */
  readonly statement: string;
  /** What a shard finishes, where the rows are not just put together. */
  readonly merge?: { readonly create: string; readonly select: string };
  /** Why it would be refused once its slots are on several shards. */
  readonly only_while_on_one_shard?: string;
}

/** Explains a plan. @param shards On which it would be run now. */
export function planJson(
  { verb, tables, sql, slots, everywhere, scatter, obstacle }: Plan,
  shards: readonly string[],
): PlanJson {
  const isMerged = !everywhere && shards.length > 1 && scatter !== undefined;
  const final = isMerged ? scatter.merge.final : undefined;
  const whyOne = obstacle?.message ??
    (verb !== "select" && (slots?.length ?? 0) > 1
      ? "a statement that writes is run on one shard"
      : undefined);
  return {
    verb,
    tables,
    runs_on: everywhere ? "any" : isMerged ? "several" : "one",
    shards,
    slots: slots ?? scatter?.slots ?? null,
    statement: isMerged ? scatter.merge.partial : sql,
    ...final && { merge: { create: final.create, select: final.select } },
    ...whyOne !== undefined && { only_while_on_one_shard: whyOne },
  };
}

/** Explains a plan to people, in lines. */
export function planText(plan: PlanJson): readonly string[] {
  const { runs_on, shards, slots, statement, merge, only_while_on_one_shard: only } = plan;
  const where = runs_on === "any"
    ? `any shard, since every shard has all of it: ${shards.join(", ")}`
    : runs_on === "one"
    ? `one shard: ${shards.join(", ")}`
    : `each of ${shards.length} shards, and the answers are merged: ${shards.join(", ")}`;
  return [
    `runs on ${where}`,
    `slots: ${runs_on === "any" ? "none are asked for" : slots === null ? "all" : slots.join(", ")}`,
    `statement: ${statement}`,
    ...merge === undefined ? [] : [`merged in: ${merge.create}`, `answered by: ${merge.select}`],
    ...only === undefined ? [] : [`only while its slots are on one shard: ${only}`],
  ];
}
