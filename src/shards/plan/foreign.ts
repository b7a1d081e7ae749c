import type { Block } from "./block.ts";
import { type Code, isName, isOperator, isWord, type Range } from "./code.ts";
import { columnOf } from "./column.ts";
import { Refusal } from "./refusal.ts";
import { MERGED, UNMERGED } from "./vocabulary.ts";

/**
 * An aggregate in a subquery whose columns are those of a query around it belongs to that one: `(SELECT SUM(u.x))` makes
 * one row of all. Nobody writes that on purpose.
 * @throws {Refusal} Where an aggregate has other columns than those of its own query.
 */
export function refuseForeignAggregates(code: Code, block: Block): void {
  const { clauses } = block;
  for (const range of [clauses.items, clauses.having, clauses.order]) {
    if (range !== undefined) checkRange(code, range, block);
  }
}

function checkRange(code: Code, { from, to }: Range, block: Block): void {
  const { pieces } = code;
  for (let at = from; at < to; at++) {
    const piece = pieces[at]!;
    if (isOperator(piece, "(") && isWord(pieces[at + 1], "select")) at = piece.pair;
    else if (
      piece.kind === "word" && isOperator(pieces[at + 1], "(") &&
      (MERGED.has(piece.text) || UNMERGED.has(piece.text))
    ) {
      checkArgument(code, { from: at + 2, to: pieces[at + 1]!.pair }, block);
    }
  }
}

function checkArgument(code: Code, { from, to }: Range, block: Block): void {
  const { pieces } = code;
  for (let at = from; at < to; at++) {
    const piece = pieces[at]!;
    if (!isName(piece) || isWord(piece, "distinct") || isOperator(pieces[at + 1], "(")) continue;
    let end = at + 1;
    while (end + 1 < to && isOperator(pieces[end], ".") && isName(pieces[end + 1])) end += 2;
    const column = columnOf(code, { from: at, to: end }, block);
    if (column?.source.block !== block) {
      throw new Refusal("an aggregate in a subquery has columns that are not its own");
    }
    at = end - 1;
  }
}
