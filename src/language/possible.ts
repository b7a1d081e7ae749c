import type { Expression } from "./expression.ts";
import type { Node } from "./syntax.ts";
import { type Activity, isIdleValue, type Rows } from "./vocabulary.ts";

/** A set of possible truth values, as a bit mask. */
type Truths = number;
const TRUE: Truths = 1;
const FALSE: Truths = 2;
const UNKNOWN: Truths = 4;
const ANY: Truths = TRUE | FALSE | UNKNOWN;

type Reachable = Pick<Expression, "tree" | "rows">;

/** Whether an expression could be true of a running session. */
export function canSelectRunning({ tree, rows }: Reachable): boolean {
  return (truthsOf(tree, "running", rows) & TRUE) !== 0;
}

/** Whether an expression could be true of an idle session. */
export function canSelectIdle({ tree, rows }: Reachable): boolean {
  return (truthsOf(tree, "idle", rows) & TRUE) !== 0;
}

/** Whether an expression is true of every session, as far as its text shows. */
export function selectsEverybody({ tree, rows }: Reachable): boolean {
  return truthsOf(tree, "running", rows) === TRUE && truthsOf(tree, "idle", rows) === TRUE;
}

function truthsOf(node: Node, activity: Activity, rows: Rows): Truths {
  const of = (node: Node) => truthsOf(node, activity, rows);
  const isUnknown = (node: Node) => {
    const { known_while } = node.kind === "name" && rows.get(node.name) || {};
    return known_while !== undefined && known_while !== activity;
  };
  const isIdle = (name: Node, value: Node) =>
    name.kind === "name" && value.kind === "string" && isIdleValue(rows.get(name.name), value.value);
  switch (node.kind) {
    case "boolean":
      return node.value ? TRUE : FALSE;
    case "name":
      return node.name === "running" || node.name === "idle" ? (node.name === activity ? TRUE : FALSE) : ANY;
    case "not":
      return negated(of(node.operand));
    case "and":
      return conjunction(of(node.left), of(node.right));
    case "or":
      return negated(conjunction(negated(of(node.left)), negated(of(node.right))));
    case "compare":
      if (isUnknown(node.left) || isUnknown(node.right)) return UNKNOWN;
      if (activity === "idle") return ANY;
      if (!isIdle(node.left, node.right) && !isIdle(node.right, node.left)) return ANY;
      return node.operator === "=" ? FALSE : TRUE;
    case "in":
      if (isUnknown(node.operand)) return UNKNOWN;
      if (activity === "idle" || !node.list.every((item) => isIdle(node.operand, item))) return ANY;
      return node.negated ? TRUE : FALSE;
    case "known":
      return isUnknown(node.operand) ? (node.known ? FALSE : TRUE) : ANY;
    default:
      return ANY;
  }
}

function negated(truths: Truths): Truths {
  return (truths & UNKNOWN) | (truths & TRUE ? FALSE : 0) | (truths & FALSE ? TRUE : 0);
}

function conjunction(left: Truths, right: Truths): Truths {
  const either = left | right;
  return (left & right & TRUE) | (either & FALSE) |
    ((left & UNKNOWN && right & (TRUE | UNKNOWN)) || (right & UNKNOWN && left & (TRUE | UNKNOWN))
      ? UNKNOWN
      : 0);
}
