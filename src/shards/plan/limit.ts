import { type Code, isOperator, isWord, type Range } from "./code.ts";
import { Refusal } from "./refusal.ts";

/** How many rows are left out, and how many come then. */
export interface Limit {
  readonly offset: bigint;
  readonly count: bigint;
}

/** Reads LIMIT n, LIMIT m, n and LIMIT n OFFSET m. */
export function limitOf(code: Code, range: Range | undefined): Limit | undefined {
  if (range === undefined) return undefined;
  const { pieces } = code;
  const { from, to } = range;
  const first = numberAt(code, from, to);
  if (to === from + 1) return { offset: 0n, count: first };
  const sign = pieces[from + 1];
  const second = numberAt(code, from + 2, to);
  if (to === from + 3 && isOperator(sign, ",")) return { offset: first, count: second };
  if (to === from + 3 && isWord(sign, "offset")) return { offset: second, count: first };
  throw new Refusal("this LIMIT is not supported", "write LIMIT with one or two whole numbers");
}

function numberAt({ pieces }: Code, at: number, to: number): bigint {
  const piece = pieces[at];
  if (piece === undefined || at >= to || piece.kind !== "number" || !/^[0-9]{1,18}$/.test(piece.text)) {
    throw new Refusal("this LIMIT is not supported", "write LIMIT with one or two whole numbers");
  }
  return BigInt(piece.text);
}
