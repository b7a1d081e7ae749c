import type { Block, Source } from "./block.ts";
import type { Catalog } from "./catalog.ts";
import { clausesOf, splitUnion } from "./clauses.ts";
import { type Code, isOperator, isWord, type Range } from "./code.ts";
import { FromReader } from "./from.ts";
import { Refusal } from "./refusal.ts";

/**
 * Reads a query with all of its subqueries.
 * @returns The parts of its UNION: one without.
 */
export function readQuery(code: Code, range: Range, catalog: Catalog): readonly Block[] {
  return readBlocks(code, range, { catalog, parent: undefined, seen: undefined, derived: false });
}

interface Place {
  readonly catalog: Catalog;
  readonly parent: Block | undefined;
  readonly seen: readonly Source[] | undefined;
  readonly derived: boolean;
}

function readBlocks(code: Code, range: Range, place: Place): readonly Block[] {
  return splitUnion(code, range).map((part) => readBlock(code, part, place));
}

function readBlock(code: Code, range: Range, { catalog, parent, seen, derived }: Place): Block {
  const clauses = clausesOf(code, range);
  const block: Block = {
    ...{ parent, derived, clauses, ...seen && { seen } },
    ...{ sources: [], conditions: [], ons: [], opaque: [], children: [] },
  };
  if (clauses.from !== undefined) new FromReader(code, catalog, block).read();
  if (clauses.where !== undefined) block.conditions.push(clauses.where);
  readChildren(code, range, { catalog, block });
  return block;
}

/** Reads the subqueries between two places: each stands in parentheses of its own. */
function readChildren(
  code: Code,
  { from, to }: Range,
  { catalog, block }: { readonly catalog: Catalog; readonly block: Block },
): void {
  const { pieces } = code;
  for (let at = from + 1; at < to; at++) {
    const piece = pieces[at]!;
    if (piece.kind === "word" && NEVER.has(piece.text) && !isOperator(pieces[at - 1], ".")) {
      throw new Refusal(`${piece.text.toUpperCase()} is not supported here`);
    }
    if (!isWord(piece, "select")) continue;
    const open = pieces[at - 1]!;
    if (!isOperator(open, "(")) throw new Refusal("SELECT stands where it cannot");
    const inFrom = block.clauses.from;
    const isDerived = inFrom !== undefined && at >= inFrom.from && at < inFrom.to && isTable(code, at - 1);
    // A subquery in FROM sees no table beside it, and one in an ON those of that ON.
    const seen = isDerived ? [] : block.ons.find((on) => at > on.from && at < on.to)?.within;
    block.children.push(
      ...readBlocks(code, { from: at, to: open.pair }, { catalog, parent: block, seen, derived: isDerived }),
    );
    at = open.pair;
  }
}

/** Words that make a subquery of something that is not read here, or a sequence count. */
const NEVER: ReadonlySet<string> = new Set(["with", "table", "lateral", "into", "tablesample"]);

/** Whether the parenthesis stands for a table, not for a part of the condition of a join. */
function isTable({ pieces }: Code, open: number): boolean {
  const before = pieces[open - 1];
  return isOperator(before, ",") || isWord(before, "join") || isWord(before, "from") ||
    isWord(before, "straight_join");
}

/** A block and all below it. */
export function* withChildren(block: Block): Generator<Block, void, undefined> {
  yield block;
  for (const child of block.children) yield* withChildren(child);
}
