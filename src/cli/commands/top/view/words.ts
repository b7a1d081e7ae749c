import type { ShownValue } from "../../../../http/fleet/mod.ts";
import { durationWords } from "../../../../report/duration.ts";

/** A duration of a database: `?` where it is unknown, nothing where nobody asked for it. */
export function durationCell(value: ShownValue | undefined): string {
  return typeof value === "number" ? durationWords(value) : value === null ? "?" : "";
}

/** A count, short: `1.2M`. */
export function countCell(value: ShownValue | undefined): string {
  if (typeof value !== "number") return value === null ? "?" : "";
  for (const [unit, size] of [["G", 1e9], ["M", 1e6], ["k", 1e4]] as const) {
    const factor = unit === "k" ? 1e3 : size;
    if (value >= size) return `${(value / factor).toFixed(value / factor < 100 ? 1 : 0)}${unit}`;
  }
  return String(Math.round(value));
}

/** How long something has been so, in whole seconds and longer units. */
export function since(at: number, now: number): string {
  return durationWords(Math.max(0, Math.floor((now - at) / 1000) * 1000));
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
