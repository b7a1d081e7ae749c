import type { ShardingConfig } from "../../config/mod.ts";
import type { ColumnRow } from "../schema/columns.ts";
import { readColumns, slotColumnOf } from "../schema/columns.ts";
import { quotedName } from "../../text/sql_name.ts";
import { crc32 } from "../slots/crc32.ts";
import { OWN_TRIGGERS } from "../slots/tables.ts";
import {
  comparedSql,
  isGenerated,
  type KeyColumn,
  keyColumn,
  keyLiteral,
  type MovedColumn,
  movedColumn,
  readKeySql,
  readSql,
} from "./column.ts";
import { MoveError } from "./contract.ts";
import type { Session } from "./session.ts";

/** A table whose rows move. */
export interface MovedTable {
  readonly name: string;
  /** In back quotes. */
  readonly sql: string;
  /** All but those that servers reckon by themselves. */
  readonly columns: readonly MovedColumn[];
  readonly key: readonly KeyColumn[];
  /** Where the columns of the key are among the columns. */
  readonly keyRows: readonly ColumnRow[];
  /** The slot of a row; absent of a reference table. */
  readonly slot?: string;
  /** The names of its log on the source and of its triggers begin with it. */
  readonly log: string;
  readonly trigger: string;
}

/**
 * Reads the tables of a shard that have to be moved, or the reference tables.
 * @throws {MoveError} Where one of them cannot be moved.
 * @throws {DatabaseError}
 */
export async function readTables(
  session: Session,
  sharding: ShardingConfig,
  which: "sharded" | "reference",
): Promise<readonly MovedTable[]> {
  const rows = await readColumns(session.connection, sharding);
  const keys = await readKeys(session, sharding.schema);
  return sharding.tables.filter(({ key }) => (key === undefined) === (which === "reference")).map((
    { name, key },
  ) =>
    tableOf({ name, key, rows: rows.filter(({ table }) => table === name), primary: keys.get(name) ?? [] })
  );
}

async function readKeys(session: Session, schema: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await session.rows(
    "SELECT TABLE_NAME AS t, COLUMN_NAME AS c, SUB_PART AS p FROM information_schema.STATISTICS WHERE " +
      `TABLE_SCHEMA = '${schema}' AND INDEX_NAME = 'PRIMARY' ORDER BY TABLE_NAME, SEQ_IN_INDEX`,
  );
  const found = new Map<string, string[]>();
  for (const { t, c, p } of rows) {
    if (p !== null) {
      throw new MoveError(`"${t}" has a primary key of the beginnings of values, by which no row is found`);
    }
    const columns = found.get(t!) ?? [];
    found.set(t!, [...columns, c!]);
  }
  return found;
}

function tableOf({ name, key, rows, primary }: {
  readonly name: string;
  readonly key: string | undefined;
  readonly rows: readonly ColumnRow[];
  readonly primary: readonly string[];
}): MovedTable {
  const fail = (reason: string) => new MoveError(`"${name}" cannot be moved: ${reason}`);
  if (rows.length === 0) throw fail("there is no such table");
  if (primary.length === 0) throw fail("it has no primary key");
  const columnOf = (row: ColumnRow) => {
    const column = movedColumn(row);
    if (typeof column === "string") throw fail(column);
    return column;
  };
  const keyRows = primary.map((column) => rows.find(({ name }) => name === column)!);
  if (keyRows.some(isGenerated)) throw fail("its primary key has a column that is generated");
  const keyColumns = keyRows.map((row) => {
    const column = keyColumn(columnOf(row));
    if (typeof column === "string") throw fail(column);
    return column;
  });
  const slot = slotColumnOf({ name, ...key !== undefined && { key } }, rows);
  if (typeof slot === "string") throw fail(slot);
  if (key !== undefined && slot === undefined) throw fail(`it has no column "${key}"`);
  const hash = crc32(new TextEncoder().encode(name)).toString(16).padStart(8, "0");
  return {
    name,
    sql: quotedName(name),
    columns: rows.filter((row) => !isGenerated(row)).map(columnOf),
    key: keyColumns,
    keyRows,
    ...slot !== undefined && { slot: slot.sql },
    log: `qs_log_${hash}`,
    trigger: `${OWN_TRIGGERS}${hash}`,
  };
}

/** The columns that are read of a row: its values, then its key. */
export function rowSql({ columns, key }: MovedTable): string {
  return [...columns.map(readSql), ...key.map(readKeySql)].join(", ");
}

/** The columns of the key alone. */
export function keySql({ key }: MovedTable): string {
  return key.map(readKeySql).join(", ");
}

/** The rows in the order of their key. */
export function orderSql({ key }: MovedTable): string {
  return key.map(({ sql }) => sql).join(", ");
}

/** The literals of a key, of its values as they were read. */
export function keyLiterals({ key }: MovedTable, values: readonly (Uint8Array | null)[]): readonly string[] {
  return key.map((column, index) => keyLiteral(values[index]!, column));
}

/** Rows whose key is one of these. */
export function amongSql({ key }: MovedTable, keys: readonly (readonly string[])[]): string {
  if (key.length === 1) return `${key[0]!.order} IN (${keys.map(([value]) => value).join(", ")})`;
  // A list of rows is looked up in an index by both flavors only where it is written so.
  return `(${
    keys.map((values) => `(${values.map((value, at) => `${key[at]!.order} = ${value}`).join(" AND ")})`).join(
      " OR ",
    )
  })`;
}

/** Rows behind a key, or up to it: the first column is compared for itself, so that its index is used. */
export function sideSql({ key }: MovedTable, literals: readonly string[], side: "behind" | "up to"): string {
  const sign = side === "behind" ? ">" : "<";
  let condition = "";
  for (let at = key.length - 1; at >= 0; at--) {
    const { order } = key[at]!;
    const value = literals[at]!;
    if (condition === "") condition = side === "behind" ? `${order} > ${value}` : `${order} <= ${value}`;
    else condition = `(${order} ${sign}= ${value} AND (${order} ${sign} ${value} OR ${condition}))`;
  }
  return condition;
}

/** A part of a table: rows behind one key, and up to another. */
export interface Span {
  readonly after: readonly string[] | undefined;
  readonly to: readonly string[] | undefined;
}

/** The condition of a part. */
export function spanSql(table: MovedTable, { after, to }: Span): string {
  const parts = [
    ...after === undefined ? [] : [sideSql(table, after, "behind")],
    ...to === undefined ? [] : [sideSql(table, to, "up to")],
  ];
  return parts.length === 0 ? "TRUE" : parts.join(" AND ");
}

/** SQL that gives of each row a number that is different where any of its values is. */
export function checksumSql({ columns }: MovedTable): string {
  return `CRC32(CONCAT_WS('#', ${columns.map(comparedSql).join(", ")}))`;
}
