/** Where in a YAML file something stands: keys and positions in lists, from the top. */
export type Path = readonly (string | number)[];

/** Something wrong in a file. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
  /** What to point at: the value itself, its key, or a character within it. */
  readonly at: "value" | "key" | { readonly offset: number };
}

/** A problem with its place in a file, as it is printed. */
export interface LocatedProblem {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly path: string;
  readonly message: string;
}

/** The configuration cannot be used: everything that is wrong with it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly LocatedProblem[];

  constructor(problems: readonly LocatedProblem[]) {
    super(problems.map(formatProblem).join("\n"));
    this.problems = problems;
  }
}

/** `FILE:LINE:COLUMN: PATH: what is wrong: what was found`. */
export function formatProblem({ file, line, column, path, message }: LocatedProblem): string {
  const place = line === undefined ? file : `${file}:${line}:${column}`;
  return path === "" ? `${place}: ${message}` : `${place}: ${path}: ${message}`;
}

/** Writes a path as `databases[2].limits.lag`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}

/** Gathers the problems of one file, so that all of them can be told at once. */
export class Problems {
  readonly #list: Problem[] = [];

  get list(): readonly Problem[] {
    return this.#list;
  }

  report(path: Path, message: string, at: Problem["at"] = "value"): void {
    this.#list.push({ path, message, at });
  }
}
