import { parseQuantity, unitsOf } from "../language/mod.ts";
import { quoted } from "../text/nearest.ts";

/** A day, in milliseconds. Days of journals and reports are those of UTC. */
export const DAY = 86_400_000;
/** An hour, in milliseconds. */
export const HOUR = 3_600_000;
/** A minute, in milliseconds. */
export const MINUTE = 60_000;

/** A time from its first moment to just before its last one, in milliseconds since 1970. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** A part of a question is not what it has to be: the message says what was expected, and found. */
export class QueryError extends Error {
  override readonly name = "QueryError";
}

/** `2026-11-20`, with a time `T10:03` and seconds if need be; in UTC unless it says another zone. */
const MOMENT = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?)?$/;
const CLOCK_TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

/**
 * Reads a moment: how long ago (`24h`), a day or a time (`2026-11-20T10:03`), or `10:03`, the last time that the clock
 * showed it. In UTC.
 * @param now Milliseconds since 1970.
 * @throws {QueryError}
 */
export function readMoment(text: string, now: number): number {
  const moment = momentOf(text, now);
  // Every day of a period is looked for.
  if (moment < 0) throw tooLongAgo(text);
  return moment;
}

function tooLongAgo(text: string): QueryError {
  return new QueryError(`that is too long ago: ${quoted(text)}`);
}

function momentOf(text: string, now: number): number {
  if (text === "now") return now;
  if (CLOCK_TIME.test(text)) {
    const today = Date.parse(`${new Date(now).toISOString().slice(0, 10)}T${text}Z`);
    return today > now ? today - DAY : today;
  }
  const [, day, time = "00:00", zone = "Z"] = MOMENT.exec(text) ?? [];
  if (day !== undefined) {
    const moment = Date.parse(`${day}T${time}${zone}`);
    // Date would take the 31st of November for the 1st of December.
    if (!isNaN(moment) && isDay(day)) return moment;
    throw new QueryError(`there is no such time: ${quoted(text)}`);
  }
  const ago = durationOf(text);
  if (ago === undefined) {
    throw new QueryError(
      `expected how long ago, such as 24h (${
        unitsOf("duration")
      }), or a time in UTC, such as 2026-11-20 or ` +
        `2026-11-20T10:03: ${quoted(text)}`,
    );
  }
  return now - ago;
}

/** Whether a text `YYYY-MM-DD` is a day of the calendar. */
export function isDay(text: string): boolean {
  const moment = Date.parse(`${text}T00:00Z`);
  return !isNaN(moment) && new Date(moment).toISOString().startsWith(text);
}

function durationOf(text: string): number | undefined {
  const quantity = parseQuantity(text);
  const isDuration = typeof quantity === "object" && quantity.type === "duration" && quantity.value > 0;
  return isDuration ? quantity.value : undefined;
}

/** From this length on a report begins at the midnight before. */
const WHOLE_DAYS = 2 * DAY;

/**
 * The period of a report. One of two days or more begins at midnight, so that its bars are whole days.
 * @throws {QueryError}
 */
export function readPeriod(
  { since, until }: { readonly since: string; readonly until: string | undefined },
  now: number,
): Period {
  const to = until === undefined ? now : Math.min(readMoment(until, now), now);
  const ago = durationOf(since);
  const begin = ago === undefined ? readMoment(since, now) : to - ago;
  const from = ago !== undefined && ago >= WHOLE_DAYS ? begin - begin % DAY : begin;
  if (from >= to) throw new QueryError(`the period ends before it begins: ${iso(from)} to ${iso(to)}`);
  if (from < 0) throw tooLongAgo(since);
  return { from, to };
}

/**
 * The period to compare with: so long before another one (`7d`), or from one time to another (`2026-11-01/2026-11-08`).
 * @throws {QueryError}
 */
export function readComparedPeriod(text: string, { from }: Period, now: number): Period {
  const ago = durationOf(text);
  if (ago !== undefined && ago > from) throw tooLongAgo(text);
  if (ago !== undefined) return { from: from - ago, to: from };
  const [begin, end, ...more] = text.split("/");
  if (begin === undefined || end === undefined || more.length > 0) {
    throw new QueryError(
      `expected how long before, such as 7d, or two times, such as 2026-11-01/2026-11-08: ${quoted(text)}`,
    );
  }
  const period = { from: readMoment(begin, now), to: readMoment(end, now) };
  if (period.from >= period.to) throw new QueryError(`the period ends before it begins: ${quoted(text)}`);
  return period;
}

/** The period of the same length just before. */
export function before({ from, to }: Period): Period {
  return { from: from - (to - from), to: from };
}

/** How many days a report may have that has a bar for each day; a longer one has one for each week. */
const FEW_DAYS = 14;

/** The bars of a report: days of UTC, or weeks from its beginning. The first and the last may be shorter. */
export function barsOf({ from, to }: Period): readonly Period[] {
  // One of 14 days ago until now begins at midnight, and is a little longer.
  const isShort = to - from <= (FEW_DAYS + 1) * DAY;
  const bars: Period[] = [];
  for (let start = from; start < to;) {
    const end = isShort ? start - start % DAY + DAY : start + 7 * DAY;
    bars.push({ from: start, to: Math.min(end, to) });
    start = end;
  }
  return bars;
}

/** A moment as an ISO text in UTC. */
export function iso(at: number): string {
  return new Date(at).toISOString();
}

/** The part of a period that is within another one, 0 to 1. */
export function overlap(period: Period, { from, to }: Period): number {
  const shared = Math.min(period.to, to) - Math.max(period.from, from);
  return Math.max(0, shared) / (period.to - period.from);
}
