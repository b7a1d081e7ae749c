import type { Schedule } from "../config/mod.ts";

/** The clock on the wall of a zone. */
interface LocalTime {
  /** 0 is Monday, 6 is Sunday. */
  readonly day: number;
  /** Since midnight, as the clock shows it. */
  readonly minute: number;
}

/**
 * Whether a moment is within a schedule. What counts is the clock on the wall: in the night that has an hour
 * twice, windows within that hour are open twice, and in the one that lacks it, not at all.
 * @param wall In milliseconds since 1970-01-01 UTC.
 */
export function isWithin({ windows }: Schedule, wall: number): boolean {
  return windows.some(({ days, from, to, zone }) => {
    const { day, minute } = localTime(wall, zone);
    if (from < to) return days.includes(day) && minute >= from && minute < to;
    const yesterday = (day + 6) % 7;
    return (days.includes(day) && minute >= from) || (days.includes(yesterday) && minute < to);
  });
}

/** What the clock shows in the zone of a schedule's first window: `Sun 21:03`. */
export function shownTime({ windows }: Schedule, wall: number): string {
  const { day, minute } = localTime(wall, windows[0]?.zone ?? "UTC");
  const [hour, rest] = [Math.floor(minute / 60), minute % 60];
  return `${DAYS[day]} ${[hour, rest].map((part) => String(part).padStart(2, "0")).join(":")}`;
}

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** Making one takes longer than a gate does. */
const FORMATS = new Map<string, Intl.DateTimeFormat>();

function localTime(wall: number, zone: string): LocalTime {
  const format = FORMATS.get(zone) ?? new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  FORMATS.set(zone, format);
  const parts = new Map(format.formatToParts(wall).map(({ type, value }) => [type as string, value]));
  return {
    day: DAYS.indexOf(parts.get("weekday") ?? ""),
    minute: Number(parts.get("hour")) * 60 + Number(parts.get("minute")),
  };
}
