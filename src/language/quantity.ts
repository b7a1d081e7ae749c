/** The types that a written number can have. A duration is in milliseconds, a percentage in percent. */
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

/** Every unit, the smallest of each type first. */
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
  const match = /^(\d+(?:\.\d+)?)([A-Za-z%µ_]*)$/.exec(text);
  if (match === null) return "expected a number, with a unit where it means time, size or share";
  const [, digits = "", suffix = ""] = match;
  if (suffix === "") return { type: "number", value: Number(digits) };
  const unit = UNITS.find((unit) => unit.name === suffix);
  if (unit === undefined) return unknownUnit(suffix);
  // Multiplied as decimal text would be: 1.1s is 1100 ms, not 1100.0000000000002.
  return { type: unit.type, value: Number((Number(digits) * unit.factor).toPrecision(15)) };
}

const UNIT_HINTS: Readonly<Record<string, string>> = {
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
};

function unknownUnit(suffix: string): string {
  const hint = UNIT_HINTS[suffix] ?? UNIT_HINTS[suffix.toLowerCase()];
  return hint === undefined
    ? `unknown unit "${suffix}", expected ${UNITS.map((unit) => unit.name).join(" ")}`
    : `unknown unit "${suffix}", write ${hint}`;
}

/** Writes a value as the language would read it back: `42s`, `12.873s`, `1M`, `83.3%`. */
export function formatQuantity({ type, value }: Quantity): string {
  if (type === "percent") return `${Number(value.toFixed(1))}%`;
  if (value === 0) return type === "duration" ? "0s" : "0";
  const units = UNITS.filter((unit) => unit.type === type);
  const exact = units.findLast((unit) => Number.isInteger(value / unit.factor));
  if (type === "duration") {
    if (exact !== undefined && exact.name !== "ms") return `${value / exact.factor}${exact.name}`;
    return value >= 1000 ? `${Number((value / 1000).toFixed(3))}s` : `${Number(value.toFixed(3))}ms`;
  }
  return exact === undefined ? String(value) : `${value / exact.factor}${exact.name}`;
}
