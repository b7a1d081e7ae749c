import { compileOperand } from "./evaluate.ts";
import type { Expression } from "./expression.ts";
import type { Readings, Subject } from "./reading.ts";
import type { Node } from "./syntax.ts";

/** The names of a session that grow with time, by a millisecond in each. */
export const GROWING: readonly string[] = ["time", "idle_time", "transaction_time"];

/** How long after a limit is reached it is exceeded for sure, in milliseconds. */
const BEYOND = 1;

/**
 * How long it takes until an expression that is not true of a session may be, by the passage of time alone, in
 * milliseconds; undefined where that is not within `window`.
 */
export function crossingOf(
  { tree, evaluate }: Pick<Expression, "tree" | "evaluate">,
  subject: Subject,
  window: number,
): number | undefined {
  const waits = limitsOf(tree).map(({ name, limit }) => {
    const [now, then] = [grownBy(subject.session ?? {}, name, 0), compileOperand(limit)(subject)];
    return now !== undefined && typeof then === "number" ? then - now + BEYOND : Number.NaN;
  });
  return waits.filter((wait) => wait > 0 && wait <= window)
    .toSorted((a, b) => a - b)
    .find((wait) => evaluate({ ...subject, session: later(subject.session ?? {}, wait) }) !== false);
}

/**
 * The shortest of the times that an expression compares the age of a statement with, in milliseconds: nothing that
 * begins now can reach it sooner. Undefined where it compares with none.
 */
export function shortestLimit({ tree }: Pick<Expression, "tree">, subject: Subject): number | undefined {
  const limits = limitsOf(tree).flatMap(({ limit }) => {
    const value = compileOperand(limit)(subject);
    return typeof value === "number" && value > 0 ? [value] : [];
  });
  return limits.length === 0 ? undefined : Math.min(...limits);
}

/** A name that grows, and what it is compared with. */
interface GrowingLimit {
  readonly name: string;
  readonly limit: Node;
}

const LIMITS = new WeakMap<Node, readonly GrowingLimit[]>();

function limitsOf(tree: Node): readonly GrowingLimit[] {
  const known = LIMITS.get(tree);
  if (known !== undefined) return known;
  const found = collect(tree);
  LIMITS.set(tree, found);
  return found;
}

function collect(node: Node): readonly GrowingLimit[] {
  switch (node.kind) {
    case "and":
    case "or":
      return [...collect(node.left), ...collect(node.right)];
    case "not":
      return collect(node.operand);
    case "compare":
      return [...limitIn(node.left, node.right), ...limitIn(node.right, node.left)];
    default:
      return [];
  }
}

function limitIn(node: Node, limit: Node): readonly GrowingLimit[] {
  return node.kind === "name" && GROWING.includes(node.name) ? [{ name: node.name, limit }] : [];
}

function later(session: Readings, wait: number): Readings {
  const grown = GROWING.flatMap((name) => {
    const value = grownBy(session, name, wait);
    return value === undefined ? [] : [[name, value]];
  });
  return { ...session, ...Object.fromEntries(grown) };
}

/** What a name will stand for after so many milliseconds; undefined where it does not grow. */
function grownBy(session: Readings, name: string, wait: number): number | undefined {
  const value = session[name];
  if (typeof value !== "number") return undefined;
  // A session without a transaction will not be in an older one.
  return name === "transaction_time" && value === 0 ? undefined : value + wait;
}
