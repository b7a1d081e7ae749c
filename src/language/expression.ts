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
  /** The vocabulary rows of its names, without limits. */
  readonly rows: Rows;
  readonly limitTypes: ReadonlyMap<string, QuantityType | undefined>;
  /** The names whose values must be read before it can be evaluated. */
  readonly needs: readonly string[];
  /** The limits that it refers to, without `limits.`. */
  readonly limits: readonly string[];
  /** The metrics that it refers to, without `metric.`. */
  readonly metrics: readonly string[];
  /** Evaluates it. A closure, so not printable. */
  readonly evaluate: Condition;
}

/** The compiled expression, or everything that is wrong with the text. */
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
 * The strings that an expression requires a name to have: those of `name = '…'` and `name in ('…')` that are not
 * negated.
 */
export function valuesNamed(expression: Expression, name: string): ReadonlySet<string> {
  const values = new Set<string>();
  collectNamed(expression.tree, name, values);
  return values;
}

/**
 * Whether an expression names the current value of a name on purpose: by an `=`, `in`, `like` or `matches` that is
 * true of it and is not negated.
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
