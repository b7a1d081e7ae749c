import type { DatabaseSync } from "node:sqlite";
import { databaseId, policyId } from "./dictionary.ts";
import { closeGatesWithout } from "./gates.ts";
import { addMark } from "./marks.ts";
import { prepared, rowsOf } from "./sql.ts";

/** A policy in force on a database. */
export interface PolicyInForce {
  /** Of the policy as it was written: another one after every change. */
  readonly hash: string;
  /** Whether it may kill. */
  readonly armed: boolean;
}

/** The policies in force, by the names of their database and of the policy. */
export type PoliciesInForce = ReadonlyMap<string, ReadonlyMap<string, PolicyInForce>>;

/** What has changed about a policy since the program before, or since the last reload. */
export interface PolicyChange {
  readonly database: string;
  /** In words: `policy long changed, and may kill`. */
  readonly text: string;
}

/**
 * Keeps which policies are in force on a database, and returns what has changed. Of a database that is new nothing has.
 * For use within a transaction.
 * @param at Milliseconds since 1970.
 */
export function keepInForce(
  journal: DatabaseSync,
  { database, policies, at }: {
    readonly database: string;
    readonly policies: ReadonlyMap<string, PolicyInForce>;
    readonly at: number;
  },
): readonly PolicyChange[] {
  const id = databaseId(journal, database);
  const before = rowsOf<{ readonly name: string; readonly hash: string }>(
    journal,
    "SELECT p.name, p.hash FROM in_force f JOIN policy p ON p.id = f.policy WHERE f.database = ?",
    id,
  );
  const texts = before.length === 0
    ? []
    : changesBetween(new Map(before.map((row) => [row.name, row.hash])), policies);
  if (before.length > 0 && texts.length === 0) return [];
  prepared(journal, "DELETE FROM in_force WHERE database = ?").run(id);
  for (const [name, { hash }] of policies) {
    prepared(journal, "INSERT INTO in_force (database, policy) VALUES (?, ?)")
      .run(id, policyId(journal, name, hash, at));
  }
  closeGatesWithout(journal, { database: id, policies: new Set(policies.keys()), at });
  return texts.map((text) => ({ database, text }));
}

function changesBetween(
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, PolicyInForce>,
): readonly string[] {
  const gone = [...before.keys()].filter((name) => !now.has(name));
  const others = [...now].filter(([name, { hash }]) => before.get(name) !== hash);
  return [
    ...gone.map((name) => `policy ${name} is gone`),
    ...others.map(([name, { armed }]) =>
      `policy ${name} ${before.has(name) ? "changed" : "is new"}, and ${
        armed ? "may kill" : "only rehearses"
      }`
    ),
  ];
}

/** Leaves a mark for each change; one that many databases share is one mark. For use within a transaction. */
export function markChanges(journal: DatabaseSync, changes: readonly PolicyChange[], at: number): void {
  for (const [text, shared] of Map.groupBy(changes, ({ text }) => text)) {
    const [{ database }, ...more] = shared as [PolicyChange, ...PolicyChange[]];
    addMark(journal, {
      at,
      kind: "policy-changed",
      database: more.length === 0 ? database : null,
      text: more.length === 0 ? text : `${text}, on ${shared.length} databases`,
    });
  }
}
