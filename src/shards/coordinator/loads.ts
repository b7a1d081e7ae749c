import type { ShardingConfig } from "../../config/mod.ts";
import { withSession } from "../move/group.ts";
import type { GroupAccess } from "../move/mod.ts";
import { readColumns, slotColumnOf } from "../schema/columns.ts";
import { quotedName } from "../../text/sql_name.ts";
import type { SlotMap } from "../slots/slot_map.ts";
import type { SlotLoads } from "./slot_choice.ts";

/** How long counting the rows of a table may take, in milliseconds. */
const PATIENCE = 600_000;

/**
 * Counts the rows of each slot on these shards. Rows of slots that a shard does not own are not counted.
 * @throws {DatabaseError} One of them cannot be counted: then it is not known what to move.
 */
export async function readLoads(
  group: GroupAccess,
  map: SlotMap,
  shards: readonly string[],
): Promise<SlotLoads> {
  const rows = new Map<number, number>();
  for (const shard of shards) {
    for (const [slot, count] of await slotRows(group, shard)) {
      if (map.owners[slot] === shard) rows.set(slot, (rows.get(slot) ?? 0) + count);
    }
  }
  return { owners: map.owners, rows };
}

async function slotRows(group: GroupAccess, shard: string): Promise<readonly (readonly [number, number])[]> {
  return await withSession(group, shard, async (session) => {
    const found: (readonly [number, number])[] = [];
    for (const [table, slot] of await slotExpressions(session.connection, group.sharding)) {
      const rows = await session.rows(
        `SELECT ${slot} AS qs_slot_number, COUNT(*) AS n FROM ${table} GROUP BY qs_slot_number`,
        PATIENCE,
      );
      for (const { qs_slot_number: slot, n } of rows) found.push([Number(slot), Number(n)]);
    }
    return found;
  });
}

async function slotExpressions(
  connection: Parameters<typeof readColumns>[0],
  sharding: ShardingConfig,
): Promise<readonly (readonly [table: string, slot: string])[]> {
  const columns = await readColumns(connection, sharding);
  return sharding.tables.flatMap((table) => {
    const slot = slotColumnOf(table, columns);
    return typeof slot === "object" ? [[quotedName(table.name), slot.sql] as const] : [];
  });
}
