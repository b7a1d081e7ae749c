import type { CatalogTable } from "./catalog.ts";
import type { Range } from "./code.ts";

/** A table where it stands in FROM. */
export interface Source {
  readonly block: Block;
  readonly table: CatalogTable;
  /** By which its columns are named: its alias, or its own name. */
  readonly alias: string;
  /** A LEFT JOIN adds it: rows may be without it. */
  readonly optional: boolean;
}

/** What holds for the rows of a block: WHERE, or an ON. */
export interface Condition extends Range {
  /** The table that a LEFT JOIN adds: of all else, nothing is filtered by this. */
  readonly optional?: Source;
  /** Of an ON: the tables that a server looks for its names in; those behind it, and before a comma, are not seen there. */
  readonly within?: readonly Source[];
}

/** The clauses of a SELECT, each without its own words. */
export interface Clauses {
  readonly distinct: boolean;
  readonly items: Range;
  readonly from?: Range;
  readonly where?: Range;
  readonly group?: Range;
  readonly having?: Range;
  readonly order?: Range;
  readonly limit?: Range;
  /** FOR UPDATE and its like. */
  readonly locking?: Range;
}

/** A query: the statement itself, a part of a UNION, or a subquery. */
export interface Block {
  readonly parent: Block | undefined;
  /** Of those of the query around it, the tables that a server looks for its names in; absent: all. */
  readonly seen?: readonly Source[];
  /** A subquery in FROM. */
  readonly derived: boolean;
  readonly clauses: Clauses;
  /** Filled while FROM is read. */
  readonly sources: Source[];
  readonly conditions: Condition[];
  /** Each ON, also those that are no condition of a table. */
  readonly ons: Condition[];
  /** The names of subqueries in FROM, whose columns are not known. */
  readonly opaque: string[];
  /** All subqueries in it, with what follows a UNION in them. */
  readonly children: Block[];
}

/** A column of a table in FROM. */
export interface Column {
  readonly source: Source;
  /** In small letters. */
  readonly name: string;
}

/** Whether a column is the shard key of its table. */
export function isKey({ source, name }: Column): boolean {
  return source.table.key?.column === name;
}
