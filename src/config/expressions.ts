import {
  compileExpression,
  type Expression,
  formatQuantity,
  type Quantity,
  type QuantityType,
  type Scope,
  TYPE_WORDS,
  type Vocabulary,
} from "../language/mod.ts";
import { type Path, placeFrom, type Problems } from "../yaml/mod.ts";

/** The limits of one level, with its place in the file. */
export interface LimitLevel {
  /** A limit whose value is wrong is undefined. All are undefined if it is unknown which ones there are. */
  readonly limits: ReadonlyMap<string, Quantity | undefined> | undefined;
  readonly path: Path;
}

/** The type of every limit. Undefined means it could not be read, as in {@linkcode LimitLevel}. */
export type LimitTypes = ReadonlyMap<string, QuantityType | undefined> | undefined;

/** The type of every limit. A lower level that gives one another type is a problem. */
export function limitTypes(
  levels: readonly LimitLevel[],
  problems: Problems,
): LimitTypes {
  const types = new Map<string, QuantityType | undefined>();
  const places = new Map<string, Path>();
  for (const { limits, path } of levels) {
    for (const [name, quantity] of limits ?? []) {
      const type = types.get(name) ?? quantity?.type;
      types.set(name, type);
      if (type === undefined || quantity === undefined) continue;
      const place = [...path, "limits"];
      if (type === quantity.type) places.set(name, places.get(name) ?? place);
      else {
        const elsewhere = `this limit is ${TYPE_WORDS[type]} in ${placeFrom(place, places.get(name)!)}`;
        const message = `${elsewhere}, and a limit has one type: ${formatQuantity(quantity)}`;
        problems.report([...path, "limits", name], message);
      }
    }
  }
  return levels.some(({ limits }) => limits === undefined) ? undefined : types;
}

/** The keys of names such as `metric.KEY`, from all levels; undefined if they are unknown. */
export interface KnownNames {
  readonly vocabulary: Vocabulary;
  readonly metrics: ReadonlySet<string> | undefined;
  readonly tags: ReadonlySet<string> | undefined;
}

/** Compiles each expression of a file once, however many databases use it. */
export class ExpressionCompiler {
  readonly #limits: LimitTypes;
  readonly #names: KnownNames;
  readonly #problems: Problems;
  readonly #compiled = new Map<string, Expression | undefined>();

  constructor(limits: LimitTypes, names: KnownNames, problems: Problems) {
    this.#limits = limits;
    this.#names = names;
    this.#problems = problems;
  }

  /** The expression written at `path`; undefined if it is wrong, which is reported once. */
  compile(source: string, path: Path, scope: Scope | "group"): Expression | undefined {
    const key = JSON.stringify(path);
    if (!this.#compiled.has(key)) this.#compiled.set(key, this.#compileNew(source, path, scope));
    return this.#compiled.get(key);
  }

  /** The limits that any expression names. */
  get limitsUsed(): ReadonlySet<string> {
    return new Set([...this.#compiled.values()].flatMap((expression) => expression?.limits ?? []));
  }

  #compileNew(source: string, path: Path, scope: Scope | "group"): Expression | undefined {
    const compiled = compileExpression(source, {
      scope,
      limits: this.#limits,
      ...this.#names,
    });
    if (compiled.ok) return compiled.expression;
    for (const { offset, message } of compiled.problems) this.#problems.report(path, message, { offset });
  }
}
