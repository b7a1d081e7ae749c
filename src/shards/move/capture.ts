import type { ColumnRow } from "../schema/columns.ts";
import type { KeyColumn } from "./column.ts";
import type { MovedTable } from "./table.ts";
import { NOT_OWNED, NOT_OWNED_MESSAGE } from "../slots/tables.ts";

/**
 * Statements that make the source log the key of each row that changes. A trigger waits for the transactions that use its
 * table, so that nothing older escapes. It holds the slot as the guard of the router does: who writes beside the router
 * cannot write to a slot that is frozen, or gone.
 */
export function captureSql(table: MovedTable, slots: readonly number[]): readonly string[] {
  return [
    ...releaseSql(table),
    `CREATE TABLE ${table.log} (qs_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, ${
      table.key.map((column, index) => `k${index} ${loggedType(column, table.keyRows[index]!)} NULL`).join(
        ", ",
      )
    }) ENGINE = InnoDB`,
    ...EVENTS.map(([event, images]) =>
      `CREATE TRIGGER ${table.trigger}_${event} AFTER ${event.toUpperCase()} ON ${table.sql} FOR EACH ROW BEGIN ` +
      `DECLARE found INT DEFAULT 0; DECLARE words VARCHAR(100); ${
        images.map((image) => imageSql(table, slots, image)).join(" ")
      } END`
    ),
  ];
}

/** Statements that take back all of {@linkcode captureSql}; they may be run again. */
export function releaseSql(table: MovedTable): readonly string[] {
  return [...dropTriggersSql(table), dropLogSql(table)];
}

/** Statements that take back the triggers only: what is done to the rows then is neither refused nor logged. */
export function dropTriggersSql({ trigger }: MovedTable): readonly string[] {
  return EVENTS.map(([event]) => `DROP TRIGGER IF EXISTS ${trigger}_${event}`);
}

/** What takes back the log, by which it is known that a table was moved. */
export function dropLogSql({ log }: MovedTable): string {
  return `DROP TABLE IF EXISTS ${log}`;
}

/** The names of the triggers. */
export function triggersOf({ trigger }: MovedTable): readonly string[] {
  return EVENTS.map(([event]) => `${trigger}_${event}`);
}

const EVENTS: readonly (readonly [event: string, images: readonly ("OLD" | "NEW")[]])[] = [
  ["insert", ["NEW"]],
  ["update", ["OLD", "NEW"]],
  ["delete", ["OLD"]],
];

/** What is sorted by its place is logged by its place. */
function loggedType({ sql, order }: KeyColumn, { columnType, charset, collation }: ColumnRow): string {
  if (order !== sql) return "BIGINT UNSIGNED";
  return charset === null ? columnType : `${columnType} CHARACTER SET ${charset} COLLATE ${collation}`;
}

function imageSql(table: MovedTable, slots: readonly number[], image: "OLD" | "NEW"): string {
  // The slot is SQL over columns in back quotes: here they are those of the row that changed.
  const slot = ofImage(table.slot!, table, image);
  const columns = table.keyRows.map((_, index) => `k${index}`).join(", ");
  const values = table.key.map(({ order }) => `${image}.${order}`).join(", ");
  return `IF ${slot} IN (${slots.join()}) THEN ` +
    `SELECT COUNT(*) INTO found FROM qs_slots WHERE slot = ${slot} AND state = 'owned' LOCK IN SHARE MODE; ` +
    `IF found <> 1 THEN SET words = CONCAT('${NOT_OWNED_MESSAGE} ', ${slot}); ` +
    `SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = ${NOT_OWNED}, MESSAGE_TEXT = words; END IF; ` +
    `INSERT INTO ${table.log} (${columns}) VALUES (${values}); END IF;`;
}

function ofImage(slot: string, { key }: MovedTable, image: "OLD" | "NEW"): string {
  const column = key.find(({ sql }) => slot.includes(sql))!.sql;
  return slot.replaceAll(column, `${image}.${column}`);
}
