import type { KeyType } from "../slots/key.ts";

/** The tables of a group of shards, as the planner needs them. */
export interface Catalog {
  readonly schema: string;
  /** By their names as they are on the servers. */
  readonly tables: ReadonlyMap<string, CatalogTable>;
}

/** A table. */
export interface CatalogTable {
  readonly name: string;
  /** The visible columns, in their order. */
  readonly columns: readonly string[];
  /** The same in small letters: names of columns have no case. */
  readonly columnSet: ReadonlySet<string>;
  /** Absent: a reference table, the whole of which is on every shard. */
  readonly key?: TableKey;
}

/** How a table is sharded. */
export interface TableKey {
  /** In small letters. */
  readonly column: string;
  readonly type: KeyType;
  /** Tables of one group may be joined on their keys. */
  readonly group: string;
}

/**
 * The table with these columns.
 * @param invisible Columns that `*` leaves out.
 */
export function catalogTable(
  name: string,
  columns: readonly string[],
  key?: TableKey,
  invisible: readonly string[] = [],
): CatalogTable {
  const columnSet = new Set([...columns, ...invisible].map((column) => column.toLowerCase()));
  return { name, columns, columnSet, ...key && { key } };
}
