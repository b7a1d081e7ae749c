import type { Connection, Row } from "../../connection/mod.ts";
import type { ShardedTable, ShardingConfig } from "../../config/mod.ts";
import { type Catalog, type CatalogTable, catalogTable } from "../plan/mod.ts";
import { type KeyType, slotSql } from "../slots/key.ts";
import { quotedName } from "../../text/sql_name.ts";

/** A column as information_schema shows it. */
export interface ColumnRow {
  readonly table: string;
  readonly name: string;
  /** Such as `varchar`. */
  readonly dataType: string;
  /** Such as `varchar(20)`. */
  readonly columnType: string;
  readonly charset: string | null;
  readonly collation: string | null;
  /** In characters; null of what has none. */
  readonly length: number | null;
  readonly nullable: boolean;
  readonly extra: string;
}

/** How the slot of a row is reckoned: from the column of its key. */
export interface SlotColumn {
  readonly column: ColumnRow;
  /** SQL for the slot. */
  readonly sql: string;
}

/** How the slot of a row of a table is reckoned; a text says why its key cannot be one; undefined: it has no such column. */
export function slotColumnOf(
  { name, key }: Pick<ShardedTable, "name" | "key">,
  columns: readonly ColumnRow[],
): SlotColumn | string | undefined {
  const isKey = (column: ColumnRow) => column.name.toLowerCase() === key?.toLowerCase();
  const column = columns.find((column) => column.table === name && isKey(column)) ??
    columns.find((column) => column.table.toLowerCase() === name.toLowerCase() && isKey(column));
  const type = column && keyTypeOf(column);
  if (column === undefined || type === undefined) return undefined;
  return typeof type === "string" ? type : { column, sql: slotSql(quotedName(column.name), type) };
}

/** Reads the columns of some tables, in their order. Throws DatabaseError. */
export async function readColumns(
  connection: Connection,
  { schema, tables }: Pick<ShardingConfig, "schema" | "tables">,
): Promise<readonly ColumnRow[]> {
  const rows = await connection.query(
    "SELECT TABLE_NAME AS t, COLUMN_NAME AS n, DATA_TYPE AS d, COLUMN_TYPE AS c, CHARACTER_SET_NAME AS s, COLLATION_NAME AS l, " +
      "CHARACTER_MAXIMUM_LENGTH AS m, IS_NULLABLE AS u, EXTRA AS e FROM information_schema.COLUMNS WHERE " +
      `TABLE_SCHEMA = '${schema}' AND TABLE_NAME IN (${tables.map(({ name }) => `'${name}'`).join(", ")}) ` +
      "ORDER BY TABLE_NAME, ORDINAL_POSITION",
  );
  return rows.map(columnRow);
}

function columnRow(row: Row): ColumnRow {
  const text = (name: string) => row[name] === null || row[name] === undefined ? null : String(row[name]);
  return {
    table: String(row["t"]),
    name: String(row["n"]),
    dataType: String(row["d"]).toLowerCase(),
    columnType: String(row["c"]).toLowerCase(),
    charset: text("s"),
    collation: text("l"),
    length: row["m"] === null ? null : Number(row["m"]),
    nullable: row["u"] === "YES",
    extra: String(row["e"] ?? "").toLowerCase(),
  };
}

const BYTES: Readonly<Record<string, number>> = { tinyint: 1, smallint: 2, mediumint: 3, int: 4, bigint: 8 };
const REPERTOIRES: Readonly<Record<string, "ascii" | "basic" | "unicode">> = {
  ascii: "ascii",
  utf8: "basic",
  utf8mb3: "basic",
  utf8mb4: "unicode",
};

/** What a column holds as a shard key; or why it cannot be one. */
export function keyTypeOf(
  { dataType, columnType, charset, collation, length, extra }: ColumnRow,
): KeyType | string {
  if (extra.includes("generated") || extra.includes("virtual") || extra.includes("stored")) {
    return "it is generated";
  }
  const bytes = BYTES[dataType];
  if (bytes !== undefined) {
    const values = 2n ** BigInt(8 * bytes);
    const isUnsigned = columnType.includes("unsigned");
    return {
      family: "integer",
      min: isUnsigned ? 0n : -values / 2n,
      max: isUnsigned ? values - 1n : values / 2n - 1n,
      auto: extra.includes("auto_increment"),
    };
  }
  if (dataType !== "varchar" && dataType !== "char") {
    return `its type is ${columnType}: whole numbers and texts are supported`;
  }
  const repertoire = REPERTOIRES[charset ?? ""];
  if (repertoire === undefined) return `its charset is ${charset}: ascii, utf8mb3 and utf8mb4 are supported`;
  if (collation?.endsWith("_bin") !== true) {
    return `its collation is ${collation}: texts that are equal by it would be on several shards; one that ends with _bin is needed`;
  }
  return { family: "text", length: length ?? 0, repertoire };
}

/** The tables for the planner; a text says why one of them cannot be. */
export function catalogOf(
  { schema, tables }: Pick<ShardingConfig, "schema" | "tables">,
  columns: readonly ColumnRow[],
): Catalog | string {
  const found: CatalogTable[] = [];
  for (const table of tables) {
    const own = columns.filter((column) => column.table === table.name);
    const made = own.length === 0 ? `there is no table "${table.name}" in "${schema}"` : tableOf(table, own);
    if (typeof made === "string") return made;
    found.push(made);
  }
  return { schema, tables: new Map(found.map((table) => [table.name, table])) };
}

function tableOf({ name, key, group }: ShardedTable, own: readonly ColumnRow[]): CatalogTable | string {
  const isInvisible = ({ extra }: ColumnRow) => extra.includes("invisible");
  const visible = own.filter((column) => !isInvisible(column)).map(({ name }) => name);
  const invisible = own.filter(isInvisible).map(({ name }) => name);
  if (key === undefined) return catalogTable(name, visible, undefined, invisible);
  const column = own.find((column) => column.name.toLowerCase() === key.toLowerCase());
  if (column === undefined) return `the table "${name}" has no column "${key}"`;
  const type = keyTypeOf(column);
  if (typeof type === "string") return `"${name}.${key}" cannot be a shard key: ${type}`;
  return catalogTable(name, visible, { column: column.name.toLowerCase(), type, group }, invisible);
}
