import type { Aggregate } from "./aggregate.ts";
import type { Quantity } from "./quantity.ts";
import type { Span } from "./token.ts";

/** The comparison operators, as they are written; `<>` is read as `!=`. */
export type CompareOperator = "=" | "!=" | "<" | "<=" | ">" | ">=";

/** A name of the vocabulary, or `limits.NAME`. */
export type NameNode = Span & { readonly kind: "name"; readonly name: string };

/** A literal. */
export type LiteralNode =
  & Span
  & (
    | { readonly kind: "quantity"; readonly quantity: Quantity }
    | { readonly kind: "string"; readonly value: string }
    | { readonly kind: "boolean"; readonly value: boolean; readonly always: boolean }
  );

/** The syntax tree of an expression. JSON-able; `start` and `end` are places in the source. */
export type Node =
  | NameNode
  | LiteralNode
  | (Span & { readonly kind: "and" | "or"; readonly left: Node; readonly right: Node })
  | (Span & { readonly kind: "not"; readonly operand: Node })
  | (Span & {
    readonly kind: "compare";
    readonly operator: CompareOperator;
    readonly left: Node;
    readonly right: Node;
  })
  | (Span & {
    readonly kind: "in";
    readonly operand: Node;
    readonly negated: boolean;
    readonly list: readonly Node[];
  })
  | (Span & {
    readonly kind: "like" | "matches";
    readonly operand: Node;
    readonly negated: boolean;
    readonly pattern: string;
    readonly patternStart: number;
  })
  | (Span & { readonly kind: "aggregate"; readonly aggregate: Aggregate; readonly operand: Node })
  | (Span & { readonly kind: "known"; readonly operand: Node; readonly known: boolean });

/** A cache: trees never change, and are asked for their names at every look. */
const NAMES = new WeakMap<Node, ReadonlySet<string>>();

/** All names in a tree, including limits. */
export function namesOf(node: Node): ReadonlySet<string> {
  const names = NAMES.get(node) ?? new Set(collectNames(node));
  NAMES.set(node, names);
  return names;
}

function collectNames(node: Node): readonly string[] {
  return node.kind === "name" ? [node.name] : childrenOf(node).flatMap(collectNames);
}

function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case "and":
    case "or":
    case "compare":
      return [node.left, node.right];
    case "in":
      return [node.operand, ...node.list];
    case "not":
    case "like":
    case "matches":
    case "known":
    case "aggregate":
      return [node.operand];
    default:
      return [];
  }
}
