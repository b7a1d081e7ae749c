import type { JournalReader } from "../journal/mod.ts";
import type { Names } from "./names.ts";
import { DAY, MINUTE, type Period } from "./period.ts";
import {
  add,
  clip,
  either,
  length,
  MINUTES,
  shared,
  type Span,
  spansOf,
  wholeDay,
  without,
} from "./spans.ts";

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
  /** What was looked at a few days before the period. */
  readonly #earlier = new Set<string>();
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
    const byId: Map<number, Uint8Array | null>[] = [];
    const daysOf = (id: number) => byId[id] ??= this.#daysOf(names.database(id));
    for (const { day, numbers } of whole) {
      const values = JSON.parse(`[${numbers}]`) as readonly number[];
      for (let at = 0; at < values.length; at += 3) {
        this.#addRow(daysOf(values[at]!), {
          day,
          looks: values[at + 1]!,
          errors: values[at + 2]!,
          seen: null,
        });
      }
    }
    const partly = journal.all<CoverageRow>(
      "SELECT day, database, looks, errors, seen FROM coverage " +
        `WHERE day BETWEEN ? AND ? AND minutes < ${MINUTES}${only}`,
      ...days,
    );
    for (const row of partly) this.#addRow(daysOf(row.database), row);
    const earlier = journal.all<{ readonly database: number }>(
      `SELECT DISTINCT database FROM coverage WHERE day BETWEEN ? AND ?${only}`,
      days[0] - DAYS_BEFORE,
      days[0] - 1,
    );
    for (const { database } of earlier) this.#earlier.add(names.database(database));
  }

  #daysOf(name: string): Map<number, Uint8Array | null> {
    const days = this.#days.get(name) ?? new Map<number, Uint8Array | null>();
    this.#days.set(name, days);
    return days;
  }

  #addRow(
    days: Map<number, Uint8Array | null>,
    { day, looks, errors, seen }: Omit<CoverageRow, "database">,
  ): void {
    const known = days.get(day);
    days.set(day, known === undefined ? seen : either(known, seen));
    this.#errors += errors;
    const first = this.#barOf(day);
    const { from, to } = this.#bars[first]!;
    if (seen === null && from <= day * DAY && to >= (day + 1) * DAY) this.#looks[first]! += looks;
    else this.#addParts({ day, looks, seen });
  }

  /** Looks of a day that may be in several bars. */
  #addParts({ day, looks, seen }: Pick<CoverageRow, "day" | "looks" | "seen">): void {
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
    const names = [...new Set([...this.#days.keys(), ...this.#earlier])];
    const missed = new Map(names.map((name) => [name, this.#missed(name)]));
    const all = shared(
      names.map((name) => this.#isFromBegin(name) ? missed.get(name)! : this.#missed(name, true)),
      this.#span(),
    );
    const { gaps, short } = gapsOf(missed, all);
    const asked = (this.#span()[1] - this.#span()[0]) * missed.size;
    const minutes = new Map([...this.#days].map(([name, days]) => [name, this.#seenIn(days)]));
    const seen = [...minutes.values()].reduce((sum, count) => sum + count, 0);
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
      if (seen === null && day * MINUTES >= from && (day + 1) * MINUTES <= to) {
        count += MINUTES;
        continue;
      }
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
    const known = this.#firstDay(name, days);
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

  /** Whether a database was looked at in the first minute, or before. */
  #isFromBegin(name: string): boolean {
    const first = Math.floor(this.#period.from / DAY);
    return this.#earlier.has(name) || this.#days.get(name)?.get(first) === null;
  }

  /** The first day of which a look is known; before the period it does not matter which. */
  #firstDay(name: string, days: ReadonlyMap<number, unknown>): number {
    return this.#earlier.has(name) ? -Infinity : Math.min(...days.keys());
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
