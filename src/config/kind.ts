import { didYouMean, parseQuantity, type Quantity, quoted, unitsOf } from "../language/mod.ts";
import type { Path, Problems } from "./problem.ts";

/**
 * One kind of value in a YAML file. The same description reads a value and says what it expects; every
 * scalar comes as text, since the files are read with YAML's failsafe schema.
 */
export interface Kind<T> {
  readonly expects: string;
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

/** What a mapping with these keys reads: whatever was wrong or left out is absent. */
type Mapping<F> = { readonly [K in keyof F]?: F[K] extends Key<infer T> ? T | undefined : never };

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
        if (key === undefined) {
          const near = didYouMean(name, Object.keys(keys), '"');
          problems.report([...path, name], `unknown key: ${quoted(name)}${near}`, "key");
        } else result[name] = key.kind.read(item, [...path, name], problems);
      }
      for (const [name, key] of Object.entries(keys)) {
        if (key.required && !Object.hasOwn(value, name)) {
          problems.report(path, `a key is missing: "${name}", ${key.kind.expects}`);
        }
      }
      return result as Mapping<F>;
    },
  };
}

/** A mapping whose keys are the user's names. */
export function record<T>(kind: Kind<T>): Kind<ReadonlyMap<string, T>> {
  const expects = `a mapping of names, each to ${kind.expects}`;
  return {
    expects,
    read(value, path, problems) {
      if (!isMapping(value)) return mismatch(expects, value, path, problems);
      const result = new Map<string, T>();
      for (const [name, item] of Object.entries(value)) {
        if (!NAME.test(name)) problems.report([...path, name], `${NAME_RULE}: ${quoted(name)}`, "key");
        const read = kind.read(item, [...path, name], problems);
        if (read !== undefined) result.set(name, read);
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

/** Either of two kinds; `isFirst` tells by the raw value which one is meant. */
export function either<A, B>(
  first: Kind<A>,
  second: Kind<B>,
  isFirst: (value: unknown) => boolean,
): Kind<A | B> {
  return {
    expects: `${first.expects}, or ${second.expects}`,
    read: (value, path, problems) => (isFirst(value) ? first : second).read(value, path, problems),
  };
}

type Wrong = (message: string) => undefined;

/** A kind that is written as one text; `parse` returns the value, or says with `wrong` why it is none. */
function scalar<T>(expects: string, parse: (text: string, wrong: Wrong) => T | undefined): Kind<T> {
  return {
    expects,
    read(value, path, problems) {
      if (typeof value !== "string") return mismatch(expects, value, path, problems);
      return parse(value, (message) => void problems.report(path, message));
    },
  };
}

/** Any text that is not empty. */
export const text: Kind<string> = scalar(
  "a text",
  (text, wrong) => text === "" ? wrong("expected a text: it is empty") : text,
);

/** Any text, the empty one too. Never repeated in a message. */
export const secretText: Kind<string> = scalar("a text", (text) => text);

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;
const NAME_RULE = "expected a name of letters, digits, dots, hyphens and underscores, 64 at most";

/** A name that the user gives to something. */
export const name: Kind<string> = scalar(
  "a name",
  (text, wrong) => NAME.test(text) ? text : wrong(`${NAME_RULE}: ${quoted(text)}`),
);

/** One of a few words. */
export function word<W extends string>(words: readonly W[]): Kind<W> {
  const expects = words.length === 1
    ? `"${words[0]}"`
    : `one of ${words.map((word) => `"${word}"`).join(", ")}`;
  return scalar(
    expects,
    (text, wrong) =>
      words.find((word) => word === text) ??
        wrong(`expected ${expects}: ${quoted(text)}${didYouMean(text, words, '"')}`),
  );
}

/** A whole number within bounds. */
export function integer({ min, max }: { readonly min: number; readonly max: number }): Kind<number> {
  const bounds = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min} to ${max}`;
  const expects = `a whole number, ${bounds}`;
  return scalar(expects, (text, wrong) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    return value >= min && value <= max ? value : wrong(`expected ${expects}: ${quoted(text)}`);
  });
}

/** A duration within bounds, in milliseconds. */
export function duration({ min }: { readonly min: string }): Kind<number> {
  const least = (parseQuantity(min) as Quantity).value;
  const expects = "a duration";
  return scalar(expects, (text, wrong) => {
    const quantity = parseQuantity(text);
    if (typeof quantity === "string") {
      return wrong(`expected a duration, such as 30s (${unitsOf("duration")}): ${quoted(text)}`);
    }
    if (quantity.type !== "duration") {
      const need = quantity.type === "number" ? ", it needs a unit" : "";
      return wrong(`expected a duration${need} (${unitsOf("duration")}): ${quoted(text)}`);
    }
    return quantity.value >= least ? quantity.value : wrong(`expected at least ${min}: ${quoted(text)}`);
  });
}

/** A number with its unit; zero is refused, since a limit of zero would mean everything. */
export const quantity: Kind<Quantity> = scalar("a number with its unit", (text, wrong) => {
  const quantity = parseQuantity(text);
  if (typeof quantity === "string") return wrong(`${quantity}: ${quoted(text)}`);
  return quantity.value > 0 ? quantity : wrong(`expected more than zero: ${quoted(text)}`);
});

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mismatch(expects: string, value: unknown, path: Path, problems: Problems): undefined {
  const found = value === null || value === undefined
    ? "it is empty"
    : Array.isArray(value)
    ? "found a list"
    : typeof value === "object"
    ? "found a mapping"
    : "found a text";
  problems.report(path, `expected ${expects}: ${found}`);
}
