import {
  compileExpression,
  type Expression,
  formatQuantity,
  type Quantity,
  type QuantityType,
  type Scope,
  TYPE_WORDS,
} from "../language/mod.ts";
import { formatPath, type Path, type Problems } from "./problem.ts";

/** The limits of one level, with its place in the file. */
export interface LimitLevel {
  /** A limit whose value is wrong is undefined; so are all of them where it is not known what there is. */
  readonly limits: ReadonlyMap<string, Quantity | undefined> | undefined;
  readonly path: Path;
}

/** The type of every limit. Undefined is what could not be read, as in {@linkcode LimitLevel}. */
export type LimitTypes = ReadonlyMap<string, QuantityType | undefined> | undefined;

/** The type of every limit; one that has another type at a lower level is a problem there. */
export function limitTypes(
  levels: readonly LimitLevel[],
  problems: Problems,
): LimitTypes {
  const types = new Map<string, QuantityType | undefined>();
  const places = new Map<string, string>();
  for (const { limits, path } of levels) {
    for (const [name, quantity] of limits ?? []) {
      const type = types.get(name) ?? quantity?.type;
      types.set(name, type);
      if (type === undefined || quantity === undefined) continue;
      const place = formatPath([...path, "limits"]);
      if (type === quantity.type) places.set(name, places.get(name) ?? place);
      else {
        const elsewhere = `this limit is ${TYPE_WORDS[type]} in ${places.get(name)}`;
        const message = `${elsewhere}, and a limit has one type: ${formatQuantity(quantity)}`;
        problems.report([...path, "limits", name], message);
      }
    }
  }
  return levels.some(({ limits }) => limits === undefined) ? undefined : types;
}

/** Compiles each expression of a file once, however many databases use it. */
export class ExpressionCompiler {
  readonly #limits: LimitTypes;
  readonly #metrics: ReadonlySet<string> | undefined;
  readonly #problems: Problems;
  readonly #compiled = new Map<string, Expression | undefined>();

  /** @param metrics Those of all levels; undefined where it is not known which there are. */
  constructor(limits: LimitTypes, metrics: ReadonlySet<string> | undefined, problems: Problems) {
    this.#limits = limits;
    this.#metrics = metrics;
    this.#problems = problems;
  }

  /** The expression written at `path`; undefined where it is wrong, which is reported once. */
  compile(source: string, path: Path, scope: Scope): Expression | undefined {
    const key = JSON.stringify(path);
    if (!this.#compiled.has(key)) this.#compiled.set(key, this.#compileNew(source, path, scope));
    return this.#compiled.get(key);
  }

  #compileNew(source: string, path: Path, scope: Scope): Expression | undefined {
    const compiled = compileExpression(source, {
      scope,
      limits: this.#limits,
      metrics: this.#metrics,
    });
    if (compiled.ok) return compiled.expression;
    for (const { offset, message } of compiled.problems) this.#problems.report(path, message, { offset });
  }
}
