import type { DatabaseSync } from "node:sqlite";
import { dayOf } from "./day.ts";
import { prepared, rowOf, rowsOf, transaction } from "./sql.ts";

/** A dictionary that grows, and where its ids are used. */
interface Dictionary {
  readonly table: string;
  readonly uses: readonly string[];
  /**
   * Uses that may have come since those were read; ?2 is the last decision, ?3 the last gate of then, ?4 the day before.
   */
  readonly since: readonly string[];
}

const IN_DECISIONS = (column: string): Pick<Dictionary, "uses" | "since"> => ({
  uses: [`SELECT ${column} FROM decision`],
  since: [`SELECT ${column} FROM decision WHERE id > ?2`],
});

const DICTIONARIES: readonly Dictionary[] = [
  { table: "actor", ...IN_DECISIONS("actor") },
  { table: "tags", ...IN_DECISIONS("tags") },
  { table: "server", ...IN_DECISIONS("server") },
  {
    table: "clauses",
    uses: ["SELECT clauses FROM decision", "SELECT clauses FROM gate"],
    since: ["SELECT clauses FROM decision WHERE id > ?2", "SELECT clauses FROM gate WHERE id > ?3"],
  },
  {
    table: "digest",
    uses: ["decision", "day_digest", "digest_database", "executions"].map((table) =>
      `SELECT digest FROM ${table}`
    ),
    since: ["SELECT digest FROM decision WHERE id > ?2", "SELECT digest FROM executions WHERE day >= ?4"],
  },
  {
    table: "policy",
    uses: ["decision", "day_digest", "gate", "in_force"].map((table) => `SELECT policy FROM ${table}`),
    since: [
      "SELECT policy FROM decision WHERE id > ?2",
      "SELECT policy FROM gate WHERE id > ?3",
      "SELECT policy FROM in_force",
    ],
  },
];

/** So many words are forgotten, and so many pages given back, in one step. */
const WORDS = 100;
const PAGES = 50;

/**
 * Forgets the words that nothing uses any more, and gives the free space of the file back: a step at a time, so that a
 * program that runs beside it can write its kills between two of them.
 * @param at Milliseconds since 1970.
 */
export function* compactJournal(journal: DatabaseSync, at: number): Generator<void> {
  for (const dictionary of DICTIONARIES) yield* forgetUnused(journal, dictionary, at);
  if (!canShrink(journal)) return;
  for (let free = freePages(journal); free > 0;) {
    // It gives back a page with each row that is asked for.
    prepared(journal, `PRAGMA incremental_vacuum(${PAGES})`).all();
    yield;
    const left = freePages(journal);
    if (left >= free) return;
    free = left;
  }
}

/** Whether the file can become smaller: one that version 1 has made cannot, and uses its free space again. */
export function canShrink(journal: DatabaseSync): boolean {
  return rowOf<{ readonly auto_vacuum: number }>(journal, "PRAGMA auto_vacuum")!.auto_vacuum !== 0;
}

function freePages(journal: DatabaseSync): number {
  return rowOf<{ readonly freelist_count: number }>(journal, "PRAGMA freelist_count")!.freelist_count;
}

function* forgetUnused(
  journal: DatabaseSync,
  { table, uses, since }: Dictionary,
  at: number,
): Generator<void> {
  const last = rowOf<{ readonly decision: number; readonly gate: number }>(
    journal,
    "SELECT (SELECT ifnull(max(id), 0) FROM decision) AS decision, (SELECT ifnull(max(id), 0) FROM gate) AS gate",
  )!;
  const unused = rowsOf<{ readonly id: number }>(
    journal,
    `SELECT id FROM ${table} EXCEPT SELECT * FROM (${uses.join(" UNION ")})`,
  ).map(({ id }) => id);
  // Where a NULL is among the values, NOT IN is never true: NOT EXISTS is.
  const again = since.map((use) =>
    `NOT EXISTS (WITH used (id) AS (${use}) SELECT 1 FROM used WHERE used.id = ${table}.id)`
  );
  const values = { "?1": "", "?2": last.decision, "?3": last.gate, "?4": dayOf(at) - 1 };
  const sql = `DELETE FROM ${table} WHERE id IN (SELECT value FROM json_each(?1)) AND ${again.join(" AND ")}`;
  for (let from = 0; from < unused.length; from += WORDS) {
    const ids = JSON.stringify(unused.slice(from, from + WORDS));
    const named = Object.fromEntries(
      Object.entries({ ...values, "?1": ids }).filter(([name]) => sql.includes(name)),
    );
    transaction(journal, () => prepared(journal, sql).run(named));
    yield;
  }
}
