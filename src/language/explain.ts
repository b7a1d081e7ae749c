import { digestText } from "../digest/mod.ts";
import { limitName } from "./check.ts";
import { compileCondition, compileOperand, type Truth } from "./evaluate.ts";
import { formatQuantity } from "./quantity.ts";
import { isUnknown, leastOf, type Reading, type Subject } from "./reading.ts";
import { clauseOf } from "./recorded.ts";
import { namesOf, type Node } from "./syntax.ts";
import type { Span } from "./token.ts";
import type { Rows, Type } from "./vocabulary.ts";

/**
 * One clause that decided the result, with the values that it compared. The value of `sql` is shown as its digest
 * text. A clause includes its `not`, so that its truth is that of the result: `not (a or b)` is explained by
 * `not a`.
 */
export interface Clause {
  readonly expression: string;
  readonly left: string;
  readonly right?: string;
  /** How a value was measured, if there are several methods. */
  readonly by?: string;
}

/** The truth of an expression, and the clauses that decided it. */
export interface ExplainedTruth {
  readonly truth: Truth;
  readonly because: readonly Clause[];
}

/** The parts of an expression that are needed to explain it. */
export interface Explainable {
  readonly source: string;
  readonly tree: Node;
  readonly rows: Rows;
  readonly limitTypes: ReadonlyMap<string, Type | undefined>;
}

/**
 * Evaluates an expression again, more slowly, and collects the clauses that decided: the true sides of a true `or`,
 * the false sides of a false `and`, the unknown sides of an unknown one; otherwise both.
 */
export function explain(expression: Explainable, subject: Subject): ExplainedTruth {
  return new Explainer(expression, subject).node(expression.tree);
}

/** The most extra decimals. Values that differ by less are shown as equal. */
const MOST_DECIMALS = 12;

class Explainer {
  readonly #expression: Explainable;
  readonly #subject: Subject;

  constructor(expression: Explainable, subject: Subject) {
    this.#expression = expression;
    this.#subject = subject;
  }

  /** The truth of a node and why; with `turned`, those of its negation, because there is a `not` around it. */
  node(node: Node, turned = false): ExplainedTruth {
    if (isPair(node)) {
      const truth = turn(compileCondition(node, this.#expression.rows)(this.#subject), turned);
      const sides = [this.node(node.left, turned), this.node(node.right, turned)];
      const because = sides.filter((side) => side.truth === truth).flatMap((side) => side.because);
      return { truth, because };
    }
    const { inner, isNegated } = withoutNot(node);
    const negated = isNegated !== turned;
    if (isPair(inner)) return this.node(inner, negated);
    const told = turned ? `${negated ? "not " : ""}${this.#text(inner)}` : this.#text(node);
    const truth = turn(compileCondition(inner, this.#expression.rows)(this.#subject), negated);
    return { truth, because: [this.#clause(inner, told, negated)] };
  }

  /** A clause as printed, with its `not`, so that it has the truth of the result. */
  #clause(node: Test, expression: string, negated: boolean): Clause {
    const by = [...namesOf(node)].map((name) => this.#wayOf(name)).find((way) => way !== undefined);
    return { expression, ...this.#values(node, negated), ...by !== undefined && { by } };
  }

  #wayOf(name: string): string | undefined {
    return clauseOf(name) === undefined ? this.#subject.methods?.[name] : "recorded truth";
  }

  #values(node: Test, negated: boolean): Pick<Clause, "left" | "right"> {
    switch (node.kind) {
      case "compare":
        return this.#sides(node.left, node.right);
      case "in":
        return {
          left: this.#value(node.operand),
          right: `(${node.list.map((item) => this.#value(item)).join(", ")})`,
        };
      case "like":
      case "matches":
        return {
          left: this.#value(node.operand),
          right: this.#text({ start: node.patternStart, end: node.end }),
        };
      case "known":
        return { left: this.#value(node.operand) };
      default: {
        const reading = this.#reading(node);
        // A bare name: the value shown is that of `not idle`, not of `idle`.
        return { left: negated && typeof reading === "boolean" ? String(!reading) : this.#value(node) };
      }
    }
  }

  #text({ start, end }: Span): string {
    return this.#expression.source.slice(start, end);
  }

  /** Both sides of a comparison, with enough decimals to tell different numbers apart. */
  #sides(left: Node, right: Node): { readonly left: string; readonly right: string } {
    const [first, second] = [left, right].map((node) => this.#reading(node));
    for (let more = 0;; more++) {
      const sides = { left: this.#value(left, more), right: this.#value(right, more) };
      if (sides.left !== sides.right || first === second || more === MOST_DECIMALS) return sides;
    }
  }

  #value(node: Node, more = 0): string {
    const reading = this.#reading(node);
    // A mean seldom has an end.
    const isMean = node.kind === "aggregate" && node.aggregate === "avg" && typeof reading === "number";
    const shown = isMean ? Number(reading.toFixed(3 + more)) : reading;
    return formatReading(shown, this.#typeOfNode(node), more);
  }

  #typeOfNode(node: Node): Type | undefined {
    if (node.kind === "name") return this.#typeOf(node.name);
    if (node.kind !== "aggregate") return literalType(node);
    return node.aggregate === "count" ? "number" : this.#typeOfNode(node.operand);
  }

  #reading(node: Node): Reading | undefined {
    return compileOperand(node, this.#expression.rows)(this.#subject);
  }

  #typeOf(name: string): Type | undefined {
    const limit = limitName(name);
    return limit === undefined
      ? this.#expression.rows.get(name)?.type
      : this.#expression.limitTypes.get(limit);
  }
}

type Pair = Extract<Node, { kind: "and" | "or" }>;
/** A node other than `and`, `or` and `not`. */
type Test = Exclude<Node, Pair | { kind: "not" }>;

function isPair(node: Node): node is Pair {
  return node.kind === "and" || node.kind === "or";
}

function withoutNot(node: Node): { readonly inner: Test | Pair; readonly isNegated: boolean } {
  if (node.kind !== "not") return { inner: node, isNegated: false };
  const { inner, isNegated } = withoutNot(node.operand);
  return { inner, isNegated: !isNegated };
}

function turn(truth: Truth, turned: boolean): Truth {
  return truth === undefined ? undefined : truth !== turned;
}

function literalType(node: Node): Type | undefined {
  return node.kind === "quantity" ? node.quantity.type : undefined;
}

function formatReading(reading: Reading | undefined, type: Type | undefined, more: number): string {
  if (reading === undefined) return "unknown: not read";
  if (isUnknown(reading)) {
    const least = leastOf(reading);
    return least === undefined
      ? `unknown: ${reading.unknown}`
      : `at least ${formatReading(least, type, more)}, unknown beyond: ${reading.unknown}`;
  }
  if (typeof reading === "object") return digestText(reading.text.reveal(), { cut: reading.cut });
  if (typeof reading === "string") return `'${reading.replaceAll("'", "''")}'`;
  if (typeof reading === "boolean") return String(reading);
  if (Number.isNaN(reading)) return "unknown: not a number";
  if (type === undefined || type === "string" || type === "boolean") return String(reading);
  return formatQuantity({ type, value: reading }, more);
}
