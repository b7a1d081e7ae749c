import type { Expression } from "./expression.ts";
import type { Node } from "./syntax.ts";

/** A set of truth values: what an expression may come to, as far as its text alone tells. */
type Truths = number;
const TRUE: Truths = 1;
const FALSE: Truths = 2;
const UNKNOWN: Truths = 4;
const ANY: Truths = TRUE | FALSE | UNKNOWN;

/** What a session does that may be selected. */
type Activity = "running" | "idle";

/** The age that a session of the other kind has: unknown here. */
const OTHER_AGE: Readonly<Record<Activity, string>> = { running: "idle_time", idle: "time" };

/** Whether any session that runs a statement could be selected by an expression. */
export function canSelectRunning({ tree }: Expression): boolean {
  return (truthsOf(tree, "running") & TRUE) !== 0;
}

/** Whether any session that is idle could be. */
export function canSelectIdle({ tree }: Expression): boolean {
  return (truthsOf(tree, "idle") & TRUE) !== 0;
}

/** Whether every session is selected by an expression, as far as its text alone tells. */
export function selectsEverybody({ tree }: Pick<Expression, "tree">): boolean {
  return truthsOf(tree, "running") === TRUE && truthsOf(tree, "idle") === TRUE;
}

function truthsOf(node: Node, activity: Activity): Truths {
  const isUnknown = (node: Node) => node.kind === "name" && node.name === OTHER_AGE[activity];
  switch (node.kind) {
    case "boolean":
      return node.value ? TRUE : FALSE;
    case "name":
      return node.name === "running" || node.name === "idle" ? (node.name === activity ? TRUE : FALSE) : ANY;
    case "not":
      return negated(truthsOf(node.operand, activity));
    case "and":
      return conjunction(truthsOf(node.left, activity), truthsOf(node.right, activity));
    case "or":
      return negated(
        conjunction(negated(truthsOf(node.left, activity)), negated(truthsOf(node.right, activity))),
      );
    case "compare":
      if (isUnknown(node.left) || isUnknown(node.right)) return UNKNOWN;
      if (activity === "idle") return ANY;
      if (!isIdleValue(node.left, node.right) && !isIdleValue(node.right, node.left)) return ANY;
      return node.operator === "=" ? FALSE : TRUE;
    case "in":
      if (isUnknown(node.operand)) return UNKNOWN;
      if (activity === "idle" || !node.list.every((item) => isIdleValue(node.operand, item))) return ANY;
      return node.negated ? TRUE : FALSE;
    case "known":
      return isUnknown(node.operand) ? (node.known ? FALSE : TRUE) : ANY;
    default:
      return ANY;
  }
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
