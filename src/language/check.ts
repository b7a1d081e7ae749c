import { printable } from "../text/control.ts";
import { AGGREGATE_NAMES } from "./aggregate.ts";
import { didYouMean, shortened } from "../text/nearest.ts";
import { compileMatches } from "./pattern.ts";
import { minutesMeant, parseQuantity, type QuantityType, unitsOf } from "./quantity.ts";
import type { Node } from "./syntax.ts";
import type { ExpressionProblem, Span } from "./token.ts";
import { keyOf, type NameRow, type Scope, type Type, TYPE_WORDS, type Vocabulary } from "./vocabulary.ts";

/** The scope of an expression, and the names that it may use. */
export interface CheckContext {
  readonly vocabulary: Vocabulary;
  /** `group`: about all targets of a group at once, by aggregates of their names. */
  readonly scope: Scope | "group";
  /**
   * The type of each limit defined at any level; undefined if its value is wrong. The map itself is absent if the
   * limits could not be read. Both have been reported already, so errors that follow from them are not.
   */
  readonly limits: ReadonlyMap<string, QuantityType | undefined> | undefined;
  /** The metrics defined at any level; absent if they could not be read. */
  readonly metrics?: ReadonlySet<string> | undefined;
  /** The tags that are kept; absent if they could not be read. */
  readonly tags?: ReadonlySet<string> | undefined;
}

/** The message for an unknown key of each family. */
const UNKNOWN_KEYS = {
  metric: "this metric is not defined",
  tag: 'this tag is not in the list of those that are kept ("tags")',
} as const;

/** Returns all type errors of an expression. If there are none, it can be evaluated. */
export function check(root: Node, source: string, context: CheckContext): readonly ExpressionProblem[] {
  const checker = new Checker(source, context);
  checker.condition(root);
  return checker.problems;
}

/** The name of a limit in `limits.NAME`; undefined for every other name. */
export function limitName(name: string): string | undefined {
  return name.startsWith("limits.") ? name.slice("limits.".length) : undefined;
}

class Checker {
  readonly problems: ExpressionProblem[] = [];
  readonly #source: string;
  readonly #context: CheckContext;
  /** Whether what is looked at now is within an aggregate. */
  #isAggregated = false;

  constructor(source: string, context: CheckContext) {
    this.#source = source;
    this.#context = context;
  }

  /** Reports an error unless a node is a condition. */
  condition(node: Node): void {
    const type = this.#type(node);
    if (type === undefined || type === "boolean") return;
    const text = this.#text(node);
    if (isLiteral(node)) return this.#report(node, `expected a condition: ${text}`);
    const test = `${text} ${type === "string" ? "=" : ">"} …`;
    this.#report(node, `expected a condition, such as ${test}, but ${text} is ${TYPE_WORDS[type]}`);
  }

  /** The type of a node; undefined if it has an error, which has been reported. */
  #type(node: Node): Type | undefined {
    switch (node.kind) {
      case "quantity":
        return node.quantity.type;
      case "string":
      case "boolean":
        return node.kind;
      case "name":
        return this.#nameType(node, node.name);
      case "not":
        this.condition(node.operand);
        return "boolean";
      case "and":
      case "or":
        this.condition(node.left);
        this.condition(node.right);
        return "boolean";
      case "compare":
        this.#compare(node);
        return "boolean";
      case "in":
        for (const item of node.list) this.#comparable(node.operand, item);
        return "boolean";
      case "like":
      case "matches":
        this.#pattern(node);
        return "boolean";
      case "known":
        this.#type(node.operand);
        return "boolean";
      case "aggregate":
        return this.#aggregateType(node);
    }
  }

  #aggregateType(node: Extract<Node, { kind: "aggregate" }>): Type | undefined {
    const { aggregate, operand } = node;
    const { scope, vocabulary: { member } } = this.#context;
    if (scope !== "group") {
      const message = member === undefined
        ? `${aggregate}() is over a group of targets, and this condition is about one`
        : `"each: ${member}" asks about one ${member} at a time, and ${aggregate}() is over all: leave out "each"`;
      this.#report(node, `${message}: ${this.#text(node)}`);
      return undefined;
    }
    if (this.#isAggregated) {
      this.#report(node, `an aggregate is over names, not over another aggregate: ${this.#text(node)}`);
      return undefined;
    }
    this.#isAggregated = true;
    const type = this.#type(operand);
    this.#isAggregated = false;
    if (type === undefined) return undefined;
    if (isLiteral(operand) || isLimit(operand)) {
      this.#report(
        operand,
        `${aggregate}() is over a name, which has a value for each ${member}: ${this.#text(operand)}`,
      );
      return undefined;
    }
    if (aggregate === "count") return "number";
    if (type !== "string" && type !== "boolean") return type;
    const found = `${this.#text(operand)} is ${TYPE_WORDS[type]}`;
    this.#report(
      operand,
      `${aggregate}() is over amounts, but ${found}${type === "boolean" ? ", which count() takes" : ""}`,
    );
    return undefined;
  }

  #nameType(node: Span, name: string): Type | undefined {
    const limit = limitName(name);
    if (limit !== undefined) return this.#limitType(node, limit);
    const row = this.#context.vocabulary.row(name);
    if (row === undefined) {
      this.#report(node, `unknown name: ${shortened(name)}${this.#nearName(name)}`);
      return undefined;
    }
    this.#knownKey(node, name, "metric");
    this.#knownKey(node, name, "tag");
    const { scope, vocabulary: { member } } = this.#context;
    if (!this.#inScope(row)) {
      const about = member === undefined ? "the database" : `a ${member}`;
      this.#report(node, `"when" is about ${about}, and this is known of a session only: ${name}`);
    } else if (scope === "group" && !this.#isAggregated) {
      const others = AGGREGATE_NAMES.filter((name) => name !== "max").join(", ");
      const message =
        `each ${member} has its own value of this, write max(${name}), or ${others} of it, or add "each: ${member}"`;
      this.#report(node, `${message}: ${name}`);
    }
    return row.type;
  }

  #knownKey(node: Span, name: string, family: keyof typeof UNKNOWN_KEYS): void {
    const key = keyOf(family, name);
    const known = { metric: this.#context.metrics, tag: this.#context.tags }[family];
    if (key === undefined || known === undefined || known.has(key)) return;
    const near = didYouMean(name, [...known].map((each) => `${family}.${each}`));
    this.#report(node, `${UNKNOWN_KEYS[family]}: ${shortened(name)}${near}`);
  }

  #limitType(node: Span, limit: string): Type | undefined {
    const { limits } = this.#context;
    if (limits !== undefined && !limits.has(limit)) {
      const near = didYouMean(`limits.${limit}`, this.#limitNames());
      this.#report(node, `this limit is not defined: limits.${shortened(limit)}${near}`);
    }
    return limits?.get(limit);
  }

  #nearName(name: string): string {
    const { rows, familiar: elsewhere, unread } = this.#context.vocabulary;
    const familiar = elsewhere.get(name);
    if (familiar !== undefined) return ` (did you mean ${familiar}?)`;
    if (unread.has(name)) return " (this is not read: `query-sniper help names` lists what is)";
    if (this.#context.limits?.has(name)) return ` (did you mean limits.${name}?)`;
    const names = rows.filter((row) => this.#inScope(row)).map((row) => row.name);
    return didYouMean(name, [...names, ...this.#limitNames()]);
  }

  #limitNames(): readonly string[] {
    return [...this.#context.limits?.keys() ?? []].map((limit) => `limits.${limit}`);
  }

  #inScope({ scope }: NameRow): boolean {
    return scope === "database" || this.#context.scope === "session";
  }

  #compare(node: Extract<Node, { kind: "compare" }>): void {
    const type = this.#comparable(node.left, node.right);
    const isEquality = node.operator === "=" || node.operator === "!=";
    if (!isEquality && (type === "string" || type === "boolean")) {
      this.#report(node, `${TYPE_WORDS[type]} has no order, use = or !=: ${this.#text(node)}`);
    }
  }

  /** Reports an error unless two nodes have the same type and at least one is a name. Returns the type. */
  #comparable(left: Node, right: Node): Type | undefined {
    if (this.#lacksQuotes(left, right)) return undefined;
    const [leftType, rightType] = [this.#type(left), this.#type(right)];
    if (leftType === undefined || rightType === undefined) return undefined;
    if (isLiteral(left) && isLiteral(right)) {
      const text = `${this.#text(left)} and ${this.#text(right)}`;
      this.#report(left, `two written values are compared, one of them should be a name: ${text}`);
      return undefined;
    }
    const isTurned = isLiteral(left) || (isLimit(left) && !isLiteral(right));
    const [name, value] = isTurned ? [right, left] : [left, right];
    const [nameType, valueType] = isTurned ? [rightType, leftType] : [leftType, rightType];
    if (nameType !== valueType) {
      this.#mismatch({ name, nameType }, value, valueType);
      return undefined;
    }
    this.#knownValue(name, value);
    return nameType;
  }

  /** Whether one of two nodes is a word that must be a string without its quotes, which is reported. */
  #lacksQuotes(left: Node, right: Node): boolean {
    if (left.kind !== "name" || right.kind !== "name" || limitName(right.name) !== undefined) return false;
    const { vocabulary } = this.#context;
    const row = vocabulary.row(left.name);
    if (row?.type !== "string" || vocabulary.row(right.name) !== undefined) return false;
    if (right.name === "null") {
      this.#report(
        right,
        `nothing is NULL here, write "is unknown", or '' for what is absent: ${this.#text(right)}`,
      );
      return true;
    }
    if (didYouMean(right.name, vocabulary.rows.map(({ name }) => name)) !== "" && row.values === undefined) {
      return false;
    }
    const text = `'${this.#text(right)}'`;
    this.#report(right, `unknown name: ${this.#text(right)} (did you mean ${text}? A text stands in quotes)`);
    return true;
  }

  #mismatch(
    { name, nameType }: { readonly name: Node; readonly nameType: Type },
    value: Node,
    valueType: Type,
  ): void {
    const subject = `${this.#text(name)} is ${TYPE_WORDS[nameType]}`;
    const found = this.#text(value);
    if (value.kind === "string" && quantityType(value.value) === nameType) {
      return this.#report(value, `${subject}, write it without quotes: ${found}`);
    }
    if (valueType === "number" && isUnitType(nameType)) {
      const problem = this.#lacksUnit(value, nameType);
      if (problem !== undefined) return this.#report(value, `${subject}${problem}: ${found}`);
    }
    this.#report(value, `${subject}, and cannot be compared with ${TYPE_WORDS[valueType]}: ${found}`);
  }

  /** The message for a number that needs a unit; undefined if the node is not a bare number. */
  #lacksUnit(value: Node, type: Exclude<QuantityType, "number">): string | undefined {
    const minutes = type === "duration" ? minutesMeant(this.#text(value)) : undefined;
    if (minutes !== undefined) return `, and ${minutes}`;
    if (value.kind === "quantity") return ` and needs a unit (${unitsOf(type)})`;
    return isLimit(value)
      ? `, and this limit is a number, does it lack a unit (${unitsOf(type)})?`
      : undefined;
  }

  #knownValue(name: Node, value: Node): void {
    if (name.kind !== "name" || value.kind !== "string") return;
    const values = this.#context.vocabulary.row(name.name)?.values;
    if (values === undefined || values.includes(value.value)) return;
    const near = didYouMean(value.value, values, "'");
    this.#report(value, `${name.name} never has this value: ${this.#text(value)}${near}`);
  }

  #pattern(node: Extract<Node, { kind: "like" | "matches" }>): void {
    const type = this.#type(node.operand);
    if (type !== undefined && type !== "string") {
      const text = this.#text(node.operand);
      this.#report(node.operand, `"${node.kind}" needs a string, but ${text} is ${TYPE_WORDS[type]}`);
    }
    if (node.kind !== "matches") return;
    const compiled = compileMatches(node.pattern);
    if (typeof compiled === "string") {
      const span = { start: node.patternStart, end: node.end };
      const reason = printable(compiled);
      this.#report(span, `not a regular expression in RE2 syntax (${reason}): ${this.#text(span)}`);
    }
  }

  #text({ start, end }: Span): string {
    return printable(shortened(this.#source.slice(start, end)));
  }

  #report(span: Span, message: string): void {
    this.problems.push({ offset: span.start, message });
  }
}

function isLiteral(node: Node): boolean {
  return node.kind === "quantity" || node.kind === "string" || node.kind === "boolean";
}

function isLimit(node: Node): boolean {
  return node.kind === "name" && limitName(node.name) !== undefined;
}

function isUnitType(type: Type): type is Exclude<QuantityType, "number"> {
  return type === "duration" || type === "bytes" || type === "percent";
}

function quantityType(text: string): QuantityType | undefined {
  const quantity = parseQuantity(text);
  return typeof quantity === "string" ? undefined : quantity.type;
}
