import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Journal } from "../../src/journal/mod.ts";

export type JournalRow = Readonly<Record<string, unknown>>;

/** Every decision with its words in place of ids, in order. */
export const DECISIONS =
  "SELECT d.id, d.at, b.name AS database, s.name AS server, p.name AS policy, p.hash, " +
  "a.text AS action, o.text AS outcome, r.text AS reason, g.digest, g.digest_text, g.shape, g.server_digest, " +
  "c.user, c.host, c.db, c.program, t.tags, l.expressions, d.evidence, d.session, d.execution, d.time_ms, " +
  "d.took_ms, d.intended, d.note FROM decision d " +
  "JOIN database b ON b.id = d.database JOIN server s ON s.id = d.server JOIN policy p ON p.id = d.policy " +
  "JOIN word a ON a.id = d.action JOIN actor c ON c.id = d.actor JOIN clauses l ON l.id = d.clauses " +
  "LEFT JOIN word o ON o.id = d.outcome LEFT JOIN word r ON r.id = d.reason " +
  "LEFT JOIN digest g ON g.id = d.digest LEFT JOIN tags t ON t.id = d.tags ORDER BY d.id";

/** What a journal's file has, by a query. */
export function queryJournal(file: string, sql: string): readonly JournalRow[] {
  using database = new DatabaseSync(file);
  return database.prepare(sql).all() as JournalRow[];
}

/** Every decision in a journal's file. */
export function journalRows(file: string): readonly JournalRow[] {
  return queryJournal(file, DECISIONS);
}

/** Only what was written down before it was done. */
export function intentRows(file: string): readonly JournalRow[] {
  return journalRows(file).filter(({ intended }) => intended === 1);
}

/** A journal in a folder of its own, and what it told. */
export async function withJournal(
  test: (journal: Journal, file: string, told: (string | undefined)[]) => void,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const file = join(folder, "query-sniper.sqlite");
  const told: (string | undefined)[] = [];
  const journal = new Journal(file, (failure) => told.push(failure));
  try {
    test(journal, file, told);
  } finally {
    journal.close();
    await Deno.remove(folder, { recursive: true });
  }
}
