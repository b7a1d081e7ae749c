import { compileOperand } from "./evaluate.ts";
import type { Expression } from "./expression.ts";
import { leastOf, type Subject } from "./reading.ts";
import type { Node } from "./syntax.ts";

/**
 * How far each comparison of amounts in a condition is beyond its limit: more than zero where it holds, and
 * less as it improves. By the text of the comparison; those whose values are not known are left out, and of
 * what is known in part that part counts: it is what can be seen to improve.
 */
export function pressures(
  { source, tree, rows }: Expression,
  subject: Subject,
): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  collect(tree, 1, (node, sign) => {
    const [left, right] = [node.left, node.right].map((side) => compileOperand(side, rows)(subject))
      .map((reading) => leastOf(reading) ?? reading);
    if (typeof left !== "number" || typeof right !== "number") return;
    const above = node.operator === ">" || node.operator === ">=";
    found[source.slice(node.start, node.end)] = sign * (above ? left - right : right - left);
  });
  return found;
}

type Comparison = Extract<Node, { kind: "compare" }>;

function collect(node: Node, sign: 1 | -1, visit: (node: Comparison, sign: 1 | -1) => void): void {
  switch (node.kind) {
    case "and":
    case "or":
      collect(node.left, sign, visit);
      collect(node.right, sign, visit);
      break;
    case "not":
      collect(node.operand, sign === 1 ? -1 : 1, visit);
      break;
    case "compare":
      if (node.operator !== "=" && node.operator !== "!=") visit(node, sign);
  }
}
