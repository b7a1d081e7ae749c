/** The hours of the week in which a policy is asked. JSON-able. */
export interface Schedule {
  /** As it is written. */
  readonly text: string;
  /** A moment is within the schedule if it is within one of these. */
  readonly windows: readonly Window[];
}

/** The same hours on some days. One that goes past midnight belongs to the day on which it begins. */
export interface Window {
  /** 0 is Monday, 6 is Sunday. */
  readonly days: readonly number[];
  /** In minutes since midnight, local time of its zone. */
  readonly from: number;
  /** The first minute after it; 1440 is midnight. Less than `from` where it goes past midnight. */
  readonly to: number;
  /** An IANA name. */
  readonly zone: string;
}

/** The days of a week, as they are written. */
export const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;

/** The local time of a zone. */
interface LocalTime {
  /** 0 is Monday, 6 is Sunday. */
  readonly day: number;
  /** Since midnight, as the clock shows it. */
  readonly minute: number;
}

/**
 * Whether a moment is within a schedule. Local time counts: when the clocks go back, windows within the repeated
 * hour are open twice; when they go forward, windows within the skipped hour are not open at all.
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

/** Creating a formatter takes longer than evaluating a gate. */
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
    day: DAYS.findIndex((day) => day === parts.get("weekday")),
    minute: Number(parts.get("hour")) * 60 + Number(parts.get("minute")),
  };
}
