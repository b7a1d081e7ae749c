import { createHash } from "node:crypto";
import type { ShardingConfig } from "../../config/mod.ts";
import { triggersOf } from "./capture.ts";
import type { Session } from "./session.ts";
import type { MovedTable } from "./table.ts";

/**
 * By which it is noticed that a table was altered, emptied or made anew, or lost a trigger: none of that is in the log.
 * Throws DatabaseError.
 */
export async function printOf(
  source: Session,
  tables: readonly MovedTable[],
  { schema }: Pick<ShardingConfig, "schema">,
): Promise<string> {
  const names = tables.map(({ name }) => `'${name}'`).join(", ");
  const triggers = tables.flatMap(triggersOf).map((name) => `'${name}'`).join(", ");
  const answers = await source.answers(
    "SELECT TABLE_NAME AS t, CREATE_TIME AS c, ENGINE AS e FROM information_schema.TABLES WHERE " +
      `TABLE_SCHEMA = '${schema}' AND TABLE_NAME IN (${names}) ORDER BY TABLE_NAME; ` +
      "SELECT TABLE_NAME AS t, COLUMN_NAME AS n, COLUMN_TYPE AS c, COLLATION_NAME AS l, IS_NULLABLE AS u, EXTRA AS e " +
      `FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '${schema}' AND TABLE_NAME IN (${names}) ` +
      "ORDER BY TABLE_NAME, ORDINAL_POSITION; " +
      "SELECT TRIGGER_NAME AS t, CREATED AS c FROM information_schema.TRIGGERS WHERE " +
      `TRIGGER_SCHEMA = '${schema}' AND TRIGGER_NAME IN (${triggers}) ORDER BY TRIGGER_NAME`,
  );
  const hash = createHash("sha256");
  for (const { rows } of answers) {
    for (const row of rows) for (const value of row) hash.update(value ?? "NULL").update("\0");
    hash.update("\n");
  }
  return hash.digest("hex");
}
