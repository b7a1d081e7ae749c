import type { DatabaseSync } from "node:sqlite";
import { databaseId } from "./dictionary.ts";
import { prepared, rowOf, rowsOf } from "./sql.ts";

/** What may have changed the figures of a report. */
export type MarkKind = "policy-changed" | "upgraded" | "started" | "stopped" | "paused" | "resumed";

export interface Mark {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly kind: MarkKind;
  /** Null: the whole program. */
  readonly database: string | null;
  readonly text: string;
}

/** Adds a mark. For use within a transaction. */
export function addMark(journal: DatabaseSync, { at, kind, database, text }: Mark): void {
  prepared(journal, "INSERT INTO mark (at, kind, database, text) VALUES (?, ?, ?, ?)")
    .run(Math.round(at), kind, database === null ? null : databaseId(journal, database), text);
}

/** The last mark of one of two kinds. */
function lastOf(
  journal: DatabaseSync,
  one: MarkKind,
  other: MarkKind,
): Pick<Mark, "kind" | "text"> | undefined {
  return rowOf(
    journal,
    "SELECT kind, text FROM mark WHERE kind IN (?, ?) ORDER BY at DESC, id DESC LIMIT 1",
    one,
    other,
  );
}

const NAMED_VERSION = /^query-sniper ([^\s:,]+)/;

/**
 * The program began. A run for cron leaves no mark, unless it is the first, or of another version. For use within a
 * transaction.
 */
export function markStart(
  journal: DatabaseSync,
  { at, version, once, text }: {
    readonly at: number;
    readonly version: string;
    readonly once: boolean;
    readonly text: string;
  },
): void {
  const last = lastOf(journal, "started", "upgraded");
  const before = last && NAMED_VERSION.exec(last.text)?.[1];
  const program = `query-sniper ${version}`;
  if (before !== undefined && before !== version) {
    addMark(journal, { at, kind: "upgraded", database: null, text: `${program}, before it was ${before}` });
  }
  if (!once || before === undefined) {
    addMark(journal, { at, kind: "started", database: null, text: `${program}: ${text}` });
  }
}

/** Why kills are paused, by the name of the database; null: on all of them. */
export type PauseTexts = ReadonlyMap<string | null, string>;

const LAST_PAUSES = `
  SELECT m.kind, m.text, b.name AS database FROM mark AS m LEFT JOIN database AS b ON b.id = m.database
  WHERE m.id IN (
    SELECT max(id) FROM mark WHERE kind IN ('paused', 'resumed') GROUP BY database
  )`;

/**
 * All that is paused now. What has changed since the last marks of a database leaves a mark, also where that was in
 * another process. For use within a transaction.
 */
export function markPauses(journal: DatabaseSync, at: number, texts: PauseTexts): void {
  const last = rowsOf<Pick<Mark, "kind" | "text" | "database">>(journal, LAST_PAUSES);
  const paused = new Map(
    last.filter(({ kind }) => kind === "paused").map((mark) => [mark.database, mark.text]),
  );
  for (const database of paused.keys()) {
    if (texts.has(database)) continue;
    addMark(journal, { at, kind: "resumed", database, text: "kills are no longer paused" });
  }
  for (const [database, text] of texts) {
    if (paused.get(database) !== text) addMark(journal, { at, kind: "paused", database, text });
  }
}
