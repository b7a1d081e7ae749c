import { type KeyChange, keyChanges, needsNewConnection, type WatchedDatabase } from "../config/mod.ts";

/** What a reload does with a database: continue under new rules, reconnect, add, or remove. */
export type Change = "rules" | "connection" | "added" | "removed";

/** A database that has changed. */
export interface Step {
  readonly change: Change;
  /** Its new configuration, or the old one if it leaves. */
  readonly database: WatchedDatabase;
  /** The keys that changed. */
  readonly keys: readonly KeyChange[];
}

/**
 * The steps that lead from the old databases to the new ones.
 * @param all Whether every database has to reconnect.
 */
export function stepsFor(
  before: readonly WatchedDatabase[],
  after: readonly WatchedDatabase[],
  all: boolean,
): readonly Step[] {
  const [old, now] = [before, after].map((databases) => new Map(databases.map((each) => [each.name, each])));
  const removed = before.filter(({ name }) => !now!.has(name));
  return [
    ...removed.map((database): Step => ({ change: "removed", database, keys: [] })),
    ...after.flatMap((database) => stepFor(old!.get(database.name), database, all)),
  ];
}

function stepFor(
  before: WatchedDatabase | undefined,
  database: WatchedDatabase,
  all: boolean,
): readonly Step[] {
  if (before === undefined) return [{ change: "added", database, keys: [] }];
  const keys = keyChanges(before, database);
  if (all || needsNewConnection(before, database)) return [{ change: "connection", database, keys }];
  return keys.length === 0 ? [] : [{ change: "rules", database, keys }];
}

/** How many databases are in enforce mode. */
export function armedOf(databases: readonly WatchedDatabase[]): number {
  return databases.filter(({ rules }) => rules.mode === "enforce").length;
}
