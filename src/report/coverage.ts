import type { JournalReader } from "../journal/mod.ts";
import type { Names } from "./names.ts";
import { DAY, MINUTE, type Period } from "./period.ts";
import { add, clip, length, shared, type Span, without } from "./spans.ts";

/** The minutes of a day. */
const MINUTES = 1440;

/** Shorter times without a look are counted, and not listed: a restart takes one. */
export const SHORTEST_GAP = 5;

/** A database without a look in so many days before a period is not expected in it. */
const DAYS_BEFORE = 7;

/** What was looked at in a period, over all journals of a report. */
export interface Coverage {
  /** In each of the bars that it was asked for. */
  readonly looks: readonly number[];
  /** The names of databases that were looked at. */
  readonly databases: ReadonlySet<string>;
  /** The begin of the last minute with a look; undefined: there was none. Milliseconds since 1970. */
  readonly lastLook: number | undefined;
  /** Minutes of databases in which there was a look. */
  readonly minutes: number;
  readonly errors: number;
  readonly gaps: readonly FoundGap[];
  /** Minutes of databases without a look that are in no gap. */
  readonly shortMinutes: number;
}

/** A time without a look, in milliseconds since 1970. `databases`: null = all. */
export interface FoundGap extends Period {
  readonly databases: readonly string[] | null;
}

/** A day of a database; `seen`: a bit for each of its minutes, null: all of them. */
interface CoverageRow {
  readonly day: number;
  readonly database: number;
  readonly looks: number;
  readonly errors: number;
  readonly seen: Uint8Array | null;
}

/** Days of this many databases at once, as text: 365,000 rows would take a second one by one. */
interface WholeDays {
  readonly day: number;
  /** Database, looks and errors of each. */
  readonly numbers: string;
}

/** The days that databases were looked at in full, and what is known of the others. */
export class CoverageReader {
  readonly #bars: readonly Period[];
  readonly #period: Period;
  readonly #looks: number[];
  /** By database and day: its minutes; null: all of them. */
  readonly #days = new Map<string, Map<number, Uint8Array | null>>();
  /** The first day of which a look is known; that is searched a few days before the period as well. */
  readonly #known = new Map<string, number>();
  readonly #firstBars = new Map<number, number>();
  #errors = 0;

  /** @param bars Without holes between them. */
  constructor(bars: readonly Period[]) {
    this.#bars = bars;
    this.#period = { from: bars[0]!.from, to: bars.at(-1)!.to };
    this.#looks = bars.map(() => 0);
  }

  /** @param database The id of the only database that is asked for. */
  add(journal: JournalReader, names: Names, database?: number): void {
    const only = database === undefined ? "" : ` AND database = ${database}`;
    const days = [Math.floor(this.#period.from / DAY), Math.floor((this.#period.to - 1) / DAY)] as const;
    const whole = journal.all<WholeDays>(
      "SELECT day, group_concat(printf('%d,%d,%d', database, looks, errors)) AS numbers FROM coverage " +
        `WHERE day BETWEEN ? AND ? AND minutes >= ${MINUTES}${only} GROUP BY day`,
      ...days,
    );
    for (const { day, numbers } of whole) {
      const values = JSON.parse(`[${numbers}]`) as readonly number[];
      for (let at = 0; at < values.length; at += 3) {
        const [database, looks, errors] = [values[at]!, values[at + 1]!, values[at + 2]!];
        this.#addRow(names.database(database), { day, database, looks, errors, seen: null });
      }
    }
    const partly = journal.all<CoverageRow>(
      "SELECT day, database, looks, errors, seen FROM coverage " +
        `WHERE day BETWEEN ? AND ? AND minutes < ${MINUTES}${only}`,
      ...days,
    );
    for (const row of partly) this.#addRow(names.database(row.database), row);
    const earlier = journal.all<{ readonly database: number }>(
      `SELECT DISTINCT database FROM coverage WHERE day BETWEEN ? AND ?${only}`,
      days[0] - DAYS_BEFORE,
      days[0] - 1,
    );
    for (const { database } of earlier) this.#known.set(names.database(database), -Infinity);
  }

  #addRow(name: string, { day, looks, errors, seen }: CoverageRow): void {
    const days = this.#days.get(name) ?? new Map<number, Uint8Array | null>();
    this.#days.set(name, days);
    const known = days.get(day);
    days.set(day, known === undefined ? seen : either(known, seen));
    if (day < (this.#known.get(name) ?? Infinity)) this.#known.set(name, day);
    this.#errors += errors;
    const spans = seen === null ? [wholeDay(day)] : spansOf(day, seen, 1);
    const all = spans.reduce((sum, span) => sum + length(span), 0);
    for (let bar = this.#barOf(day); bar < this.#bars.length && all > 0; bar++) {
      const { from, to } = this.#bars[bar]!;
      if (from >= (day + 1) * DAY) break;
      const within = spans.reduce((sum, span) => sum + length(clip(span, [from / MINUTE, to / MINUTE])), 0);
      this.#looks[bar]! += looks * within / all;
    }
  }

  /** The first bar that a day is in. */
  #barOf(day: number): number {
    const known = this.#firstBars.get(day);
    if (known !== undefined) return known;
    const found = Math.max(0, this.#bars.findIndex(({ to }) => to > day * DAY));
    this.#firstBars.set(day, found);
    return found;
  }

  result(): Coverage {
    const missed = new Map([...this.#known.keys()].map((name) => [name, this.#missed(name)]));
    const all = shared([...this.#known.keys()].map((name) => this.#missed(name, true)), this.#span());
    const { gaps, short } = gapsOf(missed, all);
    const asked = (this.#span()[1] - this.#span()[0]) * missed.size;
    const seen = [...this.#days.values()].reduce((sum, days) => sum + this.#seenIn(days), 0);
    return {
      looks: this.#looks.map(Math.round),
      databases: new Set(
        [...this.#days].flatMap(([name, days]) => this.#seenIn(days, this.#end) > 0 ? [name] : []),
      ),
      lastLook: this.#lastLook(),
      minutes: Math.min(seen, asked),
      errors: this.#errors,
      gaps,
      shortMinutes: short,
    };
  }

  /** The whole minutes of the period: the last one may not be over. */
  #span(): Span {
    return [Math.floor(this.#period.from / MINUTE), Math.floor(this.#period.to / MINUTE)];
  }

  /** Where the minute ends in which the period does. */
  get #end(): number {
    return Math.ceil(this.#period.to / MINUTE);
  }

  #seenIn(days: ReadonlyMap<number, Uint8Array | null>, to = this.#span()[1]): number {
    const [from] = this.#span();
    let count = 0;
    for (const [day, seen] of days) {
      const span = clip(wholeDay(day), [from, to]);
      const missed = seen === null ? [] : spansOf(day, seen, 0).map((each) => clip(each, [from, to]));
      count += length(span) - missed.reduce((sum, each) => sum + length(each), 0);
    }
    return count;
  }

  /** The minutes without a look; those before the first look that is known only where they are asked for. */
  #missed(name: string, withBefore = false): readonly Span[] {
    const [from, to] = this.#span();
    const days = this.#days.get(name) ?? new Map<number, Uint8Array | null>();
    const known = this.#known.get(name)!;
    const spans: Span[] = [];
    for (let day = Math.floor(from / MINUTES); day * MINUTES < to; day++) {
      const seen = days.get(day);
      if (seen === null || (day < known && !withBefore)) continue;
      const holes = seen === undefined ? [wholeDay(day)] : spansOf(day, seen, 0);
      const isFirst = day === known && holes[0]?.[0] === day * MINUTES && !withBefore;
      for (const hole of isFirst ? holes.slice(1) : holes) add(spans, clip(hole, [from, to]));
    }
    return spans;
  }

  #lastLook(): number | undefined {
    const [from] = this.#span();
    let last: number | undefined;
    for (const days of this.#days.values()) {
      for (const [day, seen] of days) {
        if (last !== undefined && (day + 1) * DAY <= last) continue;
        const spans = seen === null ? [wholeDay(day)] : spansOf(day, seen, 1);
        for (const span of spans.map((span) => clip(span, [from, this.#end]))) {
          if (length(span) > 0) last = Math.max(last ?? 0, (span[1] - 1) * MINUTE);
        }
      }
    }
    return last;
  }
}

function wholeDay(day: number): Span {
  return [day * MINUTES, (day + 1) * MINUTES];
}

function either(a: Uint8Array | null, b: Uint8Array | null): Uint8Array | null {
  return a === null || b === null ? null : a.map((byte, index) => byte | (b[index] ?? 0));
}

/** What was found before: each day is asked for several times. */
const KNOWN = new WeakMap<Uint8Array, [missing?: readonly Span[], seen?: readonly Span[]]>();

/** The spans of a day's minutes whose bit is `bit`. */
function spansOf(day: number, seen: Uint8Array, bit: 0 | 1): readonly Span[] {
  const known = KNOWN.get(seen) ?? [];
  KNOWN.set(seen, known);
  return known[bit] ??= findSpans(day, seen, bit);
}

function findSpans(day: number, seen: Uint8Array, bit: 0 | 1): readonly Span[] {
  const spans: Span[] = [];
  for (let minute = 0; minute < MINUTES; minute++) {
    if (((seen[minute >> 3]! >> (minute & 7)) & 1) !== bit) continue;
    let end = minute + 1;
    while (end < MINUTES && ((seen[end >> 3]! >> (end & 7)) & 1) === bit) end++;
    spans.push([day * MINUTES + minute, day * MINUTES + end]);
    minute = end;
  }
  return spans;
}

/** Gaps of all databases, then those of some, which are joined where they are the same. */
function gapsOf(
  missed: ReadonlyMap<string, readonly Span[]>,
  all: readonly Span[],
): { readonly gaps: readonly FoundGap[]; readonly short: number } {
  const isLong = (span: Span) => length(span) >= SHORTEST_GAP;
  const own = new Map<string, { readonly span: Span; readonly names: string[] }>();
  let short = 0;
  for (const [name, spans] of missed) {
    for (const span of without(spans, all.filter(isLong))) {
      if (!isLong(span)) short += length(span);
      else {
        const known = own.get(span.join()) ?? { span, names: [] };
        known.names.push(name);
        own.set(span.join(), known);
      }
    }
  }
  const gaps = [
    ...all.filter(isLong).map((span) => ({ span, names: null })),
    ...own.values(),
  ].map(({ span: [from, to], names }) => ({
    from: from * MINUTE,
    to: to * MINUTE,
    databases: names?.toSorted() ?? null,
  }));
  return { gaps: gaps.toSorted((a, b) => a.from - b.from || b.to - a.to), short };
}
