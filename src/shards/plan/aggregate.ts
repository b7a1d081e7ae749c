import { type Code, isOperator, isWord, splitList, textOf } from "./code.ts";
import { Refusal } from "./refusal.ts";
import { MERGED, UNMERGED } from "./vocabulary.ts";

/** What each shard reckons for its own groups. */
export interface PartialColumns {
  /** Aggregates. */
  readonly plain: string[];
  /** What is counted distinctly: it is grouped by as well. */
  readonly distinct: string[];
}

/** None so far. */
export function newPartialColumns(): PartialColumns {
  return { plain: [], distinct: [] };
}

/**
 * The aggregate at a place, over the aggregates of the shards; undefined where none is.
 * @throws {Refusal} For one whose parts do not tell the whole.
 */
export function aggregateAt(
  code: Code,
  at: number,
  parts: PartialColumns,
): { readonly text: string; readonly end: number; readonly isAverage: boolean } | undefined {
  const { pieces } = code;
  const [piece, open] = [pieces[at]!, pieces[at + 1]];
  if (piece.kind !== "word" || !isOperator(open, "(")) return undefined;
  if (UNMERGED.has(piece.text)) {
    throw new Refusal(`${piece.text.toUpperCase()} cannot be made of the shards' parts`);
  }
  if (!MERGED.has(piece.text)) return undefined;
  const close = open!.pair;
  if (isWord(pieces[close + 1], "over")) throw new Refusal("window functions see the rows of one shard only");
  const distinct = isWord(pieces[at + 2], "distinct");
  const inside = { from: distinct ? at + 3 : at + 2, to: close };
  if (splitList(code, inside).length > 1) {
    throw new Refusal("an aggregate over several columns is not supported");
  }
  for (let inner = inside.from; inner < inside.to; inner++) {
    if (isWord(pieces[inner], "select")) throw new Refusal("a subquery in an aggregate is not supported");
    // MariaDB sums up quotients with more digits than it sends.
    if (isOperator(pieces[inner], "/") && (distinct || piece.text !== "count")) {
      throw new Refusal(
        "a quotient in an aggregate loses digits on its way from shard to shard",
        "divide outside of it",
      );
    }
  }
  const argument = textOf(code, inside);
  if (argument === "") throw new Refusal("an aggregate is empty");
  return {
    text: finalText(piece.text, { argument, distinct, parts }),
    end: close + 1,
    isAverage: piece.text === "avg" && !distinct,
  };
}

/** MySQL goes on to reckon and sorts with more digits of an average than it shows, which no other server knows. */
export function averageInUse(): Refusal {
  return new Refusal(
    "AVG is not certain to its last digit unless it is a column of the answer",
    "SUM(…) / COUNT(…)",
  );
}

function finalText(name: string, { argument, distinct, parts }: {
  readonly argument: string;
  readonly distinct: boolean;
  readonly parts: PartialColumns;
}): string {
  const part = (text: string) => `qs_p${place(parts.plain, text)}`;
  if (name === "min" || name === "max") {
    return `${name.toUpperCase()}(${part(`${name.toUpperCase()}(${argument})`)})`;
  }
  if (distinct) return `${name.toUpperCase()}(DISTINCT qs_d${place(parts.distinct, argument)})`;
  switch (name) {
    case "count":
      // Without groups a shard without rows may have none for a sum either.
      return `CAST(COALESCE(SUM(${part(`COUNT(${argument})`)}), 0) AS SIGNED)`;
    case "sum":
      return `SUM(${part(`SUM(${argument})`)})`;
    default:
      return `(SUM(${part(`SUM(${argument})`)}) / SUM(${part(`COUNT(${argument})`)}))`;
  }
}

function place(texts: string[], text: string): number {
  const found = texts.indexOf(text);
  return found < 0 ? texts.push(text) - 1 : found;
}
