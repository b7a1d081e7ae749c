import type { ColumnRow } from "../schema/columns.ts";
import {} from "../schema/columns.ts";
import { quotedName } from "../../text/sql_name.ts";

/** How a value goes from server to server, and how it is compared. */
export type Kind =
  /** Digits, as a number. */
  | "number"
  /** FLOAT, whose text has fewer digits than its value: it is read as a DOUBLE. */
  | "float"
  /** BIT: bytes that are a number. */
  | "bit"
  /** A date or a time: its text. */
  | "time"
  /** Letters in a charset: their bytes. */
  | "text"
  /** A value with a text of its own, which is no text: JSON, UUID, INET6. */
  | "written"
  | "bytes"
  /** The bytes by which servers keep shapes. */
  | "geometry";

/** A column that is copied. */
export interface MovedColumn {
  /** In back quotes. */
  readonly sql: string;
  readonly kind: Kind;
  /** Of letters. */
  readonly charset: string | undefined;
  /** ENUM and SET: compared by their place among the values. */
  readonly listed: boolean;
  /** It can be larger than a row. */
  readonly large: boolean;
}

const KINDS: Readonly<Record<string, Kind>> = {
  ...Object.fromEntries(
    ["tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "double", "year"].map((
      type,
    ) => [type, "number"]),
  ),
  float: "float",
  bit: "bit",
  ...Object.fromEntries(["date", "datetime", "timestamp", "time"].map((type) => [type, "time"])),
  ...Object.fromEntries(
    ["char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"].map((
      type,
    ) => [type, "text"]),
  ),
  ...Object.fromEntries(["json", "uuid", "inet4", "inet6"].map((type) => [type, "written"])),
  ...Object.fromEntries(
    ["binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "vector"].map((
      type,
    ) => [type, "bytes"]),
  ),
  ...Object.fromEntries(
    [
      ...["geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon"],
      ...["geometrycollection", "geomcollection"],
    ].map((type) => [type, "geometry"]),
  ),
};

const LARGE = /text|blob|json|vector|geom|point|linestring|polygon/;

/** Whether the server reckons a column by itself. MySQL says DEFAULT_GENERATED of a default that is an expression. */
export function isGenerated({ extra }: Pick<ColumnRow, "extra">): boolean {
  return /\b(?:virtual|stored|persistent)\b/.test(extra);
}

/** A column as it is copied; a text says why it cannot be. */
export function movedColumn(row: ColumnRow): MovedColumn | string {
  const kind = KINDS[row.dataType];
  if (kind === undefined) return `the type of a column is not known here: ${row.columnType}`;
  return {
    sql: quotedName(row.name),
    kind,
    charset: kind === "text" ? row.charset ?? "binary" : undefined,
    listed: row.dataType === "enum" || row.dataType === "set",
    large: LARGE.test(row.dataType),
  };
}

/** SQL that reads a value so that {@linkcode literal} can write it. */
export function readSql({ sql, kind }: MovedColumn): string {
  return kind === "float" ? `${sql} * 1e0` : sql;
}

/** SQL for the text by which two values are compared: different for different values, the same on all servers. */
export function comparedSql(column: MovedColumn): string {
  const { sql, kind, large } = column;
  const text = kind === "bit" ? `${sql} + 0` : readSql(column);
  if (kind === "number" || kind === "float" || kind === "bit" || kind === "time") {
    return `IFNULL(${text}, 'N')`;
  }
  // The HEX of a large value may be more than a packet; it would be NULL then.
  const own = kind === "written" ? `CONVERT(${sql} USING utf8mb4)` : sql;
  return large ? `IFNULL(CONCAT(LENGTH(${own}), ':', CRC32(${own})), 'N')` : `IFNULL(HEX(${own}), 'N')`;
}

const decoder = new TextDecoder();

/** A value as a literal for the same column of another server. */
export function literal(value: Uint8Array | null, { kind, charset }: MovedColumn): string {
  if (value === null) return "NULL";
  switch (kind) {
    case "number":
    case "float":
    case "time": {
      const text = decoder.decode(value);
      if (!/^[-+0-9.:eE ]+$/.test(text)) throw new TypeError("a number or a time of a server is none");
      return `'${text}'`;
    }
    case "bit":
      return `b'${[...value].map((byte) => byte.toString(2).padStart(8, "0")).join("")}'`;
    case "written":
      return `_utf8mb4 X'${hexOf(value)}'`;
    case "text":
      return `_${charset} X'${hexOf(value)}'`;
    default:
      return `X'${hexOf(value)}'`;
  }
}

/** A column of a primary key. */
export interface KeyColumn extends MovedColumn {
  /** SQL by which rows are sorted and compared. */
  readonly order: string;
}

/** A column as part of a primary key; a text says why rows cannot be told apart by it. */
export function keyColumn(column: MovedColumn): KeyColumn | string {
  const { kind, listed, sql } = column;
  if (kind === "float" || kind === "geometry" || kind === "written") {
    return `its primary key has a column of a type by which rows cannot be found for certain: ${sql}`;
  }
  return { ...column, order: listed || kind === "bit" ? `${sql} + 0` : sql };
}

/** SQL that reads a value of a primary key so that {@linkcode keyLiteral} can write it. */
export function readKeySql({ order }: KeyColumn): string {
  return order;
}

/** A value of a primary key, to be compared with {@linkcode KeyColumn.order}: numbers are no texts there. */
export function keyLiteral(value: Uint8Array, column: KeyColumn): string {
  const { kind, listed } = column;
  if (kind !== "number" && kind !== "bit" && !listed) return literal(value, column);
  const text = decoder.decode(value);
  if (!/^-?[0-9.]+(?:[eE][-+]?[0-9]+)?$/.test(text)) throw new TypeError("a number of a server is none");
  return text;
}

const DIGITS: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => byte.toString(16).padStart(2, "0"),
);

function hexOf(value: Uint8Array): string {
  let text = "";
  for (const byte of value) text += DIGITS[byte];
  return text;
}
