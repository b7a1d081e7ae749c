import { didYouMean, nearest, quoted } from "../text/nearest.ts";
import type { JsonSchema } from "./json_schema.ts";
import { type Path, Problems } from "./problem.ts";

/** A value as a file would have it. JSON-able. */
export type Written = string | number | boolean | readonly Written[] | WrittenMapping;

/** A mapping as a file would have it; a key without a value is left out. */
export interface WrittenMapping {
  readonly [name: string]: Written | undefined;
}

/**
 * A kind of value in a YAML file: how to read and write it, what error messages expect, and its schema for editors.
 * Scalars arrive as text, since files are read with YAML's failsafe schema.
 */
export interface Kind<T> {
  readonly expects: string;
  /** The schema for editors. It may accept more than `read` does, but never less. */
  readonly schema: JsonSchema;
  /** What to write if the key is missing, unless the name of the key says enough. */
  readonly hint?: string;
  /** Returns the value. If it is wrong, reports that and returns undefined. */
  read(value: unknown, path: Path, problems: Problems): T | undefined;
  /** Returns the value as a file would have it. Absent if a scalar is written as it prints. */
  write?(value: T): Written;
}

/** The type of the values of a {@linkcode Kind}. */
export type ValueOf<K> = K extends Kind<infer T> ? T : never;

interface Key<T> {
  readonly kind: Kind<T>;
  readonly required: boolean;
  /** Its description, as editors show it. */
  readonly doc: string;
}

export function required<T>(kind: Kind<T>, doc: string): Key<T> {
  return { kind, required: true, doc };
}

export function optional<T>(kind: Kind<T>, doc: string): Key<T> {
  return { kind, required: false, doc };
}

/** A key with a default. */
export interface PresetKey<T> extends Key<T> {
  readonly default: T;
}

/** A key with a default. The default is put into the doc in place of `{default}`, or at its end. */
export function preset<T>(kind: Kind<T>, written: string | readonly string[], doc: string): PresetKey<T> {
  const problems = new Problems();
  const value = kind.read(written, [], problems);
  if (value === undefined) throw new TypeError(problems.list.map(({ message }) => message).join("; "));
  const shown = typeof written === "string" ? written : written.join(", ");
  const told = doc.includes("{default}")
    ? doc.replace("{default}", () => shown)
    : doc.replace(/\.$/, () => `; default ${shown}.`);
  return { ...optional(kind, told), default: value };
}

/** A value as a file would have it. */
export function writtenBy<T>(kind: Kind<T>, value: T): Written {
  if (kind.write !== undefined) return kind.write(value);
  return typeof value === "number" || typeof value === "boolean" ? value : String(value);
}

/** The keys of a table that have a value, in its order, as a file would have them. */
export function writtenKeys(keys: Keys, values: Readonly<Record<string, unknown>>): WrittenMapping {
  return Object.fromEntries(
    Object.entries(keys).flatMap(([name, { kind }]) =>
      values[name] === undefined ? [] : [[name, writtenBy(kind, values[name])]]
    ),
  );
}

/** The value of a mapping in which every key is left out. */
export function defaultsOf<F extends Readonly<Record<string, PresetKey<unknown>>>>(
  keys: F,
): { readonly [K in keyof F]: F[K]["default"] } {
  return Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, key.default])) as {
    readonly [K in keyof F]: F[K]["default"];
  };
}

/**
 * The value of a mapping with these keys. A key that was left out is absent; one with a wrong value is present but
 * undefined.
 */
type Mapping<F> = { readonly [K in keyof F]?: F[K] extends Key<infer T> ? T | undefined : never };

/** Whether a key had a wrong value. That has been reported, so errors that follow from it need not be. */
export function isWrong<T extends object>(mapping: T, key: keyof T): boolean {
  return Object.hasOwn(mapping, key) && mapping[key] === undefined;
}

/** The keys that a mapping may have. */
export type Keys = Readonly<Record<string, Key<unknown>>>;

interface MappingOptions {
  /** At least one of these keys is required. */
  readonly either?: readonly string[];
  /** What to write instead of a single value. */
  readonly instead?: string;
  /** Keys that only the main file may have. */
  readonly foreign?: readonly string[];
}

/** A mapping with a fixed set of keys. */
export function object<F extends Keys>(keys: F, options: MappingOptions = {}): Kind<Mapping<F>> {
  const { instead } = options;
  const expects = `a mapping of keys${instead === undefined ? "" : `, ${instead}`}`;
  return {
    expects,
    schema: objectSchema(keys, options),
    read(value, path, problems) {
      if (!isMapping(value)) return mismatch(expects, value, path, problems);
      const result: Record<string, unknown> = {};
      for (const [name, item] of Object.entries(value)) {
        const key = Object.hasOwn(keys, name) ? keys[name] : undefined;
        if (key !== undefined) result[name] = key.kind.read(item, [...path, name], problems);
        else if (options.foreign?.includes(name)) {
          problems.reportKey(path, name, { message: "only the main file may have this key" });
        } else {
          const word = name.replace(/:.*/s, ""); // within braces YAML takes `a:b` for a key
          const near = problems.hintFor(name) ?? didYouMean(word, Object.keys(keys), '"');
          problems.reportKey(path, name, { message: "unknown key", near });
          const meant = nearest(word, Object.keys(keys));
          if (meant !== undefined && !Object.hasOwn(value, meant)) result[meant] = undefined;
        }
      }
      reportMissing(keys, options, { result, path, problems });
      return result as Mapping<F>;
    },
    write: (value) => writtenKeys(keys, value),
  };
}

function reportMissing(
  keys: Keys,
  { either }: MappingOptions,
  { result, path, problems }: {
    readonly result: Readonly<Record<string, unknown>>;
    readonly path: Path;
    readonly problems: Problems;
  },
): void {
  for (const [name, { required, kind: { hint } }] of Object.entries(keys)) {
    if (!required || Object.hasOwn(result, name)) continue;
    problems.report(path, `a key is missing: "${name}"${hint === undefined ? "" : `, ${hint}`}`);
  }
  if (either === undefined || either.some((name) => Object.hasOwn(result, name))) return;
  problems.report(path, `a key is missing: ${either.map((name) => `"${name}"`).join(" or ")}`);
}

function objectSchema(keys: Keys, { either }: MappingOptions): JsonSchema {
  const entries = Object.entries(keys);
  const required = entries.filter(([, key]) => key.required).map(([name]) => name);
  return {
    type: "object",
    properties: Object.fromEntries(
      entries.map(([name, { kind: { schema }, doc }]) => [name, { description: doc, ...schema }]),
    ),
    ...required.length > 0 && { required },
    ...either !== undefined && { anyOf: either.map((name) => ({ required: [name] })) },
    additionalProperties: false,
  };
}

/** A pattern for names, and the message for a name that does not match it. */
export interface NameRule {
  readonly pattern: RegExp;
  readonly rule: string;
}

/** The names of databases, groups and policies. */
export const NAMES: NameRule = {
  pattern: /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/,
  rule: "expected a name of letters, digits, dots, hyphens and underscores, 64 at most",
};

/** A mapping whose keys are names that users choose. A wrong value is left as `undefined`. */
export function record<T>(
  kind: Kind<T>,
  { pattern, rule }: NameRule = NAMES,
): Kind<ReadonlyMap<string, T | undefined>> {
  const expects = `a mapping of names, each to ${kind.expects}`;
  return {
    expects,
    schema: {
      type: "object",
      propertyNames: { pattern: pattern.source },
      additionalProperties: kind.schema,
    },
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
    write: (value) =>
      Object.fromEntries(
        [...value].flatMap(([name, item]) => item === undefined ? [] : [[name, writtenBy(kind, item)]]),
      ),
  };
}

/** A list. A wrong item is left as `undefined`, so that the other items keep their positions. */
export function list<T>(
  kind: Kind<T>,
  options: { readonly min?: number } = {},
): Kind<readonly (T | undefined)[]> {
  const expects = `a list, each item ${kind.expects}`;
  return {
    expects,
    schema: { type: "array", items: kind.schema, ...options.min !== undefined && { minItems: options.min } },
    read(value, path, problems) {
      if (!Array.isArray(value)) return mismatch(expects, value, path, problems);
      if (value.length < (options.min ?? 0)) {
        problems.report(path, `expected at least ${options.min} in this list: it has ${value.length}`);
      }
      return value.map((item, index) => kind.read(item, [...path, index], problems));
    },
    write: (value) => value.flatMap((item) => item === undefined ? [] : [writtenBy(kind, item)]),
  };
}

/** A single value, or a list of at least `min` (default 1). The path of a single value is that of the key. */
export function oneOrMore<T>(
  kind: Kind<T>,
  { min = 1 }: { readonly min?: number } = {},
): Kind<readonly (T | undefined)[]> {
  const many = list(kind, { min });
  const expects = `${kind.expects}, or a list of them`;
  return {
    expects,
    schema: { oneOf: [kind.schema, many.schema] },
    read(value, path, problems) {
      if (Array.isArray(value)) return many.read(value, path, problems);
      if (typeof value !== "string" || value === "") return mismatch(expects, value, path, problems);
      return [kind.read(value, path, problems)];
    },
    write: (value) => many.write!(value),
  };
}

/** One mapping, or a list of at least one. The path of a single one is that of the key. */
export function itemOrList<T>(kind: Kind<T>): Kind<readonly (T | undefined)[]> {
  const many = list(kind, { min: 1 });
  return {
    expects: `${kind.expects}, or a list of them`,
    schema: { oneOf: [kind.schema, many.schema] },
    read: (value, path, problems) =>
      Array.isArray(value) ? many.read(value, path, problems) : [kind.read(value, path, problems)],
  };
}

/** A value that can be switched off with `off` or `false`. */
export function orOff<T>(kind: Kind<T>): Kind<T | "off"> {
  const expects = `"off" or ${kind.expects}`;
  return {
    expects,
    schema: { oneOf: [{ enum: ["off", false] }, kind.schema] },
    read(value, path, problems) {
      if (value === "off" || value === "false") return "off";
      if (isMapping(value)) return kind.read(value, path, problems);
      if (typeof value !== "string" || value === "") return mismatch(expects, value, path, problems);
      problems.report(path, `expected ${expects}: ${quoted(value)}`);
    },
  };
}

/** One text, or a mapping for those who have more to say. */
export function textOr<T, M>(text: Kind<T>, mapping: Kind<M>): Kind<T | M> {
  const expects = `${text.expects} or ${mapping.expects}`;
  return {
    expects,
    schema: { oneOf: [text.schema, mapping.schema] },
    read(value, path, problems) {
      if (isMapping(value)) return mapping.read(value, path, problems);
      if (typeof value !== "string" || value === "") return mismatch(expects, value, path, problems);
      return text.read(value, path, problems);
    },
  };
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reports a value of the wrong shape. */
export function mismatch(expects: string, value: unknown, path: Path, problems: Problems): undefined {
  problems.report(path, `expected ${expects}: ${shapeOf(value)}`);
}

/** Describes the shape of a value, never its content. */
export function shapeOf(value: unknown): string {
  if (value === null || value === undefined || value === "") return "it is empty";
  if (Array.isArray(value)) return "found a list";
  return typeof value === "object" ? "found a mapping" : "found a text";
}
