import type { JournalReader } from "../journal/mod.ts";
import type { HealthPoint, Mark, OpenGates } from "./model.ts";
import type { Names } from "./names.ts";
import { DAY, HOUR, iso, type Period } from "./period.ts";

/** The values of a day of a database: of each hour the most lag, then of each hour the longest history. */
const HOURS = 24;

/** The size of such values, in bytes. */
const SIZE = 2 * HOURS * 4;

/** The most lag and the longest history over all databases, in parts of a period. */
export class HealthSeries {
  readonly #period: Period;
  /** The length of a part, in milliseconds. */
  readonly #step: number;
  readonly #lag: (number | undefined)[] = [];
  readonly #history: (number | undefined)[] = [];
  readonly #kills: number[] = [];

  /** By hours for two weeks, by days for a longer period. */
  constructor(period: Period) {
    this.#step = period.to - period.from <= 15 * DAY ? HOUR : DAY;
    this.#period = { from: period.from - period.from % this.#step, to: period.to };
  }

  addKill(at: number): void {
    const part = this.#part(at);
    this.#kills[part] = (this.#kills[part] ?? 0) + 1;
  }

  /** @param database The id of the only database that is asked for. */
  add(journal: JournalReader, database?: number): void {
    const only = database === undefined ? "" : ` AND database = ${database}`;
    const { from, to } = this.#period;
    for (let day = Math.floor(from / DAY); day * DAY < to; day++) {
      // All databases of a day at once: a year of a thousand takes seconds one by one. What is a text on its way only
      // keeps its bytes.
      const sql = `SELECT CAST(group_concat(CAST(hours AS TEXT), '') AS BLOB) AS bytes FROM health ` +
        `WHERE day = ? AND length(hours) = ${SIZE}${only}`;
      const bytes = journal.first<{ readonly bytes: Uint8Array | null }>(sql, day)?.bytes;
      if (bytes) this.#addDay(day, bytes);
    }
  }

  #addDay(day: number, bytes: Uint8Array): void {
    const values = floatsOf(bytes);
    for (let hour = 0; hour < HOURS; hour++) {
      const at = day * DAY + hour * HOUR;
      if (at < this.#period.from || at >= this.#period.to) continue;
      const part = this.#part(at);
      raise(this.#lag, part, most(values, hour));
      raise(this.#history, part, most(values, HOURS + hour));
    }
  }

  #part(at: number): number {
    return Math.floor((at - this.#period.from) / this.#step);
  }

  /** Empty where neither lag nor history is known of any part. */
  points(): readonly HealthPoint[] {
    if (this.#lag.length === 0 && this.#history.length === 0) return [];
    const count = Math.ceil((this.#period.to - this.#period.from) / this.#step);
    return Array.from({ length: count }, (_, part) => ({
      at: iso(this.#period.from + part * this.#step),
      lag_s: rounded(this.#lag[part]),
      hll: rounded(this.#history[part]),
      kills: this.#kills[part] ?? 0,
    }));
  }
}

/** The numbers of little-endian bytes. */
function floatsOf(bytes: Uint8Array): Float32Array {
  if (IS_LITTLE_ENDIAN) return new Float32Array(bytes.slice().buffer);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => view.getFloat32(4 * index, true));
}

const IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The greatest of the values at this place of each database; NaN, which is greater than nothing, is unknown. */
function most(values: Float32Array, place: number): number {
  let found = -Infinity;
  for (let at = place; at < values.length; at += 2 * HOURS) {
    const value = values[at]!;
    if (value > found) found = value;
  }
  return found;
}

function raise(known: (number | undefined)[], part: number, value: number): void {
  if (value > (known[part] ?? -Infinity)) known[part] = value;
}

/** A float32 has seven digits. */
function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Number(value.toPrecision(7));
}

interface GateRow {
  readonly database: number;
  readonly policy: number;
  readonly opened_at: number;
  readonly closed_at: number | null;
}

/** How long gates stood open within a period, by database and policy: the longest first. One that is open counts until its end. */
export class GateTimes {
  readonly #period: Period;
  readonly #open = new Map<string, { database: string; policy: string; times: number; open_ms: number }>();

  constructor(period: Period) {
    this.#period = period;
  }

  add(journal: JournalReader, names: Names, only: (database: string, policy: string) => boolean): void {
    const { from, to } = this.#period;
    const rows = journal.all<GateRow>(
      "SELECT database, policy, opened_at, closed_at FROM gate WHERE opened_at < ? AND ifnull(closed_at, ?) > ?",
      to,
      to,
      from,
    );
    const open = new Map<string, { database: string; policy: string; times: number; open_ms: number }>();
    for (const row of rows) {
      const [database, policy] = [names.database(row.database), names.policy(row.policy)];
      if (!only(database, policy)) continue;
      const key = JSON.stringify([database, policy]);
      const known = open.get(key) ?? { database, policy, times: 0, open_ms: 0 };
      known.times++;
      known.open_ms += Math.min(row.closed_at ?? to, to) - Math.max(row.opened_at, from);
      open.set(key, known);
    }
    // Two programs that watch one database see the same gates.
    for (const [key, gates] of open) {
      if (gates.open_ms > (this.#open.get(key)?.open_ms ?? -1)) this.#open.set(key, gates);
    }
  }

  list(): readonly OpenGates[] {
    return [...this.#open.values()].toSorted((a, b) =>
      b.open_ms - a.open_ms || (a.database < b.database ? -1 : 1)
    );
  }
}

/** What may have changed the figures of a period, in order. */
export function marksOf(journal: JournalReader, names: Names, { from, to }: Period): readonly Mark[] {
  const rows = journal.all<{
    readonly at: number;
    readonly kind: string;
    readonly database: number | null;
    readonly text: string;
  }>("SELECT at, kind, database, text FROM mark WHERE at >= ? AND at < ? ORDER BY at, id", from, to);
  return rows.map(({ at, kind, database, text }) => ({
    at: iso(at),
    kind,
    database: database === null ? null : names.database(database),
    text,
  }));
}
