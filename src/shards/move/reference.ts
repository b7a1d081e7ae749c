import type { ShardingConfig } from "../../config/mod.ts";
import { MoveError } from "./contract.ts";
import { spansOf } from "./copy.ts";
import { readRows, replaceSql } from "./rows.ts";
import type { Session } from "./session.ts";
import { checksumSql, type MovedTable, spanSql } from "./table.ts";

/** From where to where. */
export interface Ends {
  readonly from: Session;
  readonly to: Session;
}

/**
 * Copies a table whole, and compares it.
 * @throws {MoveError} Where it is not the same then: somebody writes to it, or it has rows of its own there.
 * @throws {DatabaseError}
 */
export async function copyReference(
  place: { readonly sharding: ShardingConfig },
  table: MovedTable,
  { from, to }: Ends,
): Promise<void> {
  if (await sumOf(from, table) !== await sumOf(to, table)) {
    for await (const span of spansOf(place, from, table)) {
      for (const sql of replaceSql(table, await readRows(from, table, spanSql(table, span)))) {
        await to.run(sql);
      }
    }
  }
  if (await sumOf(from, table) === await sumOf(to, table)) return;
  throw new MoveError(
    `the reference table "${table.name}" is not the same on ${to.name} after a copy`,
    "let nobody write to it meanwhile, and delete the rows that only that shard has",
  );
}

/** Number, sum and XOR of the rows of a table. Throws DatabaseError. */
export async function sumOf(session: Session, table: MovedTable, where = "TRUE"): Promise<string> {
  const [row] = await session.rows(
    `SELECT COUNT(*) AS n, CAST(COALESCE(SUM(c), 0) AS CHAR) AS s, CAST(BIT_XOR(c) AS CHAR) AS x FROM (SELECT ` +
      `${checksumSql(table)} AS c FROM ${table.sql} WHERE ${where}) AS whole`,
  );
  return `${row!["n"]} ${row!["s"]} ${row!["x"]}`;
}
