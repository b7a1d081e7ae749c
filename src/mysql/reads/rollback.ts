import type { Connection } from "../../connection/mod.ts";

/**
 * The connections among `ids` whose transaction is being rolled back: killed, but not gone. MySQL's
 * performance schema does not show that; InnoDB's list of transactions does, on both flavors.
 * @throws {DatabaseError}
 */
export async function readRollingBack(
  connection: Connection,
  ids: readonly number[],
): Promise<ReadonlySet<number>> {
  const rows = await connection.query(
    "SELECT trx_mysql_thread_id AS id FROM information_schema.INNODB_TRX " +
      "WHERE trx_state = 'ROLLING BACK' OR trx_operation_state LIKE '%rollback%'",
  );
  const wanted = new Set(ids);
  return new Set(rows.map((row) => Number(row["id"])).filter((id) => wanted.has(id)));
}
