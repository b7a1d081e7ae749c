import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Clause } from "../language/mod.ts";
import type { SessionReport, StatementReport } from "../events/mod.ts";
import { type Entry, shapeOfReport } from "./entry.ts";
import { prepared, rowOf } from "./sql.ts";

// No id is kept in memory: another program may have changed the file, and a transaction may have been undone.

/** The id of a word: an action, an outcome, a reason. */
export function wordId(journal: DatabaseSync, text: string): number {
  return idOf(journal, "word", { text });
}

export function databaseId(journal: DatabaseSync, name: string): number {
  return idOf(journal, "database", { name });
}

export function serverId(journal: DatabaseSync, name: string): number {
  return idOf(journal, "server", { name });
}

/** The id of a policy as it was written. `since`: when it was first seen so, in milliseconds since 1970. */
export function policyId(journal: DatabaseSync, name: string, hash: string, since: number): number {
  return idOf(journal, "policy", { name, hash }, { since: Math.round(since) });
}

export function actorId(
  journal: DatabaseSync,
  { user, host, db, program }: Pick<SessionReport, "user" | "host" | "db" | "program">,
): number {
  return idOf(journal, "actor", { user: user ?? "", host: host ?? "", db, program: program ?? "" });
}

/** The id of how a decision was made, and in what state its session was. */
export function mannerId(
  journal: DatabaseSync,
  { mode, escalation, session }: Pick<Entry, "mode" | "escalation" | "session">,
): number {
  const { command, time_ms, idle_time_ms } = session;
  const idle = Number(time_ms === undefined && idle_time_ms !== undefined);
  return idOf(journal, "manner", { mode, escalation: Number(escalation), command, idle });
}

export function tagsId(journal: DatabaseSync, tags: StatementReport["tags"]): number | null {
  const sorted = Object.entries(tags).toSorted(([one], [other]) => one < other ? -1 : 1);
  if (sorted.length === 0) return null;
  return idOf(journal, "tags", { tags: JSON.stringify(Object.fromEntries(sorted)) });
}

export function clausesId(journal: DatabaseSync, because: readonly Clause[]): number {
  return idOf(journal, "clauses", {
    expressions: JSON.stringify(because.map(({ expression }) => expression)),
  });
}

/** For each clause what was found, without its expression: the dictionary has that. */
export function evidenceOf(because: readonly Clause[]): string {
  return JSON.stringify(because.map(({ expression: _, ...found }) => found));
}

/** The id of a statement's digest, which was seen at a moment. */
export function digestId(
  journal: DatabaseSync,
  statement: StatementReport,
  at: number,
): number {
  const { digest, digest_text, server_digest = null, verb = null, tables } = statement;
  const seen = Math.round(at);
  const known = rowOf<{ readonly id: number }>(journal, "SELECT id FROM digest WHERE digest = ?", digest);
  if (known === undefined) {
    return idOf(journal, "digest", { digest }, {
      ...{
        shape: shapeOfReport(statement),
        verb,
        tables: JSON.stringify(tables),
        digest_text,
        server_digest,
      },
      ...{ first_seen: seen, last_seen: seen },
    });
  }
  prepared(
    journal,
    "UPDATE digest SET first_seen = min(first_seen, ?), last_seen = max(last_seen, ?), " +
      "server_digest = coalesce(server_digest, ?) WHERE id = ?",
  ).run(seen, seen, server_digest, known.id);
  return known.id;
}

type Values = Readonly<Record<string, SQLInputValue>>;

/** The id of the row with a key, which is added if there is none. `more`: its other values then. */
function idOf(journal: DatabaseSync, table: string, key: Values, more: Values = {}): number {
  const where = Object.keys(key).map((column) => `${column} = ?`).join(" AND ");
  const found = rowOf<{ readonly id: number }>(
    journal,
    `SELECT id FROM ${table} WHERE ${where}`,
    ...Object.values(key),
  );
  if (found !== undefined) return found.id;
  const row = { ...key, ...more };
  const places = Object.keys(row).map(() => "?").join(", ");
  const { lastInsertRowid } = prepared(
    journal,
    `INSERT INTO ${table} (${Object.keys(row).join(", ")}) VALUES (${places})`,
  ).run(...Object.values(row));
  return Number(lastInsertRowid);
}
