import type { DatabaseSync } from "node:sqlite";
import type { Retention } from "../config/mod.ts";
import { DAY, dayOf } from "./day.ts";
import { prepared, rowOf, transaction } from "./sql.ts";

/** What a size never purges: a budget counts the kills of some days. */
const KEPT_DAYS = 8;
/** A journal that is too large is purged until it has this part of its size. */
const PART = 0.95;

/** One of the tables, and how its oldest rows are found. */
interface Aged {
  readonly table: string;
  /** The column of time, and how much of it is a day. */
  readonly column: string;
  readonly perDay: number;
  readonly key: string;
}

const AGED: readonly Aged[] = [
  { table: "decision", column: "at", perDay: DAY, key: "id" },
  { table: "gate", column: "opened_at", perDay: DAY, key: "id" },
  { table: "mark", column: "at", perDay: DAY, key: "id" },
  { table: "day_digest", column: "day", perDay: 1, key: "(day, digest, policy, outcome)" },
  { table: "coverage", column: "day", perDay: 1, key: "(day, database)" },
  { table: "health", column: "day", perDay: 1, key: "(day, database)" },
  { table: "executions", column: "day", perDay: 1, key: "(day, digest, database)" },
  { table: "digest_database", column: "last_seen", perDay: DAY, key: "(digest, database)" },
];

/** A step deletes so many rows at most, and is meant to take so long, in milliseconds: a kill may have to wait for it. */
const MOST = 200;
const LEAST = 10;
const MEANT = 3;

/** Deletes what is too old, and the oldest days of a journal that is too large, in steps. */
export class Purge {
  readonly #retention: Retention;
  readonly #now: () => number;
  #rows = 50;
  /** The tables that may have more to delete. */
  #left: readonly Aged[] = AGED;
  /** Days before this one are deleted. */
  #before = -Infinity;
  #isShrinking = false;

  /** @param now Milliseconds, to measure how long a step takes. */
  constructor(retention: Retention, now: () => number) {
    this.#retention = retention;
    this.#now = now;
  }

  /**
   * Deletes some rows. Returns whether there may be more to do.
   * @param at Milliseconds since 1970.
   */
  step(journal: DatabaseSync, at: number): boolean {
    const before = Math.max(this.#before, dayOf(at - this.#retention.keep));
    if (before !== this.#before) {
      this.#before = before;
      this.#left = AGED;
    }
    const [aged, ...others] = this.#left;
    if (aged === undefined) return this.#isTooLarge(journal, at);
    const begun = this.#now();
    const deleted = transaction(journal, () => deleteOldest(journal, aged, before, this.#rows));
    if (deleted < this.#rows) this.#left = others;
    const isSlow = this.#now() - begun > MEANT;
    this.#rows = isSlow ? Math.max(LEAST, this.#rows >> 1) : Math.min(MOST, this.#rows + 10);
    return true;
  }

  /** If it is, the oldest day that it has is the next to go. */
  #isTooLarge(journal: DatabaseSync, at: number): boolean {
    const { maxSize } = this.#retention;
    this.#isShrinking = usedBytes(journal) > (this.#isShrinking ? PART : 1) * maxSize;
    if (!this.#isShrinking) return false;
    const oldest = oldestDay(journal);
    if (oldest === undefined || oldest + 1 > dayOf(at) - KEPT_DAYS) return false;
    this.#before = oldest + 1;
    this.#left = AGED;
    return true;
  }
}

function deleteOldest(
  journal: DatabaseSync,
  { table, column, perDay, key }: Aged,
  day: number,
  rows: number,
): number {
  const columns = key.replace(/^\(|\)$/g, "");
  const { changes } = prepared(
    journal,
    `DELETE FROM ${table} WHERE ${key} IN (SELECT ${columns} FROM ${table} WHERE ${column} < ? LIMIT ?)`,
  ).run(day * perDay, rows);
  return Number(changes);
}

/** The first day of which there are decisions, or looks. */
function oldestDay(journal: DatabaseSync): number | undefined {
  const { at, day } = rowOf<{ readonly at: number | null; readonly day: number | null }>(
    journal,
    "SELECT (SELECT min(at) FROM decision) AS at, (SELECT min(day) FROM coverage) AS day",
  )!;
  const days = [at === null ? null : dayOf(at), day].filter((each) => each !== null);
  return days.length === 0 ? undefined : Math.min(...days);
}

/** How large a journal is, in bytes. */
export interface Sizes {
  /** What its data take, without the space in its file that is free to be used again. */
  readonly used: number;
  /** Its file, without its log. */
  readonly size: number;
}

/** Asks for `Sizes`. */
export const SIZES =
  "SELECT (page_count - freelist_count) * page_size AS used, page_count * page_size AS size " +
  "FROM pragma_page_count, pragma_freelist_count, pragma_page_size";

/** What the data of a journal take, without the space in its file that is free to be used again. */
export function usedBytes(journal: DatabaseSync): number {
  return rowOf<Sizes>(journal, SIZES)!.used;
}

/** How large a journal's file is, without its log, in bytes. */
export function fileBytes(journal: DatabaseSync): number {
  return rowOf<Sizes>(journal, SIZES)!.size;
}
