import type { DatabaseSync } from "node:sqlite";
import type { Health } from "../policy/mod.ts";
import { DAY, dayOf } from "./day.ts";
import { databaseId } from "./dictionary.ts";
import { prepared, rowOf } from "./sql.ts";

const MINUTE = 60_000;
const HOUR = 3_600_000;
const HOURS = 24;
/** A bit for each minute of a day. */
const SEEN_BYTES = DAY / MINUTE / 8;
/** Looks are so much later than their interval says without a minute being missed. */
const SLACK = 1.5;

/** What a watcher counts beside its looks. */
export interface WatchTrouble {
  readonly errors: number;
  /** Looks that began late. */
  readonly late: number;
  /** The greatest delay of a look, in milliseconds. */
  readonly late_ms: number;
  /** Looks that were due while the one before had not ended. */
  readonly skipped: number;
}

/** What is new about one database on one day. */
export interface DayPart extends WatchTrouble {
  readonly database: string;
  readonly day: number;
  readonly looks: number;
  /** As in the table `coverage`. */
  readonly seen: Uint8Array;
  /** As in the table `health`: lag in seconds by hour, then the history by hour; NaN: unknown. */
  readonly hours: Float32Array;
}

type Growing = { -readonly [K in keyof DayPart]: DayPart[K] };

/** Gathers what was looked at, until it is written. Times are milliseconds since 1970. */
export class Coverage {
  readonly #last = new Map<string, number>();
  #parts = new Map<string, Growing>();
  /** Of days that have ended. */
  #ended: Growing[] = [];

  /** A look at a database succeeded. `interval`: the longest time between two of its looks, in milliseconds. */
  looked(
    database: string,
    { at, interval, health }: { readonly at: number; readonly interval: number; readonly health: Health },
  ): void {
    const part = this.#partOf(database, at);
    part.looks++;
    this.#see(database, at, interval);
    const hour = Math.floor(at % DAY / HOUR);
    keepMost(part.hours, hour, health["lag"], 1000);
    keepMost(part.hours, HOURS + hour, health["hll"], 1);
  }

  /** What a watcher has counted since it told last. */
  counted(database: string, at: number, { errors, late, late_ms, skipped }: WatchTrouble): void {
    const part = this.#partOf(database, at);
    part.errors += errors;
    part.late += late;
    part.skipped += skipped;
    part.late_ms = Math.max(part.late_ms, late_ms);
  }

  /** When a database was last looked at; undefined if it was not yet. */
  lastLook(database: string): number | undefined {
    return this.#last.get(database);
  }

  /** All that is new, in the order of the tables; it is forgotten here. */
  take(): readonly DayPart[] {
    const taken = [...this.#ended, ...this.#parts.values()];
    this.#ended = [];
    this.#parts = new Map();
    return taken.toSorted((one, other) =>
      one.day - other.day || (one.database < other.database ? -1 : Number(one.database > other.database))
    );
  }

  /** Where looks are rarer than minutes, the minutes between two of them are seen as well. */
  #see(database: string, at: number, interval: number): void {
    const last = this.#last.get(database);
    this.#last.set(database, at);
    const isNext = last !== undefined && last <= at && at - last <= SLACK * interval;
    for (let minute = isNext ? last + MINUTE : at; minute < at; minute += MINUTE) {
      setMinute(this.#partOf(database, minute).seen, minute);
    }
    setMinute(this.#partOf(database, at).seen, at);
  }

  #partOf(database: string, at: number): Growing {
    const day = dayOf(at);
    const known = this.#parts.get(database);
    if (known?.day === day) return known;
    if (known !== undefined) this.#ended.push(known);
    const part = newPart(database, day);
    this.#parts.set(database, part);
    return part;
  }
}

function newPart(database: string, day: number): Growing {
  return {
    ...{ database, day, looks: 0, errors: 0, late: 0, late_ms: 0, skipped: 0 },
    seen: new Uint8Array(SEEN_BYTES),
    hours: new Float32Array(2 * HOURS).fill(NaN),
  };
}

function setMinute(seen: Uint8Array, at: number): void {
  const minute = Math.floor(at % DAY / MINUTE);
  seen[minute >> 3]! |= 1 << (minute & 7);
}

function keepMost(hours: Float32Array, index: number, value: Health[string], unit: number): void {
  if (typeof value !== "number" || !Number.isFinite(value)) return;
  hours[index] = mostOf(hours[index]!, value / unit);
}

/** Adds what is new to what a journal has. For use within a transaction. */
export function addDayPart(journal: DatabaseSync, part: DayPart): void {
  const database = databaseId(journal, part.database);
  addCoverage(journal, database, part);
  if (part.hours.some((value) => !Number.isNaN(value))) addHealth(journal, database, part);
}

interface BlobRow {
  readonly blob: Uint8Array;
}

function addCoverage(journal: DatabaseSync, database: number, part: DayPart): void {
  const before = rowOf<BlobRow>(
    journal,
    "SELECT seen AS blob FROM coverage WHERE day = ? AND database = ?",
    part.day,
    database,
  );
  const seen = part.seen.map((byte, index) => byte | (before?.blob[index] ?? 0));
  prepared(
    journal,
    "INSERT INTO coverage (day, database, looks, minutes, errors, late, worst_ms, skipped, seen) " +
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET looks = looks + excluded.looks, " +
      "minutes = excluded.minutes, errors = errors + excluded.errors, late = late + excluded.late, " +
      "worst_ms = max(worst_ms, excluded.worst_ms), skipped = skipped + excluded.skipped, seen = excluded.seen",
  ).run(
    ...[part.day, database, part.looks, bitsOf(seen), part.errors, part.late, part.late_ms, part.skipped],
    seen,
  );
}

function addHealth(journal: DatabaseSync, database: number, { day, hours }: DayPart): void {
  const before = rowOf<BlobRow>(
    journal,
    "SELECT hours AS blob FROM health WHERE day = ? AND database = ?",
    day,
    database,
  );
  const known = before && new DataView(before.blob.buffer, before.blob.byteOffset, before.blob.byteLength);
  const bytes = new DataView(new ArrayBuffer(4 * hours.length));
  hours.forEach((value, index) => {
    const other = known === undefined ? NaN : known.getFloat32(4 * index, true);
    bytes.setFloat32(4 * index, mostOf(value, other), true);
  });
  prepared(
    journal,
    "INSERT INTO health (day, database, hours) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET hours = excluded.hours",
  ).run(day, database, new Uint8Array(bytes.buffer));
}

/** NaN is unknown, and less than everything. */
function mostOf(one: number, other: number): number {
  return Number.isNaN(one) || one < other ? other : one;
}

function bitsOf(bytes: Uint8Array): number {
  let count = 0;
  for (let byte of bytes) {
    for (; byte > 0; byte &= byte - 1) count++;
  }
  return count;
}

/**
 * The last minute of a day in which a database was looked at, or of the days before down to the first; in milliseconds
 * since 1970. Undefined if there is none.
 */
export function lastMinute(
  journal: DatabaseSync,
  database: number,
  { day, first }: { readonly day: number; readonly first: number },
): number | undefined {
  for (let at = day; at >= first; at--) {
    const row = rowOf<BlobRow>(
      journal,
      "SELECT seen AS blob FROM coverage WHERE day = ? AND database = ?",
      at,
      database,
    );
    const byte = row?.blob.findLastIndex((byte) => byte !== 0) ?? -1;
    if (byte >= 0) return at * DAY + (8 * byte + 31 - Math.clz32(row!.blob[byte]!)) * MINUTE;
  }
}
