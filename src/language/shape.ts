import type { Expression } from "./expression.ts";
import type { Node } from "./syntax.ts";

/**
 * The single clause on one side of an `or` whose other side is a chain of `and` without parentheses, such as
 * `b = 2` in `running and a = 1 or b = 2`. Undefined if there is none.
 */
export function looseClause({ tree, source }: Pick<Expression, "tree" | "source">): string | undefined {
  return looseIn(tree, source);
}

function looseIn(node: Node, source: string): string | undefined {
  if (node.kind === "not") return looseIn(node.operand, source);
  if (node.kind !== "and" && node.kind !== "or") return undefined;
  const sides = node.kind === "or" ? sidesOf(node, source) : [];
  const lone = sides.find((side) => side.kind !== "and" && side.kind !== "or" && side.kind !== "not");
  if (lone !== undefined && sides.some((side) => side.kind === "and" && !isEnclosed(side, source))) {
    return source.slice(lone.start, lone.end);
  }
  return looseIn(node.left, source) ?? looseIn(node.right, source);
}

/** All operands of a chain of `or`. */
function sidesOf(node: Node, source: string): readonly Node[] {
  return node.kind === "or" ? [...sidesOf(node.left, source), ...sidesOf(node.right, source)] : [node];
}

function isEnclosed({ start, end }: Node, source: string): boolean {
  return /\(\s*$/.test(source.slice(0, start)) && /^\s*\)/.test(source.slice(end));
}

/** Whether a condition only excludes sessions: `not user = 'a' and host not in ('b')`. */
export function excludesOnly({ tree }: Pick<Expression, "tree">): boolean {
  return sign(tree, false) === "excludes";
}

/**
 * What a node does: `excludes` some sessions, `means` certain ones, or `nothing`, since it only asks whether a
 * session runs a statement.
 */
type Sign = "excludes" | "nothing" | "means";

function sign(node: Node, turned: boolean): Sign {
  switch (node.kind) {
    case "not":
      return sign(node.operand, !turned);
    case "and":
    case "or": {
      const sides = [sign(node.left, turned), sign(node.right, turned)];
      if (sides.every((side) => side === "nothing")) return "nothing";
      const isBoth = (node.kind === "and") !== turned;
      if (isBoth) return sides.includes("means") ? "means" : "excludes";
      return sides.includes("excludes") ? "excludes" : "means";
    }
    case "name":
      return node.name === "running" || node.name === "idle" ? "nothing" : "means";
    case "compare":
      if (node.left.kind !== "string" && node.right.kind !== "string") return "means";
      return node.operator === (turned ? "=" : "!=") ? "excludes" : "means";
    case "in":
    case "like":
    case "matches":
      return node.negated !== turned ? "excludes" : "means";
    default:
      return "means";
  }
}
