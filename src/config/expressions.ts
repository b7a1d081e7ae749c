import {
  compileExpression,
  type Expression,
  formatQuantity,
  type Quantity,
  type QuantityType,
  type Scope,
} from "../language/mod.ts";
import { formatPath, type Path, type Problems } from "./problem.ts";

/** The limits of one level, with its place in the file. */
export interface LimitLevel {
  readonly limits: ReadonlyMap<string, Quantity>;
  readonly path: Path;
}

/** The type of every limit; one that has another type at a lower level is a problem there. */
export function limitTypes(
  levels: readonly LimitLevel[],
  problems: Problems,
): ReadonlyMap<string, QuantityType> {
  const types = new Map<string, QuantityType>();
  for (const { limits, path } of levels) {
    for (const [name, quantity] of limits) {
      const type = types.get(name) ?? quantity.type;
      types.set(name, type);
      if (type !== quantity.type) {
        problems.report(
          [...path, "limits", name],
          `this limit is a ${type} elsewhere, and a limit has one type: ${formatQuantity(quantity)}`,
        );
      }
    }
  }
  return types;
}

/** Compiles each expression of a file once, however many databases use it. */
export class ExpressionCompiler {
  readonly #limits: ReadonlyMap<string, QuantityType>;
  readonly #problems: Problems;
  readonly #compiled = new Map<string, Expression | undefined>();

  constructor(limits: ReadonlyMap<string, QuantityType>, problems: Problems) {
    this.#limits = limits;
    this.#problems = problems;
  }

  /** The expression written at `path`; undefined where it is wrong, which is reported once. */
  compile(source: string, path: Path, scope: Scope): Expression | undefined {
    const key = formatPath(path);
    if (!this.#compiled.has(key)) this.#compiled.set(key, this.#compileNew(source, path, scope));
    return this.#compiled.get(key);
  }

  #compileNew(source: string, path: Path, scope: Scope): Expression | undefined {
    const compiled = compileExpression(source, { scope, limits: this.#limits });
    if (compiled.ok) return compiled.expression;
    for (const { offset, message } of compiled.problems) this.#problems.report(path, message, { offset });
  }
}
