import { limitName } from "./check.ts";
import type { Expression } from "./expression.ts";
import { exclude, type Fact, isEmpty, known, rangeOf, runningOf, stringsIn } from "./fact.ts";
import { formatQuantity } from "./quantity.ts";
import type { CompareOperator, Node } from "./syntax.ts";

/** Values known in advance, by name or as `limits.NAME`. */
export type Constants = Readonly<Partial<Record<string, number | boolean>>>;

/**
 * The clauses that make it impossible for a condition to be true, as text. Undefined if it may be true, or if the
 * condition and the constants do not decide that.
 */
export function whyNeverTrue(expression: Expression, constants: Constants = {}): string | undefined {
  return whyNever(expression, true, constants);
}

/** The clauses that make it impossible for a condition to be false; see {@linkcode whyNeverTrue}. */
export function whyNeverFalse(expression: Expression, constants: Constants = {}): string | undefined {
  return whyNever(expression, false, constants);
}

/** Whether `narrow` being true means that `broad` is true too, as far as their clauses and the constants show. */
export function implies(narrow: Expression, broad: Expression, constants: Constants = {}): boolean {
  const [ways, others] = [waysTo(narrow.tree, true), waysTo(broad.tree, false)];
  if (ways === undefined || others === undefined || ways.length * others.length > MOST_WAYS) return false;
  const [reader, otherReader] = [narrow, broad].map((each) => new FactReader(each, constants));
  return ways.every((way) =>
    others.every((other) => {
      const clauses = [
        ...way.map((claim) => reader!.facts(claim)),
        ...other.map((claim) => otherReader!.facts(claim)),
      ];
      return conflictOf(clauses) !== undefined;
    })
  );
}

function whyNever(expression: Expression, truth: boolean, constants: Constants): string | undefined {
  const ways = waysTo(expression.tree, truth);
  if (ways === undefined) return undefined;
  const reader = new FactReader(expression, constants);
  const conflicts = ways.map((way) => conflictOf(way.map((claim) => reader.facts(claim))));
  return conflicts.includes(undefined) ? undefined : conflicts[0];
}

/** A node other than `and`, `or` and `not`, and the truth value it must have. */
interface Claim {
  readonly node: Node;
  readonly truth: boolean;
}

/** The most combinations that are examined. A condition with more of them counts as undecided. */
const MOST_WAYS = 64;

/** All combinations of claims that give a node this truth value. Undefined if there are too many. */
function waysTo(node: Node, truth: boolean): readonly (readonly Claim[])[] | undefined {
  switch (node.kind) {
    case "not":
      return waysTo(node.operand, !truth);
    case "and":
    case "or": {
      const [left, right] = [waysTo(node.left, truth), waysTo(node.right, truth)];
      if (left === undefined || right === undefined) return undefined;
      const isBoth = (node.kind === "and") === truth;
      const ways = isBoth
        ? left.length * right.length > MOST_WAYS ? [] : left.flatMap((a) => right.map((b) => [...a, ...b]))
        : [...left, ...right];
      return ways.length === 0 || ways.length > MOST_WAYS ? undefined : ways;
    }
    default:
      return [[{ node, truth }]];
  }
}

/** A clause as printed, and what is known if it holds. */
interface Clause {
  readonly text: string;
  readonly facts: readonly Fact[];
}

/** The first clauses that contradict each other, as text. */
function conflictOf(clauses: readonly Clause[]): string | undefined {
  for (const [index, { text, facts }] of clauses.entries()) {
    if (facts.some(({ kind }) => kind === "never")) return text;
    const other = clauses.slice(0, index).find((earlier) =>
      earlier.facts.some((a) => facts.some((b) => exclude(a, b)))
    );
    if (other !== undefined) return `${other.text} and ${text}`;
  }
}

const MIRRORED: Readonly<Record<CompareOperator, CompareOperator>> = {
  "=": "=",
  "!=": "!=",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

const NEGATED: Readonly<Record<CompareOperator, CompareOperator>> = {
  "=": "!=",
  "!=": "=",
  "<": ">=",
  "<=": ">",
  ">": "<=",
  ">=": "<",
};

class FactReader {
  readonly #expression: Expression;
  readonly #constants: Constants;

  constructor(expression: Expression, constants: Constants) {
    this.#expression = expression;
    this.#constants = constants;
  }

  facts({ node, truth }: Claim): Clause {
    const said = this.#said(node, truth);
    const implied = said.flatMap((fact) => runningOf(fact, this.#expression.rows)).map((value): Fact => ({
      kind: "boolean",
      name: "running",
      value,
    }));
    const facts = [...said, ...implied, wholeClause(node, truth)];
    const impossible = facts.some((fact) => this.#isExcluded(fact));
    return {
      text: `${truth ? "" : "not "}${this.#text(node)}`,
      facts: impossible ? [{ kind: "never" }] : facts,
    };
  }

  /** The source of a clause, with the values of its limits. */
  #text(node: Node): string {
    const { source, limitTypes } = this.#expression;
    const text = source.slice(node.start, node.end).replace(/\s+/g, " ");
    return text.replace(/\blimits\.\w+/gi, (name) => {
      const type = limitTypes.get(limitName(name.toLowerCase()) ?? "");
      const value = this.#constants[name.toLowerCase()];
      return type === undefined || typeof value !== "number"
        ? name
        : `${name} (${formatQuantity({ type, value })})`;
    });
  }

  #isExcluded(fact: Fact): boolean {
    if (fact.kind === "never") return true;
    const constant = this.#constants[fact.name];
    if (constant === undefined) return false;
    if (fact.kind === "known") return !fact.value;
    if (fact.kind === "boolean") return constant !== fact.value;
    const closed = { min: true, max: true };
    return fact.kind === "range" && typeof constant === "number" &&
      isEmpty(fact.range, { min: constant, max: constant, closed });
  }

  #said(node: Node, truth: boolean): readonly Fact[] {
    switch (node.kind) {
      case "boolean":
        return node.value === truth ? [] : [{ kind: "never" }];
      case "name":
        return [...this.#known(node), { kind: "boolean", name: node.name, value: truth }];
      case "known":
        if (node.operand.kind !== "name") return [];
        return [{ kind: "known", name: node.operand.name, value: node.known === truth }];
      case "in":
        return [...this.#known(node.operand), ...stringsIn(node.operand, node.list, truth !== node.negated)];
      case "compare":
        return [
          ...this.#known(node.left),
          ...this.#known(node.right),
          ...this.#compared(node.left, truth ? node.operator : NEGATED[node.operator], node.right),
        ];
      case "like":
      case "matches":
        return this.#known(node.operand);
      default:
        return [];
    }
  }

  #known(node: Node): readonly Fact[] {
    return known(node, this.#expression.rows);
  }

  #compared(left: Node, operator: CompareOperator, right: Node): readonly Fact[] {
    if (left.kind !== "name" || limitName(left.name) !== undefined) {
      return right.kind === "name" && limitName(right.name) === undefined
        ? this.#compared(right, MIRRORED[operator], left)
        : [];
    }
    const isEquality = operator === "=" || operator === "!=";
    if (right.kind === "string" && isEquality) return stringsIn(left, [right], operator === "=");
    if (right.kind === "boolean" && isEquality) {
      return [{ kind: "boolean", name: left.name, value: right.value === (operator === "=") }];
    }
    const value = right.kind === "quantity"
      ? right.quantity.value
      : right.kind === "name"
      ? this.#constants[right.name]
      : undefined;
    if (typeof value !== "number") return [];
    if (operator === "!=") return this.#constants[left.name] === value ? [{ kind: "never" }] : [];
    return [{ kind: "range", name: left.name, range: rangeOf(operator, value) }];
  }
}

/** A fact about a clause as a whole: it contradicts its own negation, even if nothing is known about its parts. */
function wholeClause(node: Node, truth: boolean): Fact {
  const { negated } = node as { readonly negated?: boolean };
  const aside = ["start", "end", "patternStart", "negated"];
  const name = JSON.stringify(node, (key, value) => aside.includes(key) ? undefined : value);
  return { kind: "boolean", name, value: truth !== (negated ?? false) };
}
