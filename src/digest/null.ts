import { isAnyWord, isOperandEnd, isWord, type Item } from "./item.ts";

/** The options that NULL switches off (manual: "ALTER TABLE", "CHANGE REPLICATION SOURCE TO"). */
const NULLABLE_OPTIONS = ["SECONDARY_ENGINE", "PRIVILEGE_CHECKS_USER", "SOURCE_TLS_CIPHERSUITES"] as const;

/** What stands in front of a column in a query. */
const QUERY_WORDS = ["SELECT", "WHERE", "AND", "OR", "NOT", "ON", "HAVING", "WHEN"] as const;

/** The last words of a type or of an attribute of a column, where [NOT] NULL may follow (manual: "CREATE TABLE"). */
const COLUMN_WORDS: ReadonlySet<string> = new Set(
  `ACTION ASCII AUTO_INCREMENT BIT BLOB BOOL BOOLEAN BYTE CASCADE CHARACTER CURDATE CURTIME DATE DATETIME DECIMAL
  DISK DYNAMIC EMPTY ENFORCED ERROR FALSE FIXED FLOAT4 FLOAT8 GEOMETRY GEOMETRYCOLLECTION INT8 INTEGER INVISIBLE JSON KEY
  LINESTRING LONG LONGBLOB LONGTEXT MEDIUMBLOB MEDIUMTEXT MEMORY MIDDLEINT MULTILINESTRING MULTIPOINT MULTIPOLYGON
  NCHAR NOW NULL NUMERIC NVARCHAR POINT POLYGON PRECISION REAL RESTRICT SERIAL SIGNED SMALLINT STORED TEXT TIME TIMESTAMP
  TINYBLOB TINYINT TINYTEXT TRUE UNICODE UNIQUE UNSIGNED VARBINARY VARCHARACTER VARYING VECTOR VIRTUAL VISIBLE YEAR ZEROFILL`
    .split(/\s+/),
);

/**
 * Whether NULL behind these pieces is a keyword: in IS [NOT] NULL, as an attribute of a column, in ON DELETE SET NULL,
 * NULL ON EMPTY and NULL ON NULL, and as the value of some options. Else it is a literal.
 */
export function isNullKeyword(items: readonly Item[]): boolean {
  const last = items.at(-1);
  // In queries these options are names of columns.
  if (isWord(last, "=") && isAnyWord(items.at(-2), NULLABLE_OPTIONS)) {
    return isAnyWord(items[0], ["ALTER", "CREATE", "CHANGE"]) && !isAnyWord(items.at(-3), QUERY_WORDS);
  }
  if (isAnyWord(last, NULLABLE_OPTIONS)) return true;
  if (isWord(last, "ON")) return isWord(items.at(-2), "NULL");
  if (isWord(last, "VALUE")) return isWord(items.at(-2), "DEFAULT");
  if (isWord(last, "NOT")) return isWord(items.at(-2), "IS") || isColumn(items.slice(-3, -1));
  if (isWord(last, "SET")) return isWord(items.at(-3), "ON") && isAnyWord(items.at(-2), ["DELETE", "UPDATE"]);
  return isWord(last, "IS") || isColumn(items.slice(-2));
}

/** Whether an attribute of a column may follow the last of these pieces, of which there are two at most. */
function isColumn(items: readonly Item[]): boolean {
  const last = items.at(-1);
  if (last === undefined) return false;
  // After an operand BINARY is a type or an attribute, else it is an operator.
  if (isWord(last, "BINARY")) return isColumn(items.slice(0, -1));
  return isOperandEnd(last) || (last.kind === "word" && COLUMN_WORDS.has(last.text));
}
