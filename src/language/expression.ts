import { check, type CheckContext, limitName } from "./check.ts";
import { compileCondition, type Condition } from "./evaluate.ts";
import { parse } from "./parse.ts";
import type { QuantityType } from "./quantity.ts";
import type { Subject } from "./reading.ts";
import { namesOf, type Node } from "./syntax.ts";
import { keyOf, type Rows } from "./vocabulary.ts";
import { ExpressionError, type ExpressionProblem } from "./token.ts";

/** A checked and compiled expression. */
export interface Expression {
  readonly source: string;
  readonly tree: Node;
  /** Of the names in it, but for limits. */
  readonly rows: Rows;
  readonly limitTypes: ReadonlyMap<string, QuantityType | undefined>;
  /** The names of the vocabulary that have to be read before this can be evaluated. */
  readonly needs: readonly string[];
  /** The limits that it refers to, without `limits.`. */
  readonly limits: readonly string[];
  /** The metrics that it refers to, without `metric.`. */
  readonly metrics: readonly string[];
  /** Not for printing: the closure made from the tree. */
  readonly evaluate: Condition;
}

/** Whether the text was an expression, and if not, everything that is wrong with it. */
export type CompileResult =
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly problems: readonly ExpressionProblem[] };

/** Reads, checks and compiles an expression of the policy language. */
export function compileExpression(source: string, context: CheckContext): CompileResult {
  try {
    const tree = parse(source);
    const problems = check(tree, source, context);
    if (problems.length > 0) return { ok: false, problems };
    return { ok: true, expression: makeExpression(source, tree, context) };
  } catch (error) {
    if (error instanceof ExpressionError) return { ok: false, problems: [error.problem] };
    throw error;
  }
}

function makeExpression(source: string, tree: Node, context: CheckContext): Expression {
  const names = [...namesOf(tree)];
  const rows = new Map(names.flatMap((name) => {
    const row = context.vocabulary.row(name);
    return row === undefined ? [] : [[name, row]];
  }));
  return {
    source,
    tree,
    rows,
    limitTypes: context.limits ?? new Map(),
    needs: names.filter((name) => limitName(name) === undefined),
    limits: names.flatMap((name) => limitName(name) ?? []),
    metrics: names.flatMap((name) => keyOf("metric", name) ?? []),
    evaluate: compileCondition(tree, rows),
  };
}

/**
 * The strings that an expression asks a name to be: those of `name = '…'` and `name in ('…')` that are
 * not turned round by a `not`.
 */
export function valuesNamed(expression: Expression, name: string): ReadonlySet<string> {
  const values = new Set<string>();
  collectNamed(expression.tree, name, values);
  return values;
}

/**
 * Whether an expression asks for the value that a name has: by a test with `=`, `in`, `like` or `matches` that holds
 * of it, and is not turned round by a `not`.
 */
export function asksForValue({ tree, rows }: Expression, name: string, subject: Subject): boolean {
  return hasTest(tree, name, (test) => compileCondition(test, rows)(subject) === true);
}

function hasTest(node: Node, name: string, holds: (test: Node) => boolean): boolean {
  const is = (node: Node) => node.kind === "name" && node.name === name;
  switch (node.kind) {
    case "and":
    case "or":
      return hasTest(node.left, name, holds) || hasTest(node.right, name, holds);
    case "compare":
      return node.operator === "=" && (is(node.left) || is(node.right)) && holds(node);
    case "in":
    case "like":
    case "matches":
      return !node.negated && is(node.operand) && holds(node);
    default:
      return false;
  }
}

function collectNamed(node: Node, name: string, values: Set<string>): void {
  const is = (node: Node) => node.kind === "name" && node.name === name;
  const add = (node: Node) => node.kind === "string" && values.add(node.value);
  switch (node.kind) {
    case "and":
    case "or":
      collectNamed(node.left, name, values);
      collectNamed(node.right, name, values);
      break;
    case "compare":
      if (node.operator !== "=") break;
      if (is(node.left)) add(node.right);
      if (is(node.right)) add(node.left);
      break;
    case "in":
      if (!node.negated && is(node.operand)) node.list.forEach(add);
  }
}
