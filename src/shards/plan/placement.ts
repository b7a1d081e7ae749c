import type { Block, Source } from "./block.ts";
import type { Code } from "./code.ts";
import { type Fact, factsOf } from "./facts.ts";
import { withChildren } from "./read_block.ts";
import { slotOf } from "../slots/key.ts";

/** Where the rows of a query are. */
export interface Placement {
  /** No sharded table is read: every shard has all of it. */
  readonly everywhere: boolean;
  /** All rows that it can read are in these slots; undefined where that is not known. */
  readonly slots: readonly number[] | undefined;
  /** Why it cannot be run on each shard by itself; undefined where it can: what belongs together is on one shard. */
  readonly entangled: string | undefined;
  /** The slots of the rows that it begins with, for that; undefined: all. */
  readonly scatterSlots: readonly number[] | undefined;
}

/** Tables of one block that are known to have the same key in each row of the result. */
interface Kin {
  readonly sources: Source[];
  /** The least keys that it is restricted to. */
  keys?: readonly string[];
  /** A table of a query around this one, with the same key. */
  outer?: Source;
}

/** Reads where the rows of a query are, by the parts of its UNION. */
export function placementOf(code: Code, blocks: readonly Block[]): Placement {
  const kinOf = new Map<Source, Kin>();
  const attached = new Set<Source>();
  const all = blocks.flatMap((block) => [...withChildren(block)]);
  for (const block of all) readKin(code, block, { kinOf, attached });
  const sources = [...kinOf.keys()];
  const known = sources.map((source) => keysOf(source, kinOf));
  return {
    everywhere: sources.length === 0,
    slots: known.includes(undefined) ? undefined : slotsOf(known.flatMap((keys) => keys!)),
    entangled: entanglement(blocks, all, { kinOf, attached }),
    scatterSlots: scatterSlots(blocks, kinOf),
  };
}

interface Kinship {
  readonly kinOf: Map<Source, Kin>;
  /** Optional tables that have the key of a table before them. */
  readonly attached: Set<Source>;
}

function readKin(code: Code, block: Block, { kinOf, attached }: Kinship): void {
  for (const source of block.sources) {
    if (source.table.key !== undefined) kinOf.set(source, { sources: [source] });
  }
  for (const condition of block.conditions) {
    if (condition.optional !== undefined) continue;
    for (const fact of factsOf(code, condition, block)) learn(fact, block, kinOf);
  }
  for (const condition of block.conditions) {
    const { optional } = condition;
    if (optional?.table.key === undefined) continue;
    // It filters the rows of the optional table only, and so joins that one to another, and not those to each other.
    const before = block.sources.slice(0, block.sources.indexOf(optional));
    const fact = factsOf(code, condition, block).find((fact) =>
      fact.kind === "same" && (fact.one === optional || fact.other === optional) &&
      isBefore(otherOf(fact, optional), { block, before })
    );
    if (fact?.kind !== "same") continue;
    learn(fact, block, kinOf);
    if (otherOf(fact, optional).block === block) attached.add(optional);
  }
}

function otherOf(fact: Extract<Fact, { kind: "same" }>, source: Source): Source {
  return fact.one === source ? fact.other : fact.one;
}

function isBefore(
  source: Source,
  { block, before }: { readonly block: Block; readonly before: readonly Source[] },
): boolean {
  return source.block !== block || before.includes(source);
}

function learn(fact: Fact, block: Block, kinOf: Map<Source, Kin>): void {
  if (fact.kind === "keys") {
    // What a subquery says of a table around it restricts the subquery only.
    if (fact.source.block !== block) return;
    const kin = kinOf.get(fact.source)!;
    if (kin.keys === undefined || fact.keys.length < kin.keys.length) kin.keys = fact.keys;
    return;
  }
  const [one, other] = fact.one.block === block ? [fact.one, fact.other] : [fact.other, fact.one];
  if (one.block !== block) return;
  const kin = kinOf.get(one)!;
  if (other.block !== block) {
    kin.outer ??= other;
    return;
  }
  const joined = kinOf.get(other)!;
  if (joined === kin) return;
  kin.sources.push(...joined.sources);
  if (joined.keys !== undefined && (kin.keys === undefined || joined.keys.length < kin.keys.length)) {
    kin.keys = joined.keys;
  }
  if (joined.outer !== undefined) kin.outer ??= joined.outer;
  for (const source of joined.sources) kinOf.set(source, kin);
}

function keysOf(source: Source, kinOf: ReadonlyMap<Source, Kin>): readonly string[] | undefined {
  const { keys, outer } = kinOf.get(source)!;
  return keys ?? (outer === undefined ? undefined : keysOf(outer, kinOf));
}

function slotsOf(keys: readonly string[]): readonly number[] {
  return [...new Set(keys.map(slotOf))];
}

function scatterSlots(
  blocks: readonly Block[],
  kinOf: ReadonlyMap<Source, Kin>,
): readonly number[] | undefined {
  const first = blocks[0]!.sources.find((source) => source.table.key !== undefined);
  const keys = first === undefined ? undefined : kinOf.get(first)!.keys;
  return keys === undefined ? undefined : slotsOf(keys);
}

/** Why the answers of the shards, each over its own rows, are not the parts of the answer. */
function entanglement(
  blocks: readonly Block[],
  all: readonly Block[],
  { kinOf, attached }: Kinship,
): string | undefined {
  if (blocks.length > 1) return "the parts of a UNION are of several shards";
  const [top] = blocks as readonly [Block];
  const sharded = top.sources.filter((source) => source.table.key !== undefined);
  if (new Set(sharded.map((source) => kinOf.get(source)!)).size > 1) {
    return "it joins rows of several shards: the tables are not joined on their keys";
  }
  for (const block of all) {
    const own = block.sources.filter((source) => source.table.key !== undefined);
    if (own.length === 0) continue;
    if (block !== top && (sharded.length === 0 || isInDerived(block))) {
      return "a subquery reads rows of several shards";
    }
    if (block !== top && own.some((source) => !leadsTo(top, source, kinOf))) {
      return "a subquery reads other keys than the query around it";
    }
    const alone = own.find((source) =>
      source.optional && !attached.has(source) && kinOf.get(source)!.outer === undefined
    );
    if (alone !== undefined) return "a LEFT JOIN adds rows of other shards: it is not joined on the keys";
  }
}

function isInDerived(block: Block): boolean {
  for (let here: Block | undefined = block; here !== undefined; here = here.parent) {
    if (here.derived) return true;
  }
  return false;
}

function leadsTo(top: Block, source: Source, kinOf: ReadonlyMap<Source, Kin>): boolean {
  const { outer } = kinOf.get(source)!;
  return outer !== undefined && (outer.block === top || leadsTo(top, outer, kinOf));
}
