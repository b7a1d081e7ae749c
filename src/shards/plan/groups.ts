import type { Block } from "./block.ts";
import { type Code, isName, isOperator, isWord, limitedList, type Range, textOf } from "./code.ts";
import { columnId, columnOf } from "./column.ts";
import { aggregateAt, averageInUse, newPartialColumns, type PartialColumns } from "./aggregate.ts";
import { type Item, itemOfSorting, itemsOf, sortingsOf } from "./item.ts";
import { limitOf } from "./limit.ts";
import { finished, limitText, type Merge, PART_TABLE } from "./merge.ts";
import { Refusal } from "./refusal.ts";
import { EXPRESSION_WORDS } from "./vocabulary.ts";

/** What is grouped by. */
interface Group {
  readonly text: string;
  /** Of a column alone. */
  readonly id: string | undefined;
}

/**
 * The merge of a query with aggregates: each shard's groups are grouped again.
 * @throws {Refusal} Where the parts do not tell the whole.
 */
export function groupsMerge(code: Code, block: Block): Merge {
  const { clauses } = block;
  const items = itemsOf(code, block);
  if (items.some(({ range }) => range === undefined)) {
    throw new Refusal("* is not supported beside groups", "name the columns");
  }
  const groups = groupsOf(code, block, items);
  const parts = newPartialColumns();
  const rewriter = new Rewriter(code, { block, items, groups, parts });
  const finals = items.map((item) => rewriter.item(item));
  if (clauses.distinct && rewriter.averages.size > 0) throw averageInUse();
  const having = clauses.having === undefined ? "" : ` HAVING ${rewriter.expression(clauses.having, true)}`;
  const keys = sortingsOf(code, block, items).map(({ item, range, direction }) => {
    if (item !== undefined) {
      if (rewriter.averages.has(items[item]!.text)) throw averageInUse();
      return `${item + 1}${direction}`;
    }
    if (clauses.distinct) throw new Refusal("SELECT DISTINCT is sorted by what is not in the answer");
    return `${rewriter.expression(range, true)}${direction}`;
  });
  const grouped = groups.length + parts.distinct.length;
  const list = [
    ...groups.map(({ text }, index) => `${text} AS qs_g${index}`),
    ...parts.distinct.map((text, index) => `${text} AS qs_d${index}`),
    ...parts.plain.map((text, index) => `${text} AS qs_p${index}`),
  ];
  const by = groups.length === 0 ? "" : ` GROUP BY ${groups.map((_, index) => `qs_g${index}`).join(", ")}`;
  const order = keys.length === 0 ? "" : ` ORDER BY ${keys.join(", ")}`;
  return {
    names: items.map(({ name }) => name),
    ...finished(code, block, {
      list,
      tail: grouped === 0
        ? ""
        : ` GROUP BY ${Array.from({ length: grouped }, (_, index) => index + 1).join(", ")}`,
      select: `SELECT ${clauses.distinct ? "DISTINCT " : ""}${
        finals.join(", ")
      } FROM ${PART_TABLE}${by}${having}${order}${limitText(limitOf(code, clauses.limit))}`,
    }),
  };
}

function groupsOf(code: Code, block: Block, items: readonly Item[]): readonly Group[] {
  const { group } = block.clauses;
  if (group === undefined) return [];
  return limitedList(code, group).map((range) => {
    const last = code.pieces[range.to - 1];
    if (range.from >= range.to || isWord(last, "asc") || isWord(last, "desc")) {
      throw new Refusal("this GROUP BY is not supported");
    }
    const index = itemOfSorting(code, range, { block, items });
    const item = index === undefined ? undefined : items[index]!;
    const column = item === undefined ? columnOf(code, range, block) : item.column;
    const text = item?.text ?? textOf(code, range);
    const where = item === undefined ? range : item.range;
    if (where !== undefined && hasQuery(code, where)) {
      throw new Refusal("a subquery in GROUP BY is not supported");
    }
    return { text, id: column && columnId(column) };
  });
}

function hasQuery({ pieces }: Code, { from, to }: Range): boolean {
  for (let at = from; at < to; at++) if (isWord(pieces[at], "select")) return true;
  return false;
}

interface Rewriting {
  readonly block: Block;
  readonly items: readonly Item[];
  readonly groups: readonly Group[];
  readonly parts: PartialColumns;
}

/** Writes expressions over rows as expressions over the groups of the shards: cuts out what stands for something. */
class Rewriter {
  readonly #code: Code;
  readonly #rewriting: Rewriting;
  /** Columns of the answer that are an average. */
  readonly averages = new Set<string>();

  constructor(code: Code, rewriting: Rewriting) {
    this.#code = code;
    this.#rewriting = rewriting;
  }

  item({ range, text, column }: Item): string {
    const group = this.#group(text, column && columnId(column));
    if (group !== undefined) return group;
    return this.expression(range!, false);
  }

  /** @param named Whether names may be aliases: not among the columns of the answer themselves. */
  expression(range: Range, named: boolean): string {
    const { sql, pieces } = this.#code;
    const whole = this.#group(textOf(this.#code, range), undefined);
    if (whole !== undefined) return whole;
    let text = "";
    for (let at = range.from; at < range.to;) {
      const { text: written, end } = this.#next(at, { range, named });
      if (at > range.from) text += sql.slice(pieces[at - 1]!.end, pieces[at]!.start);
      text += written;
      at = end;
    }
    return text;
  }

  #next(
    at: number,
    { range, named }: { readonly range: Range; readonly named: boolean },
  ): { readonly text: string; readonly end: number } {
    const { sql, pieces } = this.#code;
    const piece = pieces[at]!;
    const aggregate = aggregateAt(this.#code, at, this.#rewriting.parts);
    if (aggregate?.isAverage) {
      const isWhole = at === range.from && aggregate.end === range.to;
      if (named || !isWhole) throw averageInUse();
      this.averages.add(textOf(this.#code, range));
    }
    if (aggregate !== undefined) return aggregate;
    const copied = { text: sql.slice(piece.start, piece.end), end: at + 1 };
    if (isWord(piece, "select")) throw new Refusal("a subquery beside aggregates is not supported");
    if (isWord(piece, "over")) throw new Refusal("window functions see the rows of one shard only");
    if (!isName(piece)) return copied;
    if (piece.kind === "word" && isOperator(pieces[at + 1], "(")) return copied;
    if (piece.kind === "word" && EXPRESSION_WORDS.has(piece.text)) return copied;
    let end = at + 1;
    while (end + 1 < range.to && isOperator(pieces[end], ".") && isName(pieces[end + 1])) end += 2;
    return { text: this.#name({ from: at, to: end }, named), end };
  }

  #name(path: Range, named: boolean): string {
    const { block, items } = this.#rewriting;
    const column = columnOf(this.#code, path, block);
    const single = path.to === path.from + 1;
    const alias = single ? this.#code.pieces[path.from]!.text.toLowerCase() : "";
    const aliased = named && single ? items.filter((item) => item.alias === alias) : [];
    if (aliased.length > 1) throw new Refusal("two columns of the answer have one name that is used again");
    const [item] = aliased;
    if (item !== undefined) {
      const isSame = column === undefined ||
        (item.column !== undefined && columnId(item.column) === columnId(column));
      if (!isSame) {
        throw new Refusal("a column and an alias of another one have the same name", "choose another alias");
      }
      if (this.averages.has(item.text)) throw averageInUse();
      return `(${this.item(item)})`;
    }
    const group = column && this.#group(undefined, columnId(column));
    if (group === undefined) throw ungrouped();
    return group;
  }

  #group(text: string | undefined, id: string | undefined): string | undefined {
    const index = this.#rewriting.groups.findIndex((group) =>
      id !== undefined && group.id !== undefined ? group.id === id : group.text === text
    );
    return index < 0 ? undefined : `qs_g${index}`;
  }
}

function ungrouped(): Refusal {
  return new Refusal("beside aggregates there is a name that is not grouped by", "group by it");
}
