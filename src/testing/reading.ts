import { type NameRow, parseQuantity, type Unknown, type Value } from "../language/mod.ts";
import { quoted } from "../text/nearest.ts";
import { duration, type Kind, plainText, scalar, word } from "../yaml/mod.ts";

/** A value of a name of the policy language, as a test gives it. Zero is a value like any other. */
export function reading({ type, values }: Pick<NameRow, "type" | "values">): Kind<Value> {
  switch (type) {
    case "duration":
      return duration({ min: "0s", max: "3650d" });
    case "boolean":
      return truth;
    case "string":
      return values === undefined ? plainText : word(values);
    default:
      return amount(type);
  }
}

/** A value, or that it could not be read. */
export function orUnknown<T>(kind: Kind<T>): Kind<T | Unknown> {
  const expects = `${kind.expects}, or unknown`;
  return {
    ...kind,
    expects,
    schema: { anyOf: [kind.schema, { enum: ["unknown"] }] },
    read: (value, path, problems) =>
      value === "unknown" ? { unknown: "the test says so" } : kind.read(value, path, problems),
  };
}

/** A moment in milliseconds since the test began; negative if it was before. */
export const moment: Kind<number> = scalar(
  "a time such as 30s, or -2m before the test begins",
  { type: ["string", "integer"] },
  (text, wrong) => {
    const quantity = parseQuantity(text.replace(/^-/, ""));
    if (typeof quantity === "string" || quantity.type !== "duration") {
      return wrong(`expected a time such as 30s, or -2m before the test begins: ${quoted(text)}`);
    }
    return text.startsWith("-") ? -quantity.value : quantity.value;
  },
);

const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)$/;

/** A moment in milliseconds since 1970-01-01 UTC. */
export const instant: Kind<number> = scalar(
  "a date and time",
  { type: "string", pattern: INSTANT.source },
  (text, wrong) => {
    const value = INSTANT.test(text) ? Date.parse(text.replace(" ", "T")) : NaN;
    return Number.isNaN(value)
      ? wrong(`expected a date and time such as 2026-11-20T10:00:00Z: ${quoted(text)}`)
      : value;
  },
);

/** Yes or no. */
export const truth: Kind<boolean> = scalar(
  "true or false",
  { type: ["boolean", "string"] },
  (text, wrong) =>
    text === "true" || text === "false" ? text === "true" : wrong(`expected true or false: ${quoted(text)}`),
);

const EXAMPLES = { number: "100, 20k or 1M", percent: "95%", bytes: "64MiB" };

function amount(type: "number" | "percent" | "bytes"): Kind<number> {
  const expects = `a value such as ${EXAMPLES[type]}`;
  return scalar(expects, { type: ["number", "string"] }, (text, wrong) => {
    const quantity = parseQuantity(text);
    return typeof quantity === "string" || quantity.type !== type
      ? wrong(`expected ${expects}: ${quoted(text)}`)
      : quantity.value;
  });
}
