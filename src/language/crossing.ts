import { compileOperand } from "./evaluate.ts";
import type { Expression } from "./expression.ts";
import type { Readings, Subject } from "./reading.ts";
import type { Node } from "./syntax.ts";
import type { NameRow, Rows } from "./vocabulary.ts";

/** How long after a limit is reached it is exceeded for sure, in milliseconds. */
const BEYOND = 1;

/**
 * How long it takes until an expression that is not true of a session may be, by the passage of time alone, in
 * milliseconds; undefined where that is not within `window`.
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
 * The shortest of the times that an expression compares the age of a statement with, in milliseconds: nothing that
 * begins now can reach it sooner. Undefined where it compares with none.
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

/** A name that grows, and what it is compared with. */
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

/** What a name will stand for after so many milliseconds; undefined where it does not grow. */
function grownBy(session: Readings, { name, grows }: NameRow, wait: number): number | undefined {
  const value = session[name];
  if (grows === undefined || typeof value !== "number") return undefined;
  // A session without a transaction will not be in an older one.
  return grows === "unless_zero" && value === 0 ? undefined : value + wait;
}
