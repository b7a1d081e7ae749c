import type { Expression } from "./expression.ts";
import type { Node } from "./syntax.ts";

/** A set of truth values: what an expression may come to, as far as its text alone tells. */
type Truths = number;
const TRUE: Truths = 1;
const FALSE: Truths = 2;
const UNKNOWN: Truths = 4;
const ANY: Truths = TRUE | FALSE | UNKNOWN;

/** Whether any session that runs a statement could be selected by an expression. */
export function canSelectRunning({ tree }: Expression): boolean {
  return (truthsOfRunning(tree) & TRUE) !== 0;
}

function truthsOfRunning(node: Node): Truths {
  switch (node.kind) {
    case "boolean":
      return node.value ? TRUE : FALSE;
    case "name":
      return node.name === "running" ? TRUE : node.name === "idle" ? FALSE : ANY;
    case "not":
      return negated(truthsOfRunning(node.operand));
    case "and":
      return conjunction(truthsOfRunning(node.left), truthsOfRunning(node.right));
    case "or":
      return negated(
        conjunction(negated(truthsOfRunning(node.left)), negated(truthsOfRunning(node.right))),
      );
    case "compare":
      if (isIdleTime(node.left) || isIdleTime(node.right)) return UNKNOWN;
      if (!isIdleValue(node.left, node.right) && !isIdleValue(node.right, node.left)) return ANY;
      return node.operator === "=" ? FALSE : TRUE;
    case "in":
      if (isIdleTime(node.operand)) return UNKNOWN;
      if (!node.list.every((item) => isIdleValue(node.operand, item))) return ANY;
      return node.negated ? TRUE : FALSE;
    case "known":
      return isIdleTime(node.operand) ? (node.known ? FALSE : TRUE) : ANY;
    default:
      return ANY;
  }
}

function isIdleTime(node: Node): boolean {
  return node.kind === "name" && node.name === "idle_time";
}

/** What a name stands for in idle sessions only. */
const IDLE_VALUES: Readonly<Partial<Record<string, string>>> = { command: "Sleep", verb: "", sql: "" };

function isIdleValue(name: Node, value: Node): boolean {
  return name.kind === "name" && value.kind === "string" && IDLE_VALUES[name.name] === value.value;
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
