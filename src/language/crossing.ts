import { compileOperand } from "./evaluate.ts";
import type { Expression } from "./expression.ts";
import type { Readings, Subject } from "./reading.ts";
import type { Node } from "./syntax.ts";
import type { NameRow, Rows } from "./vocabulary.ts";

/** How long after reaching a limit a value has certainly passed it, in milliseconds. */
const BEYOND = 1;

/**
 * How long until an expression that is not true of a session may become true just because time passes, in
 * milliseconds. Undefined if that does not happen within `window`.
 */
export function crossingOf(
  { tree, rows, evaluate }: Pick<Expression, "tree" | "rows" | "evaluate">,
  subject: Subject,
  window: number,
): number | undefined {
  const { session = {} } = subject;
  const waits = limitsOf({ tree, rows }).map(({ row, limit }) => {
    const [now, then] = [grownBy(session, row, 0), compileOperand(limit, rows)(subject)];
    return now !== undefined && typeof then === "number" ? then - now + BEYOND : Number.NaN;
  });
  return waits.filter((wait) => wait > 0 && wait <= window)
    .toSorted((a, b) => a - b)
    .find((wait) => evaluate({ ...subject, session: later(session, rows, wait) }) !== false);
}

/**
 * The shortest duration that an expression compares with a growing name, in milliseconds: a statement that begins
 * now cannot match sooner. Undefined if there is none.
 */
export function shortestLimit(
  { tree, rows }: Pick<Expression, "tree" | "rows">,
  subject: Subject,
): number | undefined {
  const limits = limitsOf({ tree, rows }).flatMap(({ limit }) => {
    const value = compileOperand(limit, rows)(subject);
    return typeof value === "number" && value > 0 ? [value] : [];
  });
  return limits.length === 0 ? undefined : Math.min(...limits);
}

/** A name whose value grows with time, and what it is compared with. */
interface GrowingLimit {
  readonly row: NameRow;
  readonly limit: Node;
}

const LIMITS = new WeakMap<Node, readonly GrowingLimit[]>();

function limitsOf({ tree, rows }: Pick<Expression, "tree" | "rows">): readonly GrowingLimit[] {
  const known = LIMITS.get(tree);
  if (known !== undefined) return known;
  const found = collect(tree, rows);
  LIMITS.set(tree, found);
  return found;
}

function collect(node: Node, rows: Rows): readonly GrowingLimit[] {
  switch (node.kind) {
    case "and":
    case "or":
      return [...collect(node.left, rows), ...collect(node.right, rows)];
    case "not":
      return collect(node.operand, rows);
    case "compare":
      return [...limitIn(node.left, node.right, rows), ...limitIn(node.right, node.left, rows)];
    default:
      return [];
  }
}

function limitIn(node: Node, limit: Node, rows: Rows): readonly GrowingLimit[] {
  const row = node.kind === "name" ? rows.get(node.name) : undefined;
  return row?.grows === undefined ? [] : [{ row, limit }];
}

function later(session: Readings, rows: Rows, wait: number): Readings {
  const grown = [...rows.values()].flatMap((row) => {
    const value = grownBy(session, row, wait);
    return value === undefined ? [] : [[row.name, value]];
  });
  return { ...session, ...Object.fromEntries(grown) };
}

/** The value of a name after `wait` milliseconds; undefined if it does not grow. */
function grownBy(session: Readings, { name, grows }: NameRow, wait: number): number | undefined {
  const value = session[name];
  if (grows === undefined || typeof value !== "number") return undefined;
  // 0 means that there is no transaction, so nothing grows.
  return grows === "unless_zero" && value === 0 ? undefined : value + wait;
}
