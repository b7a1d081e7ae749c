import type { ShardingConfig } from "../../config/mod.ts";
import { attempt, type Connection, DatabaseError } from "../../connection/mod.ts";
import { type ColumnRow, slotColumnOf } from "../schema/columns.ts";
import { quotedName } from "../../text/sql_name.ts";

/** What a shard says of the slots that it owns. */
export interface Ownership {
  /** Undefined before `shards init`. */
  readonly epoch: string | undefined;
  readonly slots: readonly number[];
  /** Of them, those that nobody may write to now. */
  readonly frozen: number;
}

/** Reads what a shard owns. Throws DatabaseError. */
export async function readOwnership(connection: Connection): Promise<Ownership> {
  const rows = await attempt(
    connection,
    "SELECT slot, state FROM qs_slots WHERE state <> 'arriving' ORDER BY slot",
  );
  if (rows instanceof DatabaseError) {
    if (rows.errno !== NO_TABLE) throw rows;
    return { epoch: undefined, slots: [], frozen: 0 };
  }
  const [shard] = await connection.query("SELECT CAST(epoch AS CHAR) AS epoch FROM qs_shard WHERE id = 1");
  return {
    epoch: shard === undefined ? undefined : String(shard["epoch"]),
    slots: rows.map(({ slot }) => Number(slot)),
    frozen: rows.filter(({ state }) => state === "frozen").length,
  };
}

const NO_TABLE = 1146;

/**
 * The tables that have a row outside of these slots: one that no statement finds, or that is counted twice. Reads
 * tables to their end where there is none. Throws DatabaseError.
 */
export async function misplaced(
  connection: Connection,
  { tables }: ShardingConfig,
  { columns, slots }: { readonly columns: readonly ColumnRow[]; readonly slots: readonly number[] },
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const table of tables) {
    const slot = slotColumnOf(table, columns);
    if (typeof slot !== "object") continue;
    const own = slots.length === 0 ? "-1" : slots.join(", ");
    const sql = `SELECT 1 AS there FROM ${quotedName(table.name)} WHERE ${slot.sql} NOT IN (${own}) LIMIT 1`;
    if ((await connection.query(sql)).length > 0) found.push(table.name);
  }
  return found;
}
