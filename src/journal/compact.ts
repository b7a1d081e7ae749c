import type { DatabaseSync } from "node:sqlite";
import { dayOf } from "./day.ts";
import { prepared, rowOf, rowsOf, transaction } from "./sql.ts";

/** A dictionary that grows, and where its ids are used. */
interface Dictionary {
  readonly table: string;
  readonly uses: readonly string[];
  /** Uses that may have come since those were read. */
  readonly since: readonly LateUse[];
}

/** A query of what was used after the last decision or gate of then, or the day before; or of all that is used now. */
interface LateUse {
  readonly sql: string;
  readonly after?: "decision" | "gate" | "day";
}

const AFTER_DECISION = (column: string): LateUse => ({
  sql: `SELECT ${column} FROM decision WHERE id > ?`,
  after: "decision",
});

const AFTER_GATE = (column: string): LateUse => ({
  sql: `SELECT ${column} FROM gate WHERE id > ?`,
  after: "gate",
});

const IN_DECISIONS = (column: string): Pick<Dictionary, "uses" | "since"> => ({
  uses: [`SELECT ${column} FROM decision`],
  since: [AFTER_DECISION(column)],
});

const DICTIONARIES: readonly Dictionary[] = [
  { table: "actor", ...IN_DECISIONS("actor") },
  { table: "tags", ...IN_DECISIONS("tags") },
  { table: "server", ...IN_DECISIONS("server") },
  {
    table: "clauses",
    uses: ["SELECT clauses FROM decision", "SELECT clauses FROM gate"],
    since: [AFTER_DECISION("clauses"), AFTER_GATE("clauses")],
  },
  {
    table: "digest",
    uses: ["decision", "day_digest", "digest_database", "executions"].map((table) =>
      `SELECT digest FROM ${table}`
    ),
    since: [
      AFTER_DECISION("digest"),
      { sql: "SELECT digest FROM executions WHERE day >= ?", after: "day" },
    ],
  },
  {
    table: "policy",
    uses: ["decision", "day_digest", "gate", "in_force"].map((table) => `SELECT policy FROM ${table}`),
    since: [AFTER_DECISION("policy"), AFTER_GATE("policy"), { sql: "SELECT policy FROM in_force" }],
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
  const again = since.map(({ sql }) =>
    `NOT EXISTS (WITH used (id) AS (${sql}) SELECT 1 FROM used WHERE used.id = ${table}.id)`
  );
  const then = { ...last, day: dayOf(at) - 1 };
  const values = since.flatMap(({ after }) => after === undefined ? [] : [then[after]]);
  const sql = `DELETE FROM ${table} WHERE id IN (SELECT value FROM json_each(?)) AND ${again.join(" AND ")}`;
  for (let from = 0; from < unused.length; from += WORDS) {
    const ids = JSON.stringify(unused.slice(from, from + WORDS));
    transaction(journal, () => prepared(journal, sql).run(ids, ...values));
    yield;
  }
}
