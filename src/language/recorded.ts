import { compileCondition, type Condition } from "./evaluate.ts";
import type { Expression } from "./expression.ts";
import { limitName } from "./check.ts";
import { namesOf, type Node } from "./syntax.ts";

/** A clause whose values are not recorded. Its truth is, under its text. */
export interface HiddenClause {
  readonly text: string;
  readonly evaluate: Condition;
}

/** Whether the values of a name are left out of recordings. */
export type IsHidden = (name: string) => boolean;

const PREFIX = "truth:";

/** The name under which the truth of a clause is recorded with a session. */
export function truthName(text: string): string {
  return `${PREFIX}${text}`;
}

/** The clause behind a name made by {@linkcode truthName}; undefined for any other name. */
export function clauseOf(name: string): string | undefined {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined;
}

/** The clauses of an expression that contain hidden names. A clause has no `and`, `or` or `not`. */
export function hiddenClauses(
  { tree, source, rows }: Expression,
  isHidden: IsHidden,
): readonly HiddenClause[] {
  const found: HiddenClause[] = [];
  mapClauses(tree, (node) => {
    if (hides(node, isHidden)) {
      found.push({ text: source.slice(node.start, node.end), evaluate: compileCondition(node, rows) });
    }
    return node;
  });
  return found;
}

/** The same expression, with each clause that contains a hidden name replaced by its recorded truth. */
export function withRecordedTruths(expression: Expression, isHidden: IsHidden): Expression {
  const tree = mapClauses(expression.tree, (node) => {
    if (!hides(node, isHidden)) return node;
    const { start, end } = node;
    return { kind: "name", name: truthName(expression.source.slice(start, end)), start, end };
  });
  const needs = [...namesOf(tree)].filter((name) => limitName(name) === undefined);
  const rows = new Map([...expression.rows].filter(([name]) => needs.includes(name)));
  return { ...expression, tree, rows, needs, evaluate: compileCondition(tree, rows) };
}

function hides(node: Node, isHidden: IsHidden): boolean {
  return [...namesOf(node)].some(isHidden);
}

function mapClauses(node: Node, map: (clause: Node) => Node): Node {
  switch (node.kind) {
    case "and":
    case "or":
      return { ...node, left: mapClauses(node.left, map), right: mapClauses(node.right, map) };
    case "not":
      return { ...node, operand: mapClauses(node.operand, map) };
    default:
      return map(node);
  }
}
