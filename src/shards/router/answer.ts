import type { Answer } from "../../connection/mod.ts";
import { RouterProblem } from "./problem.ts";
import { type JsonRow, jsonValue } from "./values.ts";

/** What one statement gave. */
export type QueryResult =
  | { readonly data: readonly JsonRow[]; readonly columns: readonly string[] }
  | { readonly affected_rows: number; readonly insert_id?: number | string };

/** The answer to a request. */
export type QueryAnswer =
  & (QueryResult | { readonly results: readonly QueryResult[] })
  & ({ readonly shard: string } | { readonly shards: readonly string[] })
  & {
    /** Absent where another program divides the tables. */
    readonly map_version?: number;
    readonly took_ms: number;
  };

/**
 * An answer of a server as JSON.
 * @param names The names of the columns; absent: as the server says.
 * @throws {RouterProblem} Where two columns have one name: an object has no room for both.
 */
export function resultOf(
  { columns, rows, affected, insertId }: Answer,
  names?: readonly string[],
): QueryResult {
  if (columns.length === 0) {
    return { affected_rows: affected, ...insertId !== 0 && { insert_id: insertId } };
  }
  const all = names ?? columns.map(({ name }) => name);
  if (new Set(all).size < all.length) {
    throw new RouterProblem(
      "refused",
      "two columns of the answer have one name",
      "give one another name with AS",
    );
  }
  const data = rows.map((row) =>
    Object.fromEntries(row.map((value, index) => [all[index]!, jsonValue(value, columns[index]!)]))
  );
  return { data, columns: all };
}
