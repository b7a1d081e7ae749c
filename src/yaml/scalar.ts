import { didYouMean, quoted } from "../text/nearest.ts";
import {
  formatQuantity,
  minutesMeant,
  parseQuantity,
  type Quantity,
  quantityPattern,
  unitsOf,
} from "../language/mod.ts";
import { sideEffectOf, verbOf } from "../digest/mod.ts";
import type { JsonSchema } from "./json_schema.ts";
import { type Kind, mismatch, NAMES, shapeOf } from "./kind.ts";
import { QUOTE_ADVICE } from "./problem.ts";

type ProblemReporter = (message: string) => undefined;

/** The types that YAML may take a text for. */
const TEXT: JsonSchema = { type: ["string", "number", "boolean"] };
const SOME_TEXT: JsonSchema = { ...TEXT, minLength: 1 };

/**
 * A kind of scalar. `parse` returns the value, or calls `wrong` with what is wrong with the text.
 * @param write Formats a value; absent if it prints as it is written.
 */
export function scalar<T>(
  expects: string,
  schema: JsonSchema,
  parse: (text: string, wrong: ProblemReporter) => T | undefined,
  write?: (value: T) => string,
): Kind<T> {
  return {
    expects,
    schema,
    ...write && { write },
    read(value, path, problems) {
      if (typeof value !== "string") return mismatch(expects, value, path, problems);
      return parse(value, (message) => void problems.report(path, message));
    },
  };
}

/** Any text that is not empty. */
export const text: Kind<string> = scalar(
  "a text",
  SOME_TEXT,
  (text, wrong) => text === "" ? wrong("expected a text: it is empty") : text,
);

/** Placeholders that other programs replace. This one does not, so they are reported. */
const VARIABLE_IN = /\$\{\w+\}|\$\(\w+\)|\{\{.*\}\}|(?:^|\/)\$[A-Za-z_]\w*/;

/** A text without placeholders. */
export const filledText: Kind<string> = scalar("a text", SOME_TEXT, (text, wrong) => {
  if (text === "") return wrong("expected a text: it is empty");
  return VARIABLE_IN.test(text) ? wrong(`variables are not replaced here: ${quoted(text)}`) : text;
});

export const filePath: Kind<string> = scalar("a text", SOME_TEXT, (text, wrong) => {
  if (text === "") return wrong("expected a text: it is empty");
  if (/^~[^/]*(?:\/|$)/.test(text)) {
    return wrong(`"~" is not replaced here, write the whole path: ${quoted(text)}`);
  }
  return VARIABLE_IN.test(text)
    ? wrong(`variables are not replaced here, write the whole path: ${quoted(text)}`)
    : text;
});

/** The SQL of a metric. */
export const metricSql: Kind<string> = scalar("a text", SOME_TEXT, (text, wrong) => {
  if (text === "") return wrong("expected a text: it is empty");
  const verb = verbOf(text);
  const found = verb === undefined || READING_VERBS.includes(verb) ? sideEffectOf(text) : verb;
  return found === undefined
    ? text
    : wrong(`expected a SELECT of one number, a metric changes and locks nothing: found "${found}"`);
});

/** The verbs of a read. A procedure might write, but that is up to the user. */
const READING_VERBS = ["select", "call", "show", "values", "table", "with", "explain", "execute"];

/** Any text, including an empty one. */
export const plainText: Kind<string> = scalar("a text", TEXT, (text) => text);

/** Any text, including an empty one. Messages never repeat it. */
export const secretText: Kind<string> = plainText;

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The name of an environment variable. Messages never repeat any other text, since it may be a password. */
export const variableName: Kind<string> = scalar(
  "the name of an environment variable",
  { type: "string", pattern: VARIABLE.source },
  (text, wrong) =>
    VARIABLE.test(text)
      ? text
      : wrong("expected the name of an environment variable: found something else, which is not shown"),
);

const CONDITION = "a condition such as running and time > 10s";

/** An expression of the policy language, compiled later. YAML must have read it as text. */
export const expression: Kind<string> = {
  expects: "a condition",
  schema: { type: ["string", "boolean"], minLength: 1 },
  hint: CONDITION,
  read(value, path, problems) {
    if (typeof value === "string" && value !== "") return value;
    const shape = shapeOf(value);
    const hint = typeof value !== "object" || value === null
      ? ""
      : Array.isArray(value)
      ? `, which "[" starts in YAML: ${QUOTE_ADVICE}`
      : `, which ": " or "{" starts in YAML: ${QUOTE_ADVICE}`;
    problems.report(path, `expected ${CONDITION}: ${shape}${hint}`);
  },
};

const TAG_KEY = /^[a-z_][a-z0-9_]{0,63}$/;

/** The key of a tag in SQL comments, as the policy language can name it. */
export const tagKey: Kind<string> = scalar(
  "the key of a tag",
  { type: "string", pattern: TAG_KEY.source },
  (text, wrong) =>
    TAG_KEY.test(text)
      ? text
      : wrong(`the key of a tag has lower case letters, digits and underscores: ${quoted(text)}`),
);

/** A name that the user chooses. */
export const name: Kind<string> = scalar(
  "a name",
  { ...TEXT, pattern: NAMES.pattern.source },
  (text, wrong) => NAMES.pattern.test(text) ? text : wrong(`${NAMES.rule}: ${quoted(text)}`),
);

/** The host of a server, without a port. */
export const host: Kind<string> = scalar("a host name or an IP address", SOME_TEXT, (text, wrong) => {
  if (VARIABLE_IN.test(text)) return wrong(`variables are not replaced here: ${quoted(text)}`);
  if (/^[^\s\p{C}:/@[\]]+$/u.test(text) || isIPv6(text)) return text;
  const rule = text.includes(":") ? ', its port under "port"' : "";
  return wrong(`expected a host name or an IP address${rule}: ${quoted(text)}`);
});

/** Whether it is an IPv6 address, with or without a zone. Not `isIPv6` of `node:net`, which takes longer to load. */
function isIPv6(text: string): boolean {
  const address = /^([0-9A-Fa-f:.]+)(?:%[\w.-]+)?$/.exec(text)?.[1];
  return address !== undefined && URL.canParse(`http://[${address}]`);
}

/** One of a fixed set of words. */
export function word<W extends string>(words: readonly W[]): Kind<W> {
  const expects = `one of ${words.map((word) => `"${word}"`).join(", ")}`;
  const kind = scalar(
    expects,
    { enum: words },
    (text, wrong) =>
      words.find((word) => word === text) ??
        wrong(`expected ${expects}: ${quoted(text)}${didYouMean(text, words, '"')}`),
  );
  return { ...kind, hint: expects };
}

const INTEGER = /^\d{1,15}$/;

export function integer({ min, max }: { readonly min: number; readonly max: number }): Kind<number> {
  const bounds = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min} to ${max}`;
  const expects = `a whole number, ${bounds}`;
  const schema: JsonSchema = {
    type: ["integer", "string"],
    pattern: INTEGER.source,
    minimum: min,
    ...max < Number.MAX_SAFE_INTEGER && { maximum: max },
  };
  return scalar(expects, schema, (text, wrong) => {
    const value = INTEGER.test(text) ? Number(text) : NaN;
    return value >= min && value <= max ? value : wrong(`expected ${expects}: ${quoted(text)}`);
  });
}

/** A duration within bounds, in milliseconds. */
export function duration({ min, max }: { readonly min: string; readonly max: string }): Kind<number> {
  const [least, most] = [min, max].map((bound) => (parseQuantity(bound) as Quantity).value);
  const units = unitsOf("duration");
  const schema: JsonSchema = { type: "string", pattern: quantityPattern(["duration"]) };
  return scalar("a duration", schema, (text, wrong) => {
    const quantity = parseQuantity(text);
    if (typeof quantity === "string") {
      return wrong(`expected a duration, such as 30s (${units}): ${quoted(text)}`);
    }
    if (quantity.type !== "duration") {
      const minutes = minutesMeant(text);
      if (minutes !== undefined) return wrong(`${minutes}: ${quoted(text)}`);
      const need = quantity.type === "number" ? ", it needs a unit" : "";
      return wrong(`expected a duration${need} (${units}): ${quoted(text)}`);
    }
    if (quantity.value < least!) return wrong(`expected at least ${min}: ${quoted(text)}`);
    return quantity.value > most! ? wrong(`expected at most ${max}: ${quoted(text)}`) : quantity.value;
  }, (value) => formatQuantity({ type: "duration", value }));
}

/** A size within bounds, in bytes. */
export function size({ min, max }: { readonly min: string; readonly max: string }): Kind<number> {
  const [least, most] = [min, max].map((bound) => (parseQuantity(bound) as Quantity).value);
  const schema: JsonSchema = { type: "string", pattern: quantityPattern(["bytes"]) };
  return scalar("a size", schema, (text, wrong) => {
    const quantity = parseQuantity(text);
    if (typeof quantity === "string") return wrong(`${quantity}: ${quoted(text)}`);
    if (quantity.type !== "bytes") {
      return wrong(`expected a size, such as ${max} (${unitsOf("bytes")}): ${quoted(text)}`);
    }
    if (quantity.value < least!) return wrong(`expected at least ${min}: ${quoted(text)}`);
    return quantity.value > most! ? wrong(`expected at most ${max}: ${quoted(text)}`) : quantity.value;
  }, (value) => formatQuantity({ type: "bytes", value }));
}

/** A number with its unit. Zero is refused, since a limit of zero would match everything. */
export const quantity: Kind<Quantity> = scalar("a number with its unit", {
  type: ["string", "number"],
  pattern: quantityPattern(["number", "duration", "bytes", "percent"]).replace("^", "^(?=.*[1-9])"),
  exclusiveMinimum: 0,
}, (text, wrong) => {
  const quantity = parseQuantity(text);
  if (typeof quantity === "string") return wrong(`${quantity}: ${quoted(text)}`);
  return quantity.value > 0 ? quantity : wrong(`expected more than zero: ${quoted(text)}`);
}, formatQuantity);

/** A percentage above 0% and up to 100%. */
export const share: Kind<number> = scalar("a share", {
  type: "string",
  pattern: quantityPattern(["percent"]),
}, (text, wrong) => {
  const quantity = parseQuantity(text);
  if (typeof quantity === "string" || quantity.type !== "percent") {
    return wrong(`expected a share, such as 20%: ${quoted(text)}`);
  }
  const { value } = quantity;
  return value > 0 && value <= 100 ? value : wrong(`expected more than 0% and at most 100%: ${quoted(text)}`);
}, (value) => formatQuantity({ type: "percent", value }));

/** A table name with its schema. */
export const tableName: Kind<string> = scalar(
  "a table with its schema",
  { type: "string", pattern: "^[^\\s.`]{1,64}\\.[^\\s.`]{1,64}$" },
  (text, wrong) =>
    /^[^\s.`\p{C}]{1,64}\.[^\s.`\p{C}]{1,64}$/u.test(text)
      ? text
      : wrong(`expected a table with its schema, such as ops.heartbeat: ${quoted(text)}`),
);
