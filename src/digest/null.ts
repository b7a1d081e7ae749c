import { codeOf, codeSet } from "./code.ts";
import { FIRST, isOperandEnd, type Items, lastOf } from "./item.ts";

/** The options that NULL switches off (manual: "ALTER TABLE", "CHANGE REPLICATION SOURCE TO"). */
const NULLABLE_OPTIONS = codeSet("SECONDARY_ENGINE PRIVILEGE_CHECKS_USER SOURCE_TLS_CIPHERSUITES");

/** The statements that have such options: in queries these are names of columns. */
const OPTION_STATEMENTS = codeSet("ALTER CREATE CHANGE");

/** What stands in front of a column in a query. */
const QUERY_WORDS = codeSet("SELECT WHERE AND OR NOT ON HAVING WHEN");

/** What NULL is set on: the deletion or the change of a row. */
const CHANGES = codeSet("DELETE UPDATE");

/** The last words of a type or of an attribute of a column, where [NOT] NULL may follow (manual: "CREATE TABLE"). */
const COLUMN_WORDS = codeSet(
  `ACTION ASCII AUTO_INCREMENT BIT BLOB BOOL BOOLEAN BYTE CASCADE CHARACTER CURDATE CURTIME DATE DATETIME DECIMAL
  DISK DYNAMIC EMPTY ENFORCED ERROR FALSE FIXED FLOAT4 FLOAT8 GEOMETRY GEOMETRYCOLLECTION INT8 INTEGER INVISIBLE JSON KEY
  LINESTRING LONG LONGBLOB LONGTEXT MEDIUMBLOB MEDIUMTEXT MEMORY MIDDLEINT MULTILINESTRING MULTIPOINT MULTIPOLYGON
  NCHAR NOW NULL NUMERIC NVARCHAR POINT POLYGON PRECISION REAL RESTRICT SERIAL SIGNED SMALLINT STORED TEXT TIME TIMESTAMP
  TINYBLOB TINYINT TINYTEXT TRUE UNICODE UNIQUE UNSIGNED VARBINARY VARCHARACTER VARYING VECTOR VIRTUAL VISIBLE YEAR ZEROFILL`,
);

const [BINARY, DEFAULT, EQUALS, IS, NOT] = ["BINARY", "DEFAULT", "=", "IS", "NOT"].map(codeOf);
const [NULL, ON, SET, VALUE] = ["NULL", "ON", "SET", "VALUE"].map(codeOf);

/**
 * Whether NULL behind these pieces is a keyword: in IS [NOT] NULL, as an attribute of a column, in ON DELETE SET NULL,
 * NULL ON EMPTY and NULL ON NULL, and as the value of some options. Else it is a literal.
 */
export function isNullKeyword(items: Items): boolean {
  const last = lastOf(items);
  const before = lastOf(items, 1);
  const third = lastOf(items, 2);
  if (last === EQUALS && NULLABLE_OPTIONS[before] === 1) {
    return OPTION_STATEMENTS[items.codes[FIRST]!] === 1 && QUERY_WORDS[third] === 0;
  }
  if (NULLABLE_OPTIONS[last] === 1) return true;
  switch (last) {
    case ON:
      return before === NULL;
    case VALUE:
      return before === DEFAULT;
    case NOT:
      return before === IS || isColumn(before, third);
    case SET:
      return third === ON && CHANGES[before] === 1;
  }
  return last === IS || isColumn(last, before);
}

/** Whether an attribute of a column may follow a piece, and the one before it. */
function isColumn(last: number, before: number): boolean {
  // After an operand BINARY is a type or an attribute, else it is an operator.
  const end = last === BINARY ? before : last;
  return isOperandEnd(end) || COLUMN_WORDS[end] === 1;
}
