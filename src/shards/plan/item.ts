import type { Block, Column } from "./block.ts";
import {
  type Code,
  folded,
  isName,
  isOperator,
  isWord,
  limitedList,
  type Piece,
  type Range,
  textOf,
  unwrapped,
} from "./code.ts";
import { columnId, columnOf, pathOf } from "./column.ts";
import { isKeyword } from "./from.ts";
import { Refusal } from "./refusal.ts";
import { ENDING_WORDS } from "./vocabulary.ts";
import { quotedName } from "../../text/sql_name.ts";

/** One column of the answer. */
export interface Item {
  /** What it is, without its alias; of a column out of `*`, undefined. */
  readonly range: Range | undefined;
  /** Its SQL. */
  readonly text: string;
  /** Its name in the answer. */
  readonly name: string;
  /** Its alias in small letters, if it was given one. */
  readonly alias: string | undefined;
  /** Set if it is nothing but a column. */
  readonly column: Column | undefined;
}

/** The columns of the answer, each `*` taken apart. */
export function itemsOf(code: Code, block: Block): readonly Item[] {
  return limitedList(code, block.clauses.items).flatMap((part) =>
    starOf(code, part, block) ?? [itemOf(code, part, block)]
  );
}

function starOf(code: Code, { from, to }: Range, block: Block): readonly Item[] | undefined {
  const { pieces } = code;
  if (!isOperator(pieces[to - 1], "*")) return undefined;
  let sources = block.sources;
  if (to - from > 1) {
    const qualifier = pieces[from]!;
    if (to - from !== 3 || !isName(qualifier) || !isOperator(pieces[from + 1], ".")) {
      throw new Refusal("this * is not supported");
    }
    sources = sources.filter(({ alias }) => alias === qualifier.text);
  }
  if (block.opaque.length > 0 || sources.length === 0) {
    throw new Refusal("the columns of * are not known here", "name them");
  }
  return sources.flatMap((source) =>
    source.table.columns.map((name): Item => ({
      range: undefined,
      text: `${quotedName(source.alias)}.${quotedName(name)}`,
      name,
      alias: undefined,
      column: { source, name: name.toLowerCase() },
    }))
  );
}

function itemOf(code: Code, part: Range, block: Block): Item {
  const { range, alias } = splitAlias(code, part);
  const column = columnOf(code, range, block);
  const isColumn = column !== undefined || (pathOf(code, range)?.length ?? 0) > 1;
  if (alias === undefined && isDressed(code, range)) throw unnamed();
  const name = alias?.text ?? (isColumn ? nameAsWritten(code, range) : writtenName(code, range));
  return { range, text: textOf(code, range), name, alias: alias && folded(alias), column };
}

/** Names keep their letters as they are written; words among the pieces are in small ones. */
function nameAsWritten(code: Code, { to }: Range): string {
  const piece = code.pieces[to - 1]!;
  return piece.kind === "name" ? piece.text : code.sql.slice(piece.start, piece.end);
}

/** An expression is called as it is written: where that is for sure what a server calls it. */
function writtenName(code: Code, range: Range): string {
  const text = textOf(code, range);
  const first = code.pieces[range.from]!;
  const isSure = text.length <= 64 && /^[ -~]+$/.test(text) && !/\/\*|--|#|\\/.test(text) &&
    first.kind !== "string" && !(range.to === range.from + 1 && first.kind !== "number");
  if (!isSure) {
    throw unnamed();
  }
  return text;
}

function unnamed(): Refusal {
  return new Refusal("it is not certain what a column of the answer is called", "give it a name with AS");
}

/** Whether it is a column or a literal in parentheses, or behind +: servers call it by what is inside. */
function isDressed(code: Code, range: Range): boolean {
  const bare = bareOf(code, range, ["+"]);
  return bare.to - bare.from < range.to - range.from &&
    (bare.to === bare.from + 1 || pathOf(code, bare) !== undefined);
}

/** Without the parentheses around it, and the signs before it. */
function bareOf(code: Code, range: Range, signs: readonly string[]): Range {
  let { from, to } = unwrapped(code, range);
  while (from < to && signs.some((sign) => isOperator(code.pieces[from], sign))) {
    ({ from, to } = unwrapped(code, { from: from + 1, to }));
  }
  return { from, to };
}

/** An expression and its alias. */
export function splitAlias(
  { sql, pieces }: Code,
  { from, to }: Range,
): { readonly range: Range; readonly alias: Piece | undefined } {
  if (from >= to) throw new Refusal("a column of the answer is empty");
  const last = pieces[to - 1]!;
  const before = pieces[to - 2];
  if (to - from < 2) return { range: { from, to }, alias: undefined };
  if (isWord(before, "as")) {
    if (!isName(last)) {
      throw new Refusal("an alias in quotes of strings is not supported", "put it in back quotes");
    }
    return { range: { from, to: to - 2 }, alias: aliasPiece(sql, last) };
  }
  if (
    last.kind === "string" && before!.kind !== "operator" &&
    !(before!.kind === "word" && isKeyword(before!.text))
  ) {
    throw new Refusal("an alias in quotes of strings is not supported", "put it in back quotes");
  }
  const endsOperand = before!.kind !== "operator" || before!.text === ")";
  if (!isName(last) || !endsOperand) return { range: { from, to }, alias: undefined };
  if (last.kind === "word" && ENDING_WORDS.has(last.text)) return { range: { from, to }, alias: undefined };
  const isClear = (last.kind === "name" || !isKeyword(last.text)) &&
    !(before!.kind === "word" && isKeyword(before!.text) && !ENDING_WORDS.has(before!.text));
  if (!isClear) {
    throw new Refusal("it is not certain whether a column of the answer has an alias", "write AS before it");
  }
  return { range: { from, to: to - 1 }, alias: aliasPiece(sql, last) };
}

/** With its text as it is written. */
function aliasPiece(sql: string, piece: Piece): Piece {
  return piece.kind === "name" ? piece : { ...piece, text: sql.slice(piece.start, piece.end) };
}

/** A column of ORDER BY or GROUP BY. */
export interface Sorting {
  readonly range: Range;
  /** ` DESC`, or nothing. */
  readonly direction: string;
  /** The column of the answer that it is, from 0. */
  readonly item: number | undefined;
}

/** ORDER BY: its parts, and which columns of the answer they are. */
export function sortingsOf(code: Code, block: Block, items: readonly Item[]): readonly Sorting[] {
  const { order } = block.clauses;
  if (order === undefined) return [];
  return limitedList(code, order).map((part) => {
    const last = code.pieces[part.to - 1];
    const descending = isWord(last, "desc");
    const range = descending || isWord(last, "asc") ? { from: part.from, to: part.to - 1 } : part;
    if (range.from >= range.to) throw new Refusal("a part of ORDER BY is empty");
    const direction = descending ? " DESC" : "";
    return { range, direction, item: itemOfSorting(code, range, { block, items }) };
  });
}

interface Listed {
  readonly block: Block;
  readonly items: readonly Item[];
}

/** The column of the answer that a part of ORDER BY or GROUP BY is by its place, by its alias, or as it is written. */
export function itemOfSorting(code: Code, range: Range, { block, items }: Listed): number | undefined {
  const { pieces } = code;
  const first = pieces[range.from]!;
  const single = range.to === range.from + 1;
  if (single && first.kind === "number" && /^[0-9]+$/.test(first.text)) {
    const place = Number(first.text);
    if (place < 1 || place > items.length) {
      throw new Refusal(`there is no column ${first.text}`);
    }
    return place - 1;
  }
  // Servers take (1), +1 and, one of them, TRUE for places, and 1.0 for none.
  if (isConstant(code, range)) {
    throw new Refusal("it is sorted or grouped by a constant");
  }
  const column = columnOf(code, range, block);
  if (single && isName(first)) {
    const named = items.flatMap(({ alias }, index) => alias === folded(first) ? [index] : []);
    if (named.length > 1) throw new Refusal("two columns of the answer have the name that is sorted by");
    const [only] = named;
    if (only !== undefined) {
      const other = items[only]!.column;
      const isSame = column === undefined || (other !== undefined && columnId(other) === columnId(column));
      if (!isSame) {
        throw new Refusal("a column and an alias of another one have the same name", "choose another alias");
      }
      return only;
    }
  }
  if (column !== undefined) {
    const same = items.findIndex((item) =>
      item.column !== undefined && columnId(item.column) === columnId(column)
    );
    return same < 0 ? undefined : same;
  }
  refuseAliases(code, range, items);
  const text = textOf(code, range);
  const same = items.findIndex((item) => item.range !== undefined && item.text === text);
  return same < 0 ? undefined : same;
}

/** Whether it is one literal, in parentheses and behind signs or not. */
function isConstant(code: Code, range: Range): boolean {
  const { from, to } = bareOf(code, range, ["+", "-"]);
  const piece = code.pieces[from];
  return piece !== undefined && to === from + 1 && (piece.kind === "number" || piece.kind === "string" ||
    (piece.kind === "word" && CONSTANTS.has(piece.text)));
}

const CONSTANTS: ReadonlySet<string> = new Set(["null", "true", "false"]);

/** In an expression it is not certain whether a name is that of a column or of an alias. */
export function refuseAliases({ pieces }: Code, { from, to }: Range, items: readonly Item[]): void {
  for (let at = from; at < to; at++) {
    const piece = pieces[at]!;
    if (!isName(piece) || isOperator(pieces[at - 1], ".") || isOperator(pieces[at + 1], ".")) continue;
    if (isOperator(pieces[at + 1], "(")) continue;
    if (items.some(({ alias }) => alias === folded(piece))) {
      throw new Refusal("an alias is used in an expression", "write what it stands for");
    }
  }
}
