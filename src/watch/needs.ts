import type { Rules } from "../config/mod.ts";
import { needsLocks } from "../snapshot/mod.ts";

/** What the policies in force need to be read. */
export interface Needs {
  /** Names of the database. */
  readonly health: ReadonlySet<string>;
  /** Names of sessions that are dear to read. */
  readonly causes: ReadonlySet<string>;
  /** Whether it matters how many sessions are alike. */
  readonly alike: boolean;
}

/** The names that the policies in force refer to, and those that their kills imply. */
export function needsOf({ policies, protect }: Rules): Needs {
  const expressions = [...policies.flatMap(({ when, until, where }) => [when, until, where]), ...protect];
  const names = new Set(expressions.flatMap((expression) => expression?.needs ?? []));
  if (policies.some(({ victims }) => victims.order === "most-blocking")) names.add("blocking");
  // What the server would have to undo is known of every victim before it is killed.
  const undone = policies.filter(({ then, rollback }) => then !== "log" && rollback !== "any");
  return {
    health: needsLocks(names) ? new Set([...names, "row_lock_waits"]) : names,
    causes: undone.length > 0 ? new Set([...names, "rows_modified"]) : names,
    alike: names.has("same_digest") || names.has("same_user"),
  };
}
