import type { Row } from "../connection/mod.ts";

/** A whole number of an admin interface, which sends every value as a text; undefined where there is none. */
export function integerOf(value: Row[string] | undefined): bigint | undefined {
  const text = typeof value === "number" ? String(value) : value;
  return text !== null && text !== undefined && /^-?\d{1,20}$/.test(text) ? BigInt(text) : undefined;
}

/** The same where it is small: a port, an id, seconds. Beyond 53 bits it is undefined. */
export function numberOf(value: Row[string] | undefined): number | undefined {
  const number = Number(integerOf(value) ?? NaN);
  return Number.isSafeInteger(number) ? number : undefined;
}

export function textOf(value: Row[string] | undefined): string {
  return value === null || value === undefined ? "" : String(value);
}

/** Rows of a name and a value, by name. */
export function byName(rows: readonly Row[]): ReadonlyMap<string, string> {
  return new Map(rows.map(({ name, value }) => [textOf(name), textOf(value)]));
}

/** A host and a port in one text. */
export function placeOf(host: Row[string] | undefined, port: Row[string] | undefined): string {
  const name = textOf(host);
  return `${name.includes(":") ? `[${name}]` : name}:${textOf(port)}`;
}

/** Seconds since 1970 as a time in UTC; null for none. */
export function timeOf(seconds: Row[string] | undefined): string | null {
  const number = numberOf(seconds);
  return number === undefined || number <= 0 || number > 8e12 ? null : new Date(number * 1000).toISOString();
}

/** JSON in which a number of 64 bits has all of its digits. */
export function jsonOf(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${jsonOf(item)}`).join(",")}}`;
}
