import type { DatabaseSync } from "node:sqlite";
import type { Clause } from "../language/mod.ts";
import { lastMinute } from "./coverage.ts";
import { dayOf } from "./day.ts";
import { clausesId, databaseId, evidenceOf, policyId } from "./dictionary.ts";
import { prepared, rowsOf } from "./sql.ts";

/** A gate, and when it opened or closed, in milliseconds since 1970. */
export interface GateMoment {
  readonly at: number;
  readonly database: string;
  readonly policy: string;
  /** Of the policy as it was written. */
  readonly hash: string;
  readonly because: readonly Clause[];
}

/** A gate opened. For use within a transaction. */
export function openGate(journal: DatabaseSync, { at, database, policy, hash, because }: GateMoment): void {
  prepared(
    journal,
    "INSERT INTO gate (database, policy, opened_at, clauses, evidence) VALUES (?, ?, ?, ?, ?)",
  ).run(
    databaseId(journal, database),
    policyId(journal, policy, hash, at),
    Math.round(at),
    clausesId(journal, because),
    evidenceOf(because),
  );
}

/** A gate closed, or nobody knows any more whether it is open. For use within a transaction. */
export function closeGate(journal: DatabaseSync, { at, database, policy, because }: GateMoment): void {
  prepared(
    journal,
    "UPDATE gate SET closed_at = max(opened_at, ?), closed_evidence = ? WHERE closed_at IS NULL AND database = ? " +
      "AND policy IN (SELECT id FROM policy WHERE name = ?)",
  ).run(Math.round(at), JSON.stringify(because), databaseId(journal, database), policy);
}

/** The watch of a database ended, and with it what is known of its gates. For use within a transaction. */
export function closeGates(journal: DatabaseSync, database: string, at: number): void {
  prepared(journal, "UPDATE gate SET closed_at = max(opened_at, ?) WHERE closed_at IS NULL AND database = ?")
    .run(Math.round(at), databaseId(journal, database));
}

/** A policy that is no longer in force has no gate. For use within a transaction. */
export function closeGatesWithout(
  journal: DatabaseSync,
  { database, policies, at }: {
    readonly database: number;
    readonly policies: ReadonlySet<string>;
    readonly at: number;
  },
): void {
  const open = rowsOf<{ readonly id: number; readonly name: string }>(
    journal,
    "SELECT g.id, p.name FROM gate g JOIN policy p ON p.id = g.policy WHERE g.closed_at IS NULL AND g.database = ?",
    database,
  );
  for (const { id } of open.filter(({ name }) => !policies.has(name))) {
    prepared(journal, "UPDATE gate SET closed_at = max(opened_at, ?) WHERE id = ?").run(Math.round(at), id);
  }
}

/** Gates that a program left open when it ended suddenly: they count as open until its last look. Within a transaction. */
export function closeLeftGates(journal: DatabaseSync, database: string, at: number): void {
  const id = databaseId(journal, database);
  const open = rowsOf<{ readonly id: number; readonly opened_at: number }>(
    journal,
    "SELECT id, opened_at FROM gate WHERE closed_at IS NULL AND database = ? AND opened_at < ?",
    id,
    Math.round(at),
  );
  for (const gate of open) {
    const last = lastMinute(journal, id, { day: dayOf(at), first: dayOf(gate.opened_at) });
    prepared(journal, "UPDATE gate SET closed_at = max(opened_at, ?) WHERE id = ?")
      .run(Math.min(last ?? gate.opened_at, Math.round(at)), gate.id);
  }
}
