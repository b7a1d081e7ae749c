import { type KeyChange, keyChanges, needsNewConnection, type WatchedDatabase } from "../config/mod.ts";

/** What becomes of a database at a reload: it goes on under other rules, or is connected to anew, or comes, or leaves. */
export type Change = "rules" | "connection" | "added" | "removed";

/** A database that is not what it was. */
export interface Step {
  readonly change: Change;
  /** As it is now; as it was, where it leaves. */
  readonly database: WatchedDatabase;
  /** Which of its keys are other ones. */
  readonly keys: readonly KeyChange[];
}

/**
 * What has to be done to go from some databases to others.
 * @param all Whether every database has to be connected to anew.
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
