import { aggregated } from "./aggregate.ts";
import { limitName } from "./check.ts";
import { compileLike, compileMatches, type Matcher } from "./pattern.ts";
import { leastOf, NOT_READ_YET, type Reading, type Subject, type Unknown } from "./reading.ts";
import type { CompareOperator, Node } from "./syntax.ts";
import type { Rows } from "./vocabulary.ts";

/** SQL's three truth values; `undefined` is unknown. */
export type Truth = boolean | undefined;

/** A compiled condition. */
export type Condition = (subject: Subject) => Truth;

type Operand = (subject: Subject) => Reading | undefined;

const CONDITIONS = new WeakMap<Node, Condition>();

/** Compiles a tree without errors (see {@linkcode check}) into a closure. */
export function compileCondition(node: Node, rows: Rows): Condition {
  const known = CONDITIONS.get(node);
  if (known !== undefined) return known;
  const made = makeCondition(node, rows);
  CONDITIONS.set(node, made);
  return made;
}

function makeCondition(node: Node, rows: Rows): Condition {
  switch (node.kind) {
    case "and":
      return and(compileCondition(node.left, rows), compileCondition(node.right, rows));
    case "or":
      return or(compileCondition(node.left, rows), compileCondition(node.right, rows));
    case "not":
      return not(compileCondition(node.operand, rows));
    case "compare":
      return compare(node.operator, compileOperand(node.left, rows), compileOperand(node.right, rows));
    case "in":
      return compileIn(node, rows);
    case "like":
    case "matches":
      return compilePattern(node, rows);
    case "known":
      return compileKnown(node, rows);
    default: {
      const operand = compileOperand(node, rows);
      return (subject) => {
        const reading = operand(subject);
        return typeof reading === "boolean" ? reading : undefined;
      };
    }
  }
}

function and(left: Condition, right: Condition): Condition {
  return (subject) => {
    const first = left(subject);
    if (first === false) return false;
    const second = right(subject);
    return second === false ? false : first && second;
  };
}

function or(left: Condition, right: Condition): Condition {
  return (subject) => {
    const first = left(subject);
    if (first === true) return true;
    const second = right(subject);
    if (second === true) return true;
    return first === undefined ? undefined : second;
  };
}

function not(operand: Condition): Condition {
  return (subject) => {
    const truth = operand(subject);
    return truth === undefined ? undefined : !truth;
  };
}

/** Compiles a node into a closure that returns its value. For a condition that is its truth. */
export function compileOperand(node: Node, rows: Rows): Operand {
  switch (node.kind) {
    case "quantity": {
      const { value } = node.quantity;
      return () => value;
    }
    case "string":
    case "boolean": {
      const { value } = node;
      return () => value;
    }
    case "name":
      return compileName(node.name, rows);
    case "aggregate":
      return compileAggregate(node, rows);
    default:
      return compileCondition(node, rows);
  }
}

function compileName(name: string, rows: Rows): Operand {
  const limit = limitName(name);
  if (limit !== undefined) return ({ limits }) => limits[limit];
  if (rows.get(name)?.scope === "database") return ({ database }) => database[name];
  return ({ session }) => session?.[name];
}

/** The operand is evaluated for each member, as an expression about that one alone is. */
function compileAggregate(
  { aggregate, operand }: Extract<Node, { kind: "aggregate" }>,
  rows: Rows,
): Operand {
  const read = compileOperand(operand, rows);
  const isCondition = operand.kind !== "name";
  return ({ members = [], ...subject }) =>
    aggregated(
      aggregate,
      members.map((member) => {
        const reading = read({ ...subject, database: member.readings });
        return { member, reading: reading ?? (isCondition ? UNDECIDED : undefined) };
      }),
    );
}

/** What a condition that is unknown counts as. */
const UNDECIDED: Unknown = { unknown: "a value of the condition is unknown" };

const COMPARISONS: Readonly<Record<CompareOperator, (left: number, right: number) => boolean>> = {
  "=": (left, right) => left === right,
  "!=": (left, right) => left !== right,
  "<": (left, right) => left < right,
  "<=": (left, right) => left <= right,
  ">": (left, right) => left > right,
  ">=": (left, right) => left >= right,
};

function compare(operator: CompareOperator, left: Operand, right: Operand): Condition {
  const test = COMPARISONS[operator];
  const isEquality = operator === "=" || operator === "!=";
  return (subject) => {
    const [one, other] = [left(subject), right(subject)];
    const [first, second] = [whole(one), whole(other)];
    if (first === undefined) {
      return typeof second === "number" ? compareBound(operator, one, second) : undefined;
    }
    if (second === undefined) {
      return typeof first === "number" ? compareBound(TURNED[operator], other, first) : undefined;
    }
    if (typeof first === "number" && typeof second === "number") return test(first, second);
    // A value may not have the type that the vocabulary states. Such a comparison is unknown.
    if (typeof first !== typeof second || !isEquality) return undefined;
    return (first === second) === (operator === "=");
  };
}

/** Each operator with its sides swapped. */
export const TURNED: Readonly<Record<CompareOperator, CompareOperator>> = {
  "=": "=",
  "!=": "!=",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

/** Compares a value of which only a lower bound is known. The result is unknown unless the bound decides it. */
function compareBound(operator: CompareOperator, reading: Reading | undefined, value: number): Truth {
  const least = leastOf(reading);
  if (least === undefined) return undefined;
  const isBeyond = BOUND_BEYOND[operator] === ">=" ? least >= value : least > value;
  return isBeyond ? operator === ">" || operator === ">=" || operator === "!=" : undefined;
}

/** How a lower bound of the left side must compare with the right side to decide each comparison. */
export const BOUND_BEYOND: Readonly<Record<CompareOperator, ">" | ">=">> = {
  "=": ">",
  "!=": ">",
  "<": ">=",
  "<=": ">",
  ">": ">",
  ">=": ">=",
};

/** The value of a reading; undefined if it is unknown or incomplete. */
function whole(reading: Reading | undefined): number | string | boolean | undefined {
  switch (typeof reading) {
    case "number":
      return Number.isNaN(reading) ? undefined : reading;
    case "object":
      return "text" in reading && !reading.cut ? reading.text.reveal() : undefined;
    default:
      return reading;
  }
}

function compileIn({ operand, list, negated }: Extract<Node, { kind: "in" }>, rows: Rows): Condition {
  const subjectOperand = compileOperand(operand, rows);
  const tests = list.map((item) => compare("=", subjectOperand, compileOperand(item, rows)));
  return (subject) => {
    let found: Truth = false;
    for (const test of tests) {
      const truth = test(subject);
      if (truth === true) return !negated;
      if (truth === undefined) found = undefined;
    }
    return found === undefined ? undefined : negated;
  };
}

function compilePattern(node: Extract<Node, { kind: "like" | "matches" }>, rows: Rows): Condition {
  const operand = compileOperand(node.operand, rows);
  const matcher = node.kind === "like" ? compileLike(node.pattern) : compileMatches(node.pattern) as Matcher;
  const condition: Condition = (subject) => {
    const reading = operand(subject);
    if (typeof reading === "string") return matcher(reading, false);
    return typeof reading === "object" && "text" in reading
      ? matcher(reading.text.reveal(), reading.cut)
      : undefined;
  };
  return node.negated ? not(condition) : condition;
}

function compileKnown({ operand, known }: Extract<Node, { kind: "known" }>, rows: Rows): Condition {
  const read = compileOperand(operand, rows);
  return (subject) => {
    const reading = read(subject);
    return reading === NOT_READ_YET ? undefined : (whole(reading) !== undefined) === known;
  };
}
