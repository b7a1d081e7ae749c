import type { DatabaseSync } from "node:sqlite";
import { databaseId } from "./dictionary.ts";
import { prepared, rowOf } from "./sql.ts";

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

/**
 * Kills are paused, or not (undefined). It leaves a mark only where that has changed since the last one. For use within
 * a transaction.
 */
export function markPause(journal: DatabaseSync, at: number, reason: string | undefined): void {
  const last = lastOf(journal, "paused", "resumed");
  if (reason === undefined) {
    if (last?.kind !== "paused") return;
    addMark(journal, { at, kind: "resumed", database: null, text: "kills are no longer paused" });
  } else if (last?.kind !== "paused" || last.text !== reason) {
    addMark(journal, { at, kind: "paused", database: null, text: reason });
  }
}
