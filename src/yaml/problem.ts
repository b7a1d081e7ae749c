import { printable } from "../text/control.ts";
import { quoted } from "../text/nearest.ts";
import { Secret } from "../text/secret.ts";

/** The first step of a path into an included file. */
export class InFile {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }
}

/**
 * A place in a YAML file: keys and list positions, starting at the top. A key that may be part of a password is a
 * secret, and prints as one.
 */
export type Path = readonly (string | number | Secret | InFile)[];

/** Something wrong in a file. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
  /** What the location points at: the value, its key, or a character within the value. */
  readonly at: "value" | "key" | { readonly offset: number };
}

/** A problem with its location, ready to be printed. */
export interface LocatedProblem {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly path: string;
  readonly message: string;
}

/** Thrown if the configuration cannot be used, with everything that is wrong with it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly LocatedProblem[];

  constructor(problems: readonly LocatedProblem[]) {
    super(problems.map(formatProblem).join("\n"));
    this.problems = problems;
  }
}

/** An error with a single problem. `place`: line and column, counted from one. */
export function configError(
  file: string,
  message: string,
  place?: { readonly line: number; readonly column: number },
): ConfigError {
  return new ConfigError([{ file, ...place, path: "", message }]);
}

/** Formats as `FILE:LINE:COLUMN: PATH: what is wrong: what was found`. */
export function formatProblem({ file, line, column, path, message }: LocatedProblem): string {
  const place = line === undefined ? printable(file) : `${printable(file)}:${line}:${column}`;
  return path === "" ? `${place}: ${message}` : `${place}: ${path}: ${message}`;
}

/** The same for a warning. */
export function formatWarning(warning: LocatedProblem): string {
  return formatProblem({ ...warning, message: `warning: ${warning.message}` });
}

/** Formats a path, such as `databases[2].limits.lag`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (step instanceof InFile) return text;
    if (typeof step === "number") return `${text}[${step}]`;
    const name = printable(String(step));
    return text === "" ? name : `${text}.${name}`;
  }, "");
}

/** The file of a path; undefined if it is the main one. */
export function fileOf([first]: Path): string | undefined {
  return first instanceof InFile ? first.file : undefined;
}

/** Formats a path relative to another one: with its file, if that is a different one. */
export function placeFrom(here: Path, there: Path): string {
  const file = fileOf(there);
  if (fileOf(here) === file) return formatPath(there);
  return `${formatPath(there)} of ${file === undefined ? "the main file" : printable(file)}`;
}

/** The name of a key, as it follows an error message. */
export function shownKey(name: string, { secret }: { readonly secret: boolean }): string {
  return secret ? " (not shown: it may be part of a password)" : `: ${quoted(name)}`;
}

/** How to keep YAML from interpreting an expression. */
export const QUOTE_ADVICE = 'put the whole expression in double quotes, or write it after ">-"';

/** Returns a hint for an unknown key, to follow its name; undefined if there is none. */
export type KeyHints = (name: string) => string | undefined;

interface ProblemsOptions {
  readonly secretKeys?: boolean;
  readonly hints?: KeyHints;
}

/** Collects the problems of a file, so that all of them are reported at once. */
export class Problems {
  readonly #list: Problem[] = [];
  readonly #secretKeys: boolean;

  readonly #hints: KeyHints;

  /** `secretKeys`: a wrong key may be part of a password, so it is not shown. */
  constructor({ secretKeys = false, hints = () => undefined }: ProblemsOptions = {}) {
    this.#secretKeys = secretKeys;
    this.#hints = hints;
  }

  get list(): readonly Problem[] {
    return this.#list;
  }

  /** The hint for an unknown key. */
  hintFor(name: string): string | undefined {
    return this.#hints(name);
  }

  report(path: Path, message: string, at: Problem["at"] = "value"): void {
    // A value that many databases inherit is reported once.
    const place = JSON.stringify(path);
    const isTold = this.#list.some((told) => told.message === message && JSON.stringify(told.path) === place);
    if (!isTold) this.#list.push({ path, message, at });
  }

  /** Reports a key below `path` whose name is wrong. `near` follows the name in the message. */
  reportKey(path: Path, name: string, { message, near = "" }: { message: string; near?: string }): void {
    const secret = this.#secretKeys;
    const step = secret ? new Secret(name) : name;
    this.report([...path, step], `${message}${shownKey(name, { secret })}${near}`, "key");
  }
}
