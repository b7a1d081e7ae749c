import { type Markup, markup } from "./markup.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const WHOLE = new Intl.NumberFormat("en");
const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** `12,345`. */
export function number(value: number): string {
  return WHOLE.format(value);
}

/** `1.2M`. */
export function shortNumber(value: number): string {
  return SHORT.format(value);
}

/** `1 kill`, `12,345 kills`. */
export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${number(count)} ${count === 1 ? noun : nouns}`;
}

/** A part of 1: `12%`, `3.4%`, `under 0.1%`. */
export function percent(part: number): string {
  const value = part * 100;
  if (value === 0) return "0%";
  if (value < 0.1) return "under 0.1%";
  return value < 10 ? `${Number(value.toFixed(1))}%` : `${Math.round(value)}%`;
}

const UNITS = [[DAY, "d"], [HOUR, "h"], [MINUTE, "min"], [SECOND, "s"]] as const;

/** Milliseconds as `850 ms`, `12.3 s`, `4 min 10 s`, `3 h`: never more than two units. */
export function duration(ms: number): string {
  if (Math.round(ms) < SECOND) return `${Math.round(ms)} ms`;
  if (Math.round(ms / 100) * 100 < MINUTE) return `${Number((ms / SECOND).toFixed(1))} s`;
  const at = Math.min(UNITS.findIndex(([size]) => ms >= size), UNITS.length - 2);
  const [[size, name], [smaller, smallName]] = [UNITS[at]!, UNITS[at + 1]!];
  const rounded = Math.round(ms / smaller) * smaller;
  const above = UNITS[at - 1];
  if (above !== undefined && rounded >= above[0]) return duration(rounded);
  const rest = rounded % size / smaller;
  return `${number(Math.floor(rounded / size))} ${name}${rest === 0 ? "" : ` ${rest} ${smallName}`}`;
}

/** How long from one moment to another: `7 days`, `2 days 3 hours`, `40 minutes`. */
export function lengthOf({ from, to }: { readonly from: string; readonly to: string }): string {
  const minutes = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / MINUTE));
  const parts = [
    [Math.floor(minutes / 1440), "day"],
    [Math.floor(minutes / 60) % 24, "hour"],
    [minutes % 60, "minute"],
  ] as const;
  const words = parts.filter(([count]) => count > 0).slice(0, 2).map(([count, noun]) => plural(count, noun));
  return words.length === 0 ? "less than a minute" : words.join(" ");
}

const DATE = new Intl.DateTimeFormat("en-GB", {
  timeZone: "UTC",
  day: "numeric",
  month: "short",
  year: "numeric",
});
const TIME = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", hour: "2-digit", minute: "2-digit" });

/** `20 Nov 2026`, in UTC. */
export function dayText(iso: string): string {
  return DATE.format(Date.parse(iso));
}

const SHORT_DATE = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "short" });

/** `20 Nov`, in UTC. */
export function shortDay(iso: string): string {
  return SHORT_DATE.format(Date.parse(iso));
}

/** `20 Nov 2026 14:02`, in UTC. */
export function momentText(iso: string): string {
  return `${dayText(iso)} ${TIME.format(Date.parse(iso))}`;
}

/** {@linkcode dayText}, which machines can read too. */
export function day(iso: string): Markup {
  return markup`<time datetime="${iso}">${dayText(iso)}</time>`;
}

/** {@linkcode momentText}, which machines can read too. */
export function moment(iso: string): Markup {
  return markup`<time datetime="${iso}">${momentText(iso)}</time>`;
}

/** A figure as people read it, with the exact one for machines. */
export function figure(value: number | null, words: (value: number) => string = number): Markup {
  return value === null
    ? markup`<span class="unknown">unknown</span>`
    : markup`<data value="${value}">${words(value)}</data>`;
}
