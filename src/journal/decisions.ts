import type { DatabaseSync } from "node:sqlite";
import { dayOf } from "./day.ts";
import {
  actorId,
  clausesId,
  databaseId,
  digestId,
  evidenceOf,
  mannerId,
  policyId,
  serverId,
  tagsId,
  wordId,
} from "./dictionary.ts";
import type { SessionReport } from "../events/mod.ts";
import { type Entry, timeOf } from "./entry.ts";
import { prepared, rowOf } from "./sql.ts";

/** What became of a kill. */
export interface Conclusion {
  readonly outcome: string;
  readonly took_ms: number | null;
  readonly note: string | null;
}

/** Adds a decision, and counts it. Returns its id. For use within a transaction. */
export function addDecision(journal: DatabaseSync, entry: Entry): number {
  const { session, statement, because, outcome, reason } = entry;
  const at = Math.round(entry.at);
  const database = databaseId(journal, entry.database);
  const policy = policyId(journal, entry.policy, entry.hash, at);
  const digest = statement === undefined ? null : digestId(journal, statement, at);
  const outcomeId = outcome === null ? null : wordId(journal, outcome);
  const time = timeOf(session);
  const { lastInsertRowid } = prepared(journal, INSERT).run(
    ...[at, database, serverId(journal, entry.server), policy, wordId(journal, entry.action), outcomeId],
    ...[reason === null ? null : wordId(journal, reason), digest, actorId(journal, session)],
    ...[statement === undefined ? null : tagsId(journal, statement.tags), clausesId(journal, because)],
    ...[evidenceOf(because), session.id, entry.execution, time, entry.took_ms, Number(entry.intended)],
    ...[entry.note, mannerId(journal, entry), moreOf(session)],
  );
  if (digest !== null) countAt(journal, { digest, database, at });
  if (outcomeId !== null) countOn(journal, { at, digest, policy, outcome: outcomeId, time });
  return Number(lastInsertRowid);
}

const INSERT =
  "INSERT INTO decision (at, database, server, policy, action, outcome, reason, digest, actor, tags, " +
  "clauses, evidence, session, execution, time_ms, took_ms, intended, note, manner, session_more) " +
  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/** What few sessions have, as JSON; null: nothing. */
function moreOf({ definer, waits_for, client }: SessionReport): string | null {
  const isUsual = definer === undefined && waits_for === undefined && client === undefined;
  return isUsual ? null : JSON.stringify({ definer, waits_for, client });
}

/** A decision's part in the sums of days. */
interface Counted {
  readonly at: number;
  readonly digest: number | null;
  readonly policy: number;
  readonly outcome: number | null;
  readonly time: number | null;
}

/** Writes down what became of a kill, and counts it. For use within a transaction. */
export function concludeDecision(
  journal: DatabaseSync,
  id: number,
  { outcome, took_ms, note }: Conclusion,
): void {
  const before = rowOf<Counted>(
    journal,
    "SELECT at, digest, policy, outcome, time_ms AS time FROM decision WHERE id = ?",
    id,
  );
  if (before === undefined) return; // it was purged meanwhile
  const now = wordId(journal, outcome);
  prepared(journal, "UPDATE decision SET outcome = ?, took_ms = ?, note = ? WHERE id = ?")
    .run(now, took_ms, note, id);
  if (before.outcome !== null) countOn(journal, before, -1);
  countOn(journal, { ...before, outcome: now });
}

/** Counts a decision among those of its day. `times` is -1 where it is taken back. */
function countOn(journal: DatabaseSync, { at, digest, policy, outcome, time }: Counted, times = 1): void {
  const ms = time ?? 0;
  prepared(
    journal,
    "INSERT INTO day_digest (day, digest, policy, outcome, count, time_ms, worst_ms) VALUES (?, ?, ?, ?, ?, ?, ?) " +
      "ON CONFLICT DO UPDATE SET count = count + excluded.count, time_ms = time_ms + excluded.time_ms, " +
      "worst_ms = max(worst_ms, excluded.worst_ms)",
  ).run(dayOf(at), digest ?? 0, policy, outcome, times, times * ms, ms);
}

/** Counts a decision among those about its digest on its database. */
function countAt(
  journal: DatabaseSync,
  { digest, database, at }: { readonly digest: number; readonly database: number; readonly at: number },
): void {
  prepared(
    journal,
    "INSERT INTO digest_database (digest, database, first_seen, last_seen, count) VALUES (?, ?, ?, ?, 1) " +
      "ON CONFLICT DO UPDATE SET first_seen = min(first_seen, excluded.first_seen), last_seen = max(last_seen, excluded.last_seen), count = count + 1",
  ).run(digest, database, at, at);
}
