import { type Block, type Condition, isKey, type Source } from "./block.ts";
import { type Code, isOperator, literalOf, type Range, splitList } from "./code.ts";
import { columnOf } from "./column.ts";
import { conjunctsOf, equationOf, membershipOf } from "./conjuncts.ts";
import { canonicalKey } from "../slots/key.ts";

/** What a condition says for certain of shard keys. */
export type Fact =
  | { readonly kind: "keys"; readonly source: Source; readonly keys: readonly string[] }
  | { readonly kind: "same"; readonly one: Source; readonly other: Source };

/** The facts of a condition in a block. */
export function factsOf(code: Code, condition: Condition, block: Block): readonly Fact[] {
  const facts: Fact[] = [];
  for (const part of conjunctsOf(code, condition)) {
    const fact = factOf(code, part, block);
    if (fact !== undefined && isSeen(fact, condition, block)) facts.push(fact);
  }
  return facts;
}

/** Whether a server finds the same tables: what an ON does not see may be one of a query around it. */
function isSeen(fact: Fact, { within }: Condition, block: Block): boolean {
  const sources = fact.kind === "keys" ? [fact.source] : [fact.one, fact.other];
  return within === undefined || sources.every((source) => source.block !== block || within.includes(source));
}

function factOf(code: Code, part: Range, block: Block): Fact | undefined {
  const equation = equationOf(code, part);
  if (equation !== undefined) {
    const [left, right] = equation;
    const one = keySource(code, left, block);
    const other = keySource(code, right, block);
    if (one !== undefined && other !== undefined) {
      // NULL <=> NULL is true: of two rows that a LEFT JOIN did not find it says nothing.
      if (isOperator(code.pieces[left.to], "<=>")) return undefined;
      return one !== other && areAlike(one, other) ? { kind: "same", one, other } : undefined;
    }
    if (one !== undefined) return keysFact(code, one, [right]);
    return other === undefined ? undefined : keysFact(code, other, [left]);
  }
  const membership = membershipOf(code, part);
  if (membership === undefined) return undefined;
  const [column, list] = membership;
  const source = keySource(code, column, block);
  return source === undefined ? undefined : keysFact(code, source, splitList(code, list));
}

function keySource(code: Code, range: Range, block: Block): Source | undefined {
  const column = columnOf(code, range, block);
  return column !== undefined && isKey(column) ? column.source : undefined;
}

/** Whether equal keys of both are in one slot. */
function areAlike(one: Source, other: Source): boolean {
  const [first, second] = [one.table.key!, other.table.key!];
  return first.group === second.group && first.type.family === second.type.family;
}

function keysFact(code: Code, source: Source, values: readonly Range[]): Fact | undefined {
  const keys: string[] = [];
  for (const value of values) {
    const literal = literalOf(code, value);
    const key = literal === undefined ? undefined : canonicalKey(literal, source.table.key!.type);
    if (key === undefined) return undefined;
    keys.push(key);
  }
  return { kind: "keys", source, keys };
}
