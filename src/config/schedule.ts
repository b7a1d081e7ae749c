import { DAYS, type Schedule, type Window } from "../policy/mod.ts";
import { didYouMean, quoted } from "../text/nearest.ts";
import { type Kind, scalar } from "../yaml/mod.ts";

/** The form of a schedule. */
export const SCHEDULE_EXAMPLE = "Mon-Fri 08:00-20:00 Europe/Berlin";

const WINDOW =
  "((\\w+(-\\w+)?\\s*,\\s*)*\\w+(-\\w+)?\\s+)?\\d\\d:\\d\\d\\s*-\\s*\\d\\d:\\d\\d(\\s+[\\w/+-]+)?";
/** A regular expression, as text, that every schedule matches. */
export const SCHEDULE_PATTERN = `^\\s*${WINDOW}(\\s*,\\s*${WINDOW})*\\s*$`;

const DAY_RANGE = /^[A-Za-z]+(?:-[A-Za-z]+)?$/;
const HOURS = /^(?:(\S+)\s+)?(\d[\d:.]*)\s*-\s*(\d[\d:.]*)(?:\s+(\S+))?$/;

/**
 * Reads `[DAYS] HH:MM-HH:MM [ZONE]`, or several of them separated by commas. Days may be a list too, as in `Sat,Sun
 * 10:00-16:00`. A zone at the very end applies to all windows; without one it is UTC.
 * @returns The schedule, or what is wrong with the text.
 */
export function parseSchedule(text: string): Schedule | string {
  const windows: (Omit<Window, "zone"> & { readonly zone: string | undefined })[] = [];
  let days: string[] = [];
  for (const part of text.split(",").map((part) => part.trim())) {
    if (DAY_RANGE.test(part)) {
      days.push(part);
      continue;
    }
    const match = HOURS.exec(part);
    if (match === null) return `expected hours such as ${SCHEDULE_EXAMPLE}: ${quoted(part)}`;
    const [, lastDays, from = "", to = "", zone] = match;
    const window = readWindow([...days, ...lastDays === undefined ? [] : [lastDays]], from, to);
    if (typeof window === "string") return window;
    const problem = zone === undefined ? undefined : zoneProblem(zone);
    if (problem !== undefined) return problem;
    windows.push({ ...window, zone });
    days = [];
  }
  if (days.some((range) => typeof readDays(range) === "string")) {
    return `expected hours such as ${SCHEDULE_EXAMPLE}: ${quoted(text)}`;
  }
  if (days.length > 0) return `these days have no hours, such as 08:00-20:00: ${quoted(days.join(","))}`;
  return withZones(text, windows);
}

function readWindow(days: readonly string[], from: string, to: string): Omit<Window, "zone"> | string {
  const found: number[] = [];
  for (const range of days) {
    const numbers = readDays(range);
    if (typeof numbers === "string") return numbers;
    found.push(...numbers);
  }
  const [begin, end] = [readTime(from, 1439), readTime(to, 1440)];
  if (begin === undefined) return `expected a time of the day, 00:00 to 23:59: ${quoted(from)}`;
  if (end === undefined) return `expected a time of the day, 00:00 to 24:00: ${quoted(to)}`;
  if (begin === end) return `these hours end when they begin: ${quoted(`${from}-${to}`)}`;
  const all = DAYS.map((_, day) => day);
  return { days: days.length === 0 ? all : all.filter((day) => found.includes(day)), from: begin, to: end };
}

/** `Mon`, or a range such as `Fri-Mon`, which goes past Sunday. */
function readDays(range: string): readonly number[] | string {
  const ends: number[] = [];
  for (const name of range.split("-")) {
    const day = DAYS.findIndex((day) => day.toLowerCase() === name.toLowerCase());
    if (day < 0) {
      const near = DAYS.find((day) => name.toLowerCase().startsWith(day.toLowerCase()));
      const hint = near === undefined ? didYouMean(name, DAYS, '"') : ` (did you mean "${near}"?)`;
      return `expected a day, ${DAYS.join(" ")}: ${quoted(name)}${hint}`;
    }
    ends.push(day);
  }
  const [first = 0, last = first] = ends;
  return Array.from({ length: (last - first + 7) % 7 + 1 }, (_, index) => (first + index) % 7);
}

function readTime(text: string, latest: number): number | undefined {
  const match = /^(\d\d):([0-5]\d)$/.exec(text);
  if (match === null) return undefined;
  const minute = Number(match[1]) * 60 + Number(match[2]);
  return minute <= latest ? minute : undefined;
}

/** Refuses an offset such as `+02:00`: it has no summer time, but `Intl` would accept it. */
function zoneProblem(zone: string): string | undefined {
  try {
    if (/^[A-Za-z]/.test(zone)) {
      new Intl.DateTimeFormat("en", { timeZone: zone });
      return undefined;
    }
  } catch {
    // Reported below.
  }
  const near = didYouMean(zone, ["UTC", ...Intl.supportedValuesOf("timeZone")], '"');
  return `no time zone has this name (IANA): ${quoted(zone)}${near}`;
}

/** A zone after some windows but not all is ambiguous: it may be meant for the windows before it. */
function withZones(
  text: string,
  windows: readonly (Omit<Window, "zone"> & { readonly zone: string | undefined })[],
): Schedule | string {
  const zones = windows.map(({ zone }) => zone);
  const isForAll = zones.slice(0, -1).every((zone) => zone === undefined);
  if (!isForAll && zones.includes(undefined)) {
    return `the time zone comes at the very end, for all hours, or after each of them: ${quoted(text)}`;
  }
  const all = zones.at(-1) ?? "UTC";
  return { text, windows: windows.map((window) => ({ ...window, zone: window.zone ?? all })) };
}

/** A schedule in a configuration file. */
export const schedule: Kind<Schedule> = scalar(
  `hours such as ${SCHEDULE_EXAMPLE}`,
  { type: "string", pattern: SCHEDULE_PATTERN },
  (text, wrong) => {
    if (text === "") return wrong(`expected hours such as ${SCHEDULE_EXAMPLE}: it is empty`);
    const found = parseSchedule(text);
    return typeof found === "string" ? wrong(found) : found;
  },
  ({ text }) => text,
);
