import { compileOperand } from "./evaluate.ts";
import type { Expression } from "./expression.ts";
import { leastOf, type Subject } from "./reading.ts";
import type { Node } from "./syntax.ts";

/**
 * How far each comparison of amounts in a condition is past its limit, by the text of the comparison: positive
 * while it holds, and falling as it improves. Comparisons with an unknown value are left out. If a value is known
 * in part, that part is used, since an improvement shows in it.
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
