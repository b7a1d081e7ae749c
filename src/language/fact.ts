import { limitName } from "./check.ts";
import type { CompareOperator, Node } from "./syntax.ts";
import { isIdleValue, type Rows } from "./vocabulary.ts";

/**
 * What is known if a clause holds, usually about a name. If it says nothing about a single name, it is a fact about
 * the clause itself.
 */
export type Fact =
  | { readonly kind: "never" }
  | { readonly kind: "boolean"; readonly name: string; readonly value: boolean }
  | { readonly kind: "known"; readonly name: string; readonly value: boolean }
  | { readonly kind: "range"; readonly name: string; readonly range: Range }
  | {
    readonly kind: "strings";
    readonly name: string;
    readonly values: ReadonlySet<string>;
    /** Whether the value is one of these; otherwise it is none of them. */
    readonly within: boolean;
  };

/** Numbers between two ends. */
export interface Range {
  readonly min: number;
  readonly max: number;
  /** Whether each end is part of the range. */
  readonly closed: { readonly min: boolean; readonly max: boolean };
}

/** Whether two facts contradict each other. */
export function exclude(a: Fact, b: Fact): boolean {
  if (a.kind === "never" || b.kind === "never" || a.name !== b.name) return false;
  if (a.kind === "boolean" && b.kind === "boolean") return a.value !== b.value;
  if (a.kind === "known" && b.kind === "known") return a.value !== b.value;
  if (a.kind === "range" && b.kind === "range") return isEmpty(a.range, b.range);
  if (a.kind !== "strings" || b.kind !== "strings") return false;
  if (!a.within && !b.within) return false;
  const [some, others] = a.within ? [a, b] : [b, a];
  return [...some.values].every((value) => others.values.has(value) !== others.within);
}

/** Whether no number is in both ranges. */
export function isEmpty(a: Range, b: Range): boolean {
  const [low, high] = [a.min > b.min ? a : b, a.max < b.max ? a : b];
  if (low.min !== high.max) return low.min > high.max;
  const isIn = ({ min, max, closed }: Range, value: number) =>
    (min < value || closed.min) && (max > value || closed.max);
  return !isIn(a, low.min) || !isIn(b, low.min);
}

/** The numbers for which a comparison with this value is true. */
export function rangeOf(operator: Exclude<CompareOperator, "!=">, value: number): Range {
  const closed = operator.includes("=");
  return {
    min: operator.startsWith("<") ? -Infinity : value,
    max: operator.startsWith(">") ? Infinity : value,
    closed: { min: closed, max: closed },
  };
}

/** The fact stated by `in`, or by `not in` if `within` is false. */
export function stringsIn(operand: Node, list: readonly Node[], within: boolean): readonly Fact[] {
  const values = list.flatMap((item) => item.kind === "string" ? [item.value] : []);
  if (operand.kind !== "name" || values.length < list.length) return [];
  return [{ kind: "strings", name: operand.name, values: new Set(values), within }];
}

/** A comparison can only be decided if its operand is known. */
export function known(node: Node, rows: Rows): readonly Fact[] {
  if (node.kind !== "name" || limitName(node.name) !== undefined) return [];
  if (rows.get(node.name)?.partly) return [];
  return [{ kind: "known", name: node.name, value: true }];
}

/**
 * Whether a fact implies a running (true) or an idle (false) session. A selectable session is one or the other.
 * Empty if it implies neither.
 */
export function runningOf(fact: Fact, rows: Rows): readonly boolean[] {
  const row = fact.kind === "never" ? undefined : rows.get(fact.name);
  switch (fact.kind) {
    case "boolean":
      return fact.name === "idle" ? [!fact.value] : [];
    case "known":
      return fact.value && row?.known_while !== undefined ? [row.known_while === "running"] : [];
    case "strings":
      // A value that only running statements have rules out idle sessions.
      if (row?.idle_value === "" && fact.values.has("") !== fact.within) return [true];
      return fact.within && fact.values.size === 1 && isIdleValue(row, [...fact.values][0]!) ? [false] : [];
    default:
      return [];
  }
}
