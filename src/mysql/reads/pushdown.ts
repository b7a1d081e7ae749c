import { BOUND_BEYOND, leastOf, type Node, type Reading, TURNED } from "../../language/mod.ts";
import { sqlBytes, type SqlValue } from "./sql_value.ts";

/** The values of the names in an expression, for the server. */
export interface PushdownNames {
  /** The SQL expression of a name that differs between sessions; undefined if there is none. */
  column(name: string): SqlValue | undefined;
  /** The value of a name that is the same for all sessions: a limit, or a value of the database. */
  constant(name: string): Reading | undefined;
  isConstant(name: string): boolean;
  /** Whether the value of a column grows by a millisecond per millisecond. */
  grows(name: string): boolean;
  /** Conditions also include what may become true within this time, in milliseconds. */
  readonly window: number;
}

/**
 * Translates an expression into an SQL condition that is true for every session for which the expression may be
 * true now or within the window. If the server can evaluate the whole expression, the condition is true for no
 * other session. Undefined if the condition would match every session.
 */
export function pushDown(tree: Node, names: PushdownNames): string | undefined {
  return new Translator(names).atLeast(tree);
}

type Comparison = Extract<Node, { readonly kind: "compare" }>;
type CompareOperator = Comparison["operator"];

const OPPOSITES = { "=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<" } as const;
const COMPARISONS = { "=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">=" } as const;

class Translator {
  readonly #names: PushdownNames;

  constructor(names: PushdownNames) {
    this.#names = names;
  }

  /** A condition that is true whenever the node may be true. */
  atLeast(node: Node): string | undefined {
    const exact = this.#exactly(node);
    if (exact !== undefined) return exact;
    if (node.kind === "compare") return this.#soon(node, node.operator);
    const sides = "left" in node ? [this.atLeast(node.left), this.atLeast(node.right)] : [];
    const known = sides.filter((side) => side !== undefined);
    if (node.kind === "and" && known.length > 0) return `(${known.join(" AND ")})`;
    if (node.kind === "or" && known.length === 2) return `(${known.join(" OR ")})`;
    if (node.kind === "not") return this.#atLeastNot(node.operand);
    return undefined;
  }

  /** A condition that is true whenever the node may be false. */
  #atLeastNot(node: Node): string | undefined {
    const exact = this.#exactly(node);
    if (exact !== undefined) return `(NOT ${exact})`;
    if (node.kind === "not") return this.atLeast(node.operand);
    if (node.kind === "compare") return this.#soon(node, OPPOSITES[node.operator]);
    if (node.kind !== "and" && node.kind !== "or") return undefined;
    const sides = [this.#atLeastNot(node.left), this.#atLeastNot(node.right)];
    const known = sides.filter((side) => side !== undefined);
    if (node.kind === "or" && known.length > 0) return `(${known.join(" AND ")})`;
    return known.length === 2 ? `(${known.join(" OR ")})` : undefined;
  }

  /** A condition with the same truth value as the node; undefined if the server cannot evaluate it. */
  #exactly(node: Node): string | undefined {
    switch (node.kind) {
      case "and":
      case "or":
        return this.#joined([node.left, node.right], node.kind === "and" ? "AND" : "OR");
      case "not": {
        const operand = this.#exactly(node.operand);
        return operand && `(NOT ${operand})`;
      }
      case "compare":
        return this.#compared(node.left, node.right, node.operator);
      case "in": {
        const tests = node.list.map((item) => this.#compared(node.operand, item, "="));
        if (tests.some((test) => test === undefined)) return undefined;
        const any = `(${tests.join(" OR ")})`;
        return node.negated ? `(NOT ${any})` : any;
      }
      case "known": {
        const value = this.#value(node.operand);
        return value && `(${value.sql} IS ${node.known ? "NOT " : ""}NULL)`;
      }
      case "boolean":
      case "name": {
        const value = this.#value(node);
        return value?.type === "boolean" ? value.sql : undefined;
      }
      default:
        return undefined;
    }
  }

  #joined(nodes: readonly Node[], operator: string): string | undefined {
    const sides = nodes.map((node) => this.#exactly(node));
    return sides.includes(undefined) ? undefined : `(${sides.join(` ${operator} `)})`;
  }

  /** A condition that is true if a comparison of a growing value holds now or will within the window. */
  #soon({ left, right }: Comparison, operator: CompareOperator): string | undefined {
    const turned = !this.#grows(left);
    const [name, other] = turned ? [right, left] : [left, right];
    const [value, limit] = [this.#value(name), this.#value(other)];
    if (!this.#grows(name) || value === undefined || limit?.type !== "number") return undefined;
    const [now, then] = [value.sql, `(${value.sql} + ${this.#names.window})`];
    switch (turned ? TURNED[operator] : operator) {
      case ">":
      case ">=":
        return `(${then} >= ${limit.sql})`;
      case "<":
      case "<=":
        return `(${now} <= ${limit.sql})`;
      case "=":
        return `(${now} <= ${limit.sql} AND ${then} >= ${limit.sql})`;
      case "!=":
        return `(${now} IS NOT NULL)`;
    }
  }

  #grows(node: Node): boolean {
    return node.kind === "name" && this.#names.window > 0 && this.#names.grows(node.name);
  }

  #compared(left: Node, right: Node, operator: CompareOperator): string | undefined {
    if (this.#grows(left) || this.#grows(right)) return undefined;
    const [a, b] = [this.#value(left), this.#value(right)];
    if (a === undefined || b === undefined) return undefined;
    const [least, other] = [this.#least(left), this.#least(right)];
    if (least !== undefined) return beyond(least, b, operator);
    if (other !== undefined) return beyond(other, a, TURNED[operator]);
    const isNull = a.sql === NULL.sql || b.sql === NULL.sql;
    const isEquality = operator === "=" || operator === "!=";
    if (!isNull && (a.type !== b.type || (!isEquality && a.type !== "number"))) return undefined;
    return `(${a.sql} ${COMPARISONS[operator]} ${b.sql})`;
  }

  /** The lower bound of an unknown value of the database. */
  #least(node: Node): number | undefined {
    return node.kind === "name" && this.#names.isConstant(node.name)
      ? leastOf(this.#names.constant(node.name))
      : undefined;
  }

  #value(node: Node): SqlValue | undefined {
    switch (node.kind) {
      case "quantity":
        return literal(node.quantity.value);
      case "string":
      case "boolean":
        return literal(node.value);
      case "name":
        return this.#names.isConstant(node.name)
          ? literal(this.#names.constant(node.name))
          : this.#names.column(node.name);
      default:
        return undefined;
    }
  }
}

const NULL: SqlValue = { sql: "NULL", type: "boolean" };

/** Compares a lower bound with a value. NULL (unknown) if that decides nothing. */
function beyond(least: number, { sql, type }: SqlValue, operator: CompareOperator): string {
  if (type !== "number" || !Number.isFinite(least)) return NULL.sql;
  const truth = operator === ">" || operator === ">=" || operator === "!=" ? "TRUE" : "FALSE";
  return `IF((${least}) ${BOUND_BEYOND[operator]} ${sql}, ${truth}, NULL)`;
}

/** A literal in SQL; NULL if the value is unknown. */
function literal(reading: Reading | undefined): SqlValue | undefined {
  switch (typeof reading) {
    case "number":
      return Number.isFinite(reading) ? { sql: `(${reading})`, type: "number" } : NULL;
    case "string":
      return { sql: sqlBytes(reading), type: "string" };
    case "boolean":
      return { sql: reading ? "TRUE" : "FALSE", type: "boolean" };
    default:
      return reading !== undefined && "text" in reading ? undefined : NULL;
  }
}
