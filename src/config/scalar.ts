import { didYouMean, minutesMeant, parseQuantity, type Quantity, quoted, unitsOf } from "../language/mod.ts";
import { type Kind, mismatch, NAMES, shapeOf } from "./kind.ts";
import { QUOTE_ADVICE } from "./problem.ts";

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

/** The name of an environment variable. Any other text may be a password, and is not repeated. */
export const variableName: Kind<string> = scalar(
  "the name of an environment variable",
  (text, wrong) =>
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(text)
      ? text
      : wrong("expected the name of an environment variable: found something else, which is not shown"),
);

const CONDITION = "a condition such as running and time > 10s";

/** An expression of the policy language, which is compiled later. YAML must have left it alone. */
export const expression: Kind<string> = {
  expects: "a condition",
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

/** A name that the user gives to something. */
export const name: Kind<string> = scalar(
  "a name",
  (text, wrong) => NAMES.pattern.test(text) ? text : wrong(`${NAMES.rule}: ${quoted(text)}`),
);

/** Where a server listens, without its port. */
export const host: Kind<string> = scalar("a host name or an IP address", (text, wrong) => {
  if (/^[^\s\p{C}:/@[\]]+$/u.test(text) || isIPv6(text)) return text;
  const rule = text.includes(":") ? ', its port under "port"' : "";
  return wrong(`expected a host name or an IP address${rule}: ${quoted(text)}`);
});

/** An IPv6 address, with its zone if it has one. `node:net` knows as well, and takes longer to load. */
function isIPv6(text: string): boolean {
  const address = /^([0-9A-Fa-f:.]+)(?:%[\w.-]+)?$/.exec(text)?.[1];
  return address !== undefined && URL.canParse(`http://[${address}]`);
}

/** One of a few words. */
export function word<W extends string>(words: readonly W[]): Kind<W> {
  const expects = `one of ${words.map((word) => `"${word}"`).join(", ")}`;
  const kind = scalar(
    expects,
    (text, wrong) =>
      words.find((word) => word === text) ??
        wrong(`expected ${expects}: ${quoted(text)}${didYouMean(text, words, '"')}`),
  );
  return { ...kind, hint: expects };
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
export function duration({ min, max }: { readonly min: string; readonly max: string }): Kind<number> {
  const [least, most] = [min, max].map((bound) => (parseQuantity(bound) as Quantity).value);
  const units = unitsOf("duration");
  return scalar("a duration", (text, wrong) => {
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
  });
}

/** A number with its unit; zero is refused, since a limit of zero would mean everything. */
export const quantity: Kind<Quantity> = scalar("a number with its unit", (text, wrong) => {
  const quantity = parseQuantity(text);
  if (typeof quantity === "string") return wrong(`${quantity}: ${quoted(text)}`);
  return quantity.value > 0 ? quantity : wrong(`expected more than zero: ${quoted(text)}`);
});

/** A part of a whole, in percent: never nothing of it. */
export const share: Kind<number> = scalar("a share", (text, wrong) => {
  const quantity = parseQuantity(text);
  if (typeof quantity === "string" || quantity.type !== "percent") {
    return wrong(`expected a share, such as 20%: ${quoted(text)}`);
  }
  const { value } = quantity;
  return value > 0 && value <= 100 ? value : wrong(`expected more than 0% and at most 100%: ${quoted(text)}`);
});

/** A table with its schema. */
export const tableName: Kind<string> = scalar(
  "a table with its schema",
  (text, wrong) =>
    /^[^\s.`\p{C}]{1,64}\.[^\s.`\p{C}]{1,64}$/u.test(text)
      ? text
      : wrong(`expected a table with its schema, such as ops.heartbeat: ${quoted(text)}`),
);
