import { didYouMean, nearest, quoted } from "../language/mod.ts";
import type { Path, Problems } from "./problem.ts";

/**
 * One kind of value in a YAML file. The same description reads a value and says what it expects; every
 * scalar comes as text, since the files are read with YAML's failsafe schema.
 */
export interface Kind<T> {
  readonly expects: string;
  /** What to write, where the name of a missing key does not say it. */
  readonly hint?: string;
  /** The value as it is meant; undefined where it is wrong, which is reported. */
  read(value: unknown, path: Path, problems: Problems): T | undefined;
}

/** What a {@linkcode Kind} reads. */
export type Read<K> = K extends Kind<infer T> ? T : never;

interface Key<T> {
  readonly kind: Kind<T>;
  readonly required: boolean;
}

/** A key that has to be there. */
export function required<T>(kind: Kind<T>): Key<T> {
  return { kind, required: true };
}

/** A key that may be left out. */
export function optional<T>(kind: Kind<T>): Key<T> {
  return { kind, required: false };
}

/** What a mapping with these keys reads: what was left out is absent, what was wrong is there as undefined. */
type Mapping<F> = { readonly [K in keyof F]?: F[K] extends Key<infer T> ? T | undefined : never };

/** Whether a key was there but wrong. That has been reported, and what follows from it need not be. */
export function isWrong<T extends object>(mapping: T, key: keyof T): boolean {
  return Object.hasOwn(mapping, key) && mapping[key] === undefined;
}

/** A mapping with known keys. */
export function object<F extends Readonly<Record<string, Key<unknown>>>>(keys: F): Kind<Mapping<F>> {
  const expects = "a mapping of keys";
  return {
    expects,
    read(value, path, problems) {
      if (!isMapping(value)) return mismatch(expects, value, path, problems);
      const result: Record<string, unknown> = {};
      for (const [name, item] of Object.entries(value)) {
        const key = Object.hasOwn(keys, name) ? keys[name] : undefined;
        if (key !== undefined) result[name] = key.kind.read(item, [...path, name], problems);
        else {
          const word = name.replace(/:.*/s, ""); // within braces YAML takes `a:b` for a key
          const near = didYouMean(word, Object.keys(keys), '"');
          problems.reportKey(path, name, { message: "unknown key", near });
          const meant = nearest(word, Object.keys(keys));
          if (meant !== undefined && !Object.hasOwn(value, meant)) result[meant] = undefined;
        }
      }
      for (const [name, { required, kind: { hint } }] of Object.entries(keys)) {
        if (!required || Object.hasOwn(result, name)) continue;
        problems.report(path, `a key is missing: "${name}"${hint === undefined ? "" : `, ${hint}`}`);
      }
      return result as Mapping<F>;
    },
  };
}

/** What names may look like, and how to say so. */
export interface NameRule {
  readonly pattern: RegExp;
  readonly rule: string;
}

/** What a user may call databases, groups and policies. */
export const NAMES: NameRule = {
  pattern: /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/,
  rule: "expected a name of letters, digits, dots, hyphens and underscores, 64 at most",
};

/** A mapping whose keys are the user's names. What is wrong in it is left as `undefined`. */
export function record<T>(
  kind: Kind<T>,
  { pattern, rule }: NameRule = NAMES,
): Kind<ReadonlyMap<string, T | undefined>> {
  const expects = `a mapping of names, each to ${kind.expects}`;
  return {
    expects,
    read(value, path, problems) {
      if (!isMapping(value)) return mismatch(expects, value, path, problems);
      const result = new Map<string, T | undefined>();
      for (const [name, item] of Object.entries(value)) {
        const meant = name.toLowerCase();
        if (pattern.test(name)) result.set(name, kind.read(item, [...path, name], problems));
        else {
          problems.reportKey(path, name, { message: rule });
          if (pattern.test(meant) && !Object.hasOwn(value, meant)) result.set(meant, undefined);
        }
      }
      return result;
    },
  };
}

/** A list. What is wrong in it is left as `undefined`, so that positions stay what they are. */
export function list<T>(
  kind: Kind<T>,
  options: { readonly min?: number } = {},
): Kind<readonly (T | undefined)[]> {
  const expects = `a list, each item ${kind.expects}`;
  return {
    expects,
    read(value, path, problems) {
      if (!Array.isArray(value)) return mismatch(expects, value, path, problems);
      if (value.length < (options.min ?? 0)) {
        problems.report(path, `expected at least ${options.min} in this list: it has ${value.length}`);
      }
      return value.map((item, index) => kind.read(item, [...path, index], problems));
    },
  };
}

/** What can be switched off, by `off` or `false`. */
export function orOff<T>(kind: Kind<T>): Kind<T | "off"> {
  const expects = `"off" or ${kind.expects}`;
  return {
    expects,
    read(value, path, problems) {
      if (value === "off" || value === "false") return "off";
      if (isMapping(value)) return kind.read(value, path, problems);
      if (typeof value !== "string" || value === "") return mismatch(expects, value, path, problems);
      problems.report(path, `expected ${expects}: ${quoted(value)}`);
    },
  };
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reports that a value is of another shape than expected. */
export function mismatch(expects: string, value: unknown, path: Path, problems: Problems): undefined {
  problems.report(path, `expected ${expects}: ${shapeOf(value)}`);
}

/** What was found, by its shape alone: never what it holds. */
export function shapeOf(value: unknown): string {
  if (value === null || value === undefined || value === "") return "it is empty";
  if (Array.isArray(value)) return "found a list";
  return typeof value === "object" ? "found a mapping" : "found a text";
}
