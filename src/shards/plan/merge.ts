import type { Block } from "./block.ts";
import { type Code, isOperator, isWord, type Range, textOf } from "./code.ts";
import { slotSql } from "../slots/key.ts";
import { type Item, itemsOf, type Sorting, sortingsOf } from "./item.ts";
import { type Limit, limitOf } from "./limit.ts";
import { Refusal } from "./refusal.ts";
import { MERGED, UNMERGED } from "./vocabulary.ts";
import { quotedName } from "../../text/sql_name.ts";

/** How the answers of several shards become one. */
export interface Merge {
  /** What each shard is asked. */
  readonly partial: string;
  /** Where in that text its condition is, and what the slot of a row is: for shards with rows that are not theirs. */
  readonly seam: Seam;
  /** How a shard's own engine finishes it; absent: the rows are put one behind the other. */
  readonly final?: Final;
  /** The names of the columns; absent: as the shards call them. */
  readonly names?: readonly string[];
}

/** The condition of a query, by its place; both places are the same where there is none. */
export interface Seam {
  readonly at: number;
  readonly end: number;
  /** The slot of the row that a row of the answer begins with: all that is joined to it has the same key. */
  readonly slot: string;
}

/** What a shard is asked if it may have rows that are not its own. */
export function narrowed({ partial, seam: { at, end } }: Merge, condition: string): string {
  const own = at === end ? ` WHERE ${condition}` : `${condition} AND (${partial.slice(at, end)})`;
  return partial.slice(0, at) + own + partial.slice(end);
}

/** The end of a merge, in a temporary table on one shard. */
export interface Final {
  /** Makes the empty table, with the types and collations that the shard finds for the partial answer. */
  readonly create: string;
  /** The answer. */
  readonly select: string;
  /** Where a `*` was taken apart: gives no rows, and the columns as they are now, which have to be those of the plan. */
  readonly check?: string;
}

/** The temporary table that partial answers are put into. */
export const PART_TABLE = "qs_part";

/** What a merge is made from. */
export interface Parts {
  readonly code: Code;
  readonly block: Block;
  readonly items: readonly Item[];
  readonly sortings: readonly Sorting[];
  readonly limit: Limit | undefined;
}

/** Whether a query is one row, or a row a group. */
export function isAggregate(code: Code, { clauses }: Block): boolean {
  if (clauses.group !== undefined) return true;
  return [clauses.items, clauses.having, clauses.order].some((range) =>
    range !== undefined && hasAggregate(code, range)
  );
}

/** Whether an aggregate stands among these pieces, and not in a subquery. */
export function hasAggregate({ pieces }: Code, { from, to }: Range): boolean {
  for (let at = from; at < to; at++) {
    const piece = pieces[at]!;
    if (isOperator(piece, "(") && isWord(pieces[at + 1], "select")) at = piece.pair;
    else if (
      piece.kind === "word" && isOperator(pieces[at + 1], "(") &&
      (MERGED.has(piece.text) || UNMERGED.has(piece.text))
    ) {
      return true;
    }
  }
  return false;
}

/**
 * The merge of a query that each shard can answer for its own rows.
 * @throws {Refusal} Where the parts do not tell the whole.
 */
export function rowsMerge(code: Code, block: Block): Merge {
  const { clauses } = block;
  if (clauses.having !== undefined) {
    throw new Refusal("HAVING without GROUP BY is not supported", "write WHERE");
  }
  if (!clauses.distinct && clauses.order === undefined && clauses.limit === undefined) {
    const begin = code.pieces[0]!.start;
    return {
      partial: textOf(code, { from: 0, to: code.pieces.length }),
      seam: seamOf(code, block, -begin),
    };
  }
  const items = itemsOf(code, block);
  const sortings = sortingsOf(code, block, items);
  const limit = limitOf(code, clauses.limit);
  return sortedRows({ code, block, items, sortings, limit });
}

function sortedRows({ code, block, items, sortings, limit }: Parts): Merge {
  const { distinct } = block.clauses;
  const hidden: string[] = [];
  const keys = sortings.map(({ item, range, direction }) => {
    if (item !== undefined) return `${item + 1}${direction}`;
    if (distinct) throw new Refusal("SELECT DISTINCT is sorted by what is not in the answer");
    return `qs_s${hidden.push(textOf(code, range)) - 1}${direction}`;
  });
  const order = keys.length === 0 ? "" : ` ORDER BY ${keys.join(", ")}`;
  const word = distinct ? "DISTINCT " : "";
  const rows = rowsOf(code, block);
  const hasStar = items.some(({ range }) => range === undefined);
  return {
    names: items.map(({ name }) => name),
    ...finished(code, block, {
      list: [
        ...items.map(({ text }, index) => `${text} AS qs_${index}`),
        ...hidden.map((text, index) => `${text} AS qs_s${index}`),
      ],
      word,
      ...hasStar && { check: `SELECT ${textOf(code, block.clauses.items)} ${rows} LIMIT 0` },
      // The first so many of all are among the first so many of each.
      tail: limit === undefined ? "" : `${order} LIMIT ${limit.offset + limit.count}`,
      select: `SELECT ${word}${items.map((_, index) => `qs_${index}`).join(", ")} FROM ${PART_TABLE}${order}${
        limitText(limit)
      }`,
    }),
  };
}

/** LIMIT as it is asked of the whole. */
export function limitText(limit: Limit | undefined): string {
  if (limit === undefined) return "";
  return ` LIMIT ${limit.count}${limit.offset > 0n ? ` OFFSET ${limit.offset}` : ""}`;
}

/** A merge by a temporary table. */
export function finished(code: Code, block: Block, { list, word = "", tail, select, check }: {
  readonly list: readonly string[];
  readonly word?: string;
  readonly tail: string;
  readonly select: string;
  readonly check?: string;
}): Pick<Merge, "partial" | "seam" | "final"> {
  const head = `SELECT ${word}${list.join(", ")} `;
  const base = head + rowsOf(code, block);
  const empty = tail.includes(" LIMIT ") ? "" : tail;
  return {
    partial: `${base}${tail}`,
    seam: seamOf(code, block, head.length - code.pieces[block.clauses.from!.from - 1]!.start),
    final: {
      create: `CREATE TEMPORARY TABLE ${PART_TABLE} AS ${base}${empty} LIMIT 0`,
      select,
      ...check !== undefined && { check },
    },
  };
}

/** FROM and WHERE as they are written. */
export function rowsOf(code: Code, { clauses: { from, where } }: Block): string {
  return textOf(code, { from: from!.from - 1, to: (where ?? from!).to });
}

/** @param shift How far the text of the partial answer is behind that of the statement. */
function seamOf({ pieces }: Code, { clauses: { from, where }, sources }: Block, shift: number): Seam {
  const end = pieces[(where ?? from!).to - 1]!.end;
  const at = where === undefined ? end : pieces[where.from]!.start;
  // The first of them is joined to no other one by LEFT JOIN: that is refused before.
  const { alias, table: { key } } = sources.find(({ table }) => table.key !== undefined)!;
  const slot = slotSql(`${quotedName(alias)}.${quotedName(key!.column)}`, key!.type);
  return { at: at + shift, end: end + shift, slot };
}
