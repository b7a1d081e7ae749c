/** The types of a number in an expression. Durations are in milliseconds, percentages in percent. */
export type QuantityType = "number" | "duration" | "bytes" | "percent";

/** A number with its type, as `30s`, `1M`, `64MiB` or `20%` is read. */
export interface Quantity {
  readonly type: QuantityType;
  readonly value: number;
}

interface Unit {
  readonly name: string;
  readonly type: QuantityType;
  readonly factor: number;
}

/** All units, the smallest of each type first. */
const UNITS: readonly Unit[] = [
  { name: "ms", type: "duration", factor: 1 },
  { name: "s", type: "duration", factor: 1000 },
  { name: "m", type: "duration", factor: 60_000 },
  { name: "h", type: "duration", factor: 3_600_000 },
  { name: "d", type: "duration", factor: 86_400_000 },
  { name: "k", type: "number", factor: 1e3 },
  { name: "M", type: "number", factor: 1e6 },
  { name: "G", type: "number", factor: 1e9 },
  { name: "KiB", type: "bytes", factor: 2 ** 10 },
  { name: "MiB", type: "bytes", factor: 2 ** 20 },
  { name: "GiB", type: "bytes", factor: 2 ** 30 },
  { name: "%", type: "percent", factor: 1 },
];

/** The units of a type, for messages: `ms, s, m, h or d`. */
export function unitsOf(type: QuantityType): string {
  const names = UNITS.filter((unit) => unit.type === type).map((unit) => unit.name);
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

/**
 * Reads `30s`, `1.5M`, `20%` or `10`.
 * @returns The quantity, or what is wrong with the text, ready to be followed by `: found …`.
 */
export function parseQuantity(text: string): Quantity | string {
  if (/^\d+(?:\.\d+)?[eE][+-]?\d+$/.test(text)) return noExponent(Number(text));
  const match = /^(\d+(?:\.\d+)?)((?:[A-Za-z%µ_][A-Za-z0-9%µ_]*)?)$/.exec(text);
  if (match === null) return "expected a number, with a unit where it means time, size or share";
  const [, digits = "", suffix = ""] = match;
  if (suffix === "") return { type: "number", value: Number(digits) };
  const unit = UNITS.find((unit) => unit.name === suffix);
  if (unit === undefined) return severalUnits(text) ?? unknownUnit(suffix);
  // Rounded to decimal precision: 1.1s is 1100 ms, not 1100.0000000000002.
  return { type: unit.type, value: Number((Number(digits) * unit.factor).toPrecision(15)) };
}

/** The value of a text that is a quantity of this type; undefined if it is not. */
export function valueOfType(type: QuantityType, text: string): number | undefined {
  const quantity = parseQuantity(text);
  return typeof quantity === "object" && quantity.type === type ? quantity.value : undefined;
}

/** The source of a regular expression for quantities of these types. */
export function quantityPattern(types: readonly QuantityType[]): string {
  const names = UNITS.filter(({ type }) => types.includes(type)).map(({ name }) => name);
  return `^\\d+(\\.\\d+)?(${names.join("|")})${types.includes("number") ? "?" : ""}$`;
}

/** The message for a number with an exponent, such as `1e6`. */
function noExponent(value: number): string {
  const problem = "a number has no exponent here";
  return value === 0 || (value >= 0.001 && value < 1e15)
    ? `${problem}, write ${formatQuantity({ type: "number", value })}`
    : problem;
}

/** A hint if `5M` is written where a duration is expected; undefined for any other text. */
export function minutesMeant(text: string): string | undefined {
  const minutes = /^(\d+(?:\.\d+)?)M$/.exec(text)?.[1];
  if (minutes === undefined) return undefined;
  return `M means a million, write ${minutes}m for ${minutes === "1" ? "a minute" : `${minutes} minutes`}`;
}

const UNIT_HINTS: ReadonlyMap<string, string> = new Map(Object.entries({
  K: "k for a thousand, KiB for bytes",
  kb: "KiB",
  mb: "MiB",
  gb: "GiB",
  kib: "KiB",
  mib: "MiB",
  gib: "GiB",
  g: "G for a billion, GiB for bytes",
  sec: "s",
  secs: "s",
  second: "s",
  seconds: "s",
  min: "m",
  mins: "m",
  minute: "m",
  minutes: "m",
  hour: "h",
  hours: "h",
  day: "d",
  days: "d",
  msec: "ms",
}));

/** What to write instead of several units, such as `1m30s`. */
function severalUnits(text: string): string | undefined {
  const parts = text.match(/\d+(?:\.\d+)?[A-Za-zµ]+/g) ?? [];
  if (parts.length < 2 || parts.join("") !== text) return undefined;
  const values = parts.map((part) => valueOfType("duration", part));
  const sum = values.reduce(
    (sum, value) => sum === undefined || value === undefined ? undefined : sum + value,
    0,
  );
  if (sum === undefined) return undefined;
  return `a duration has one unit, write ${formatQuantity({ type: "duration", value: sum })}`;
}

/** Whether a lower-case word is a unit, or what people commonly write for one. */
export function isUnit(word: string): boolean {
  return UNITS.some(({ name }) => name.toLowerCase() === word) || UNIT_HINTS.has(word);
}

function unknownUnit(suffix: string): string {
  const hint = UNIT_HINTS.get(suffix) ?? UNIT_HINTS.get(suffix.toLowerCase());
  return hint === undefined
    ? `unknown unit "${suffix}", expected ${UNITS.map((unit) => unit.name).join(" ")}`
    : `unknown unit "${suffix}", write ${hint}`;
}

/** The most decimals that are shown. */
const DECIMALS: Readonly<Record<Exclude<QuantityType, "number">, number>> = {
  duration: 3,
  bytes: 3,
  percent: 1,
};
const ZERO: Readonly<Record<QuantityType, string>> = {
  number: "0",
  duration: "0s",
  bytes: "0KiB",
  percent: "0%",
};

/**
 * Formats a value in the syntax of the language: `42s`, `12.873s`, `1M`, `1.5KiB`, `83.3%`. It is rounded; `more`
 * adds decimals to the usual number.
 */
export function formatQuantity({ type, value }: Quantity, more = 0): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return ZERO[type];
  const units = UNITS.filter((unit) => unit.type === type);
  const exact = units.findLast((unit) => Number.isInteger(value / unit.factor));
  if (exact !== undefined && exact.name !== "ms") return `${value / exact.factor}${exact.name}`;
  if (type === "number") return String(value);
  // Fractions of minutes and longer units are written in seconds: 90.5s, not 1.508m.
  const fitting = units.filter(({ name, factor }) => factor <= value && !["m", "h", "d"].includes(name));
  const { name, factor } = fitting.at(-1) ?? units[0]!;
  return `${Number((value / factor).toFixed(Math.min(DECIMALS[type] + more, 20)))}${name}`;
}
