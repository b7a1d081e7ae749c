import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

/** The statements of each open database, which are prepared once. */
const STATEMENTS = new WeakMap<DatabaseSync, Map<string, StatementSync>>();

/** A statement of a database, prepared at its first use. */
export function prepared(database: DatabaseSync, sql: string): StatementSync {
  const known = STATEMENTS.get(database) ?? new Map<string, StatementSync>();
  STATEMENTS.set(database, known);
  const statement = known.get(sql) ?? database.prepare(sql);
  known.set(sql, statement);
  return statement;
}

/** The only row of a query that has one at most. Its type is the caller's word. */
export function rowOf<T>(
  database: DatabaseSync,
  sql: string,
  ...values: readonly SQLInputValue[]
): T | undefined {
  return prepared(database, sql).get(...values) as unknown as T | undefined;
}

/** All rows of a query. Their type is the caller's word. */
export function rowsOf<T>(
  database: DatabaseSync,
  sql: string,
  ...values: readonly SQLInputValue[]
): readonly T[] {
  return prepared(database, sql).all(...values) as unknown as readonly T[];
}

/** Does all of it or nothing. It takes the lock for writing at once, so that it waits at its beginning only. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    undo(database);
    throw error;
  }
}

/** SQLite has undone it already where the disk is full. */
function undo(database: DatabaseSync): void {
  try {
    database.exec("ROLLBACK");
  } catch {
    // There is no transaction any more.
  }
}
