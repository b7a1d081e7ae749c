import { printable } from "../text/control.ts";
import { quoted } from "../text/nearest.ts";
import { Secret } from "../text/secret.ts";

/** The first step of a path that leads into another file than the main one. */
export class InFile {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }
}

/**
 * Where in a YAML file something stands: keys and positions in lists, from the top. A key that may be part
 * of a password is a secret, and prints as one.
 */
export type Path = readonly (string | number | Secret | InFile)[];

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

/** One problem of a file as an error; `place` is line and column, counted from one. */
export function configError(
  file: string,
  message: string,
  place?: { readonly line: number; readonly column: number },
): ConfigError {
  return new ConfigError([{ file, ...place, path: "", message }]);
}

/** `FILE:LINE:COLUMN: PATH: what is wrong: what was found`. */
export function formatProblem({ file, line, column, path, message }: LocatedProblem): string {
  const place = line === undefined ? printable(file) : `${printable(file)}:${line}:${column}`;
  return path === "" ? `${place}: ${message}` : `${place}: ${path}: ${message}`;
}

/** The same of something that is no error. */
export function formatWarning(warning: LocatedProblem): string {
  return formatProblem({ ...warning, message: `warning: ${warning.message}` });
}

/** Writes a path as `databases[2].limits.lag`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (step instanceof InFile) return text;
    if (typeof step === "number") return `${text}[${step}]`;
    const name = printable(String(step));
    return text === "" ? name : `${text}.${name}`;
  }, "");
}

/** The file that a path leads into; undefined: the main one. */
export function fileOf([first]: Path): string | undefined {
  return first instanceof InFile ? first.file : undefined;
}

/** Writes a path as seen from another one: with its file where that is not the same. */
export function placeFrom(here: Path, there: Path): string {
  const file = fileOf(there);
  if (fileOf(here) === file) return formatPath(there);
  return `${formatPath(there)} of ${file === undefined ? "the main file" : printable(file)}`;
}

/** What to say of a key after the words that tell what is wrong with it. */
export function shownKey(name: string, { secret }: { readonly secret: boolean }): string {
  return secret ? " (not shown: it may be part of a password)" : `: ${quoted(name)}`;
}

/** How to keep YAML's hands off an expression. */
export const QUOTE_ADVICE = 'put the whole expression in double quotes, or write it after ">-"';

/** What to say of a key that is not known, after its name; undefined where nobody knows what is meant. */
export type KeyHints = (name: string) => string | undefined;

interface ProblemsOptions {
  readonly secretKeys?: boolean;
  readonly hints?: KeyHints;
}

/** Gathers the problems of one file, so that all of them can be told at once. */
export class Problems {
  readonly #list: Problem[] = [];
  readonly #secretKeys: boolean;

  readonly #hints: KeyHints;

  /** In a file with `secretKeys` what looks like a wrong key may be part of a password. */
  constructor({ secretKeys = false, hints = () => undefined }: ProblemsOptions = {}) {
    this.#secretKeys = secretKeys;
    this.#hints = hints;
  }

  get list(): readonly Problem[] {
    return this.#list;
  }

  /** What to say of a key that is not known. */
  hintFor(name: string): string | undefined {
    return this.#hints(name);
  }

  report(path: Path, message: string, at: Problem["at"] = "value"): void {
    // What many databases inherit is wrong once.
    const place = JSON.stringify(path);
    const isTold = this.#list.some((told) => told.message === message && JSON.stringify(told.path) === place);
    if (!isTold) this.#list.push({ path, message, at });
  }

  /** Reports a key below `path` that should not have this name. `near` comes after the name. */
  reportKey(path: Path, name: string, { message, near = "" }: { message: string; near?: string }): void {
    const secret = this.#secretKeys;
    const step = secret ? new Secret(name) : name;
    this.report([...path, step], `${message}${shownKey(name, { secret })}${near}`, "key");
  }
}
