import { dropLogSql, dropTriggersSql, releaseSql } from "./capture.ts";
import { type MoveContext, OwnershipError } from "./context.ts";
import { spansOf } from "./copy.ts";
import { showAll } from "./epochs.ts";
import { thaw } from "./flip.ts";
import { type Session, textLiteral } from "./session.ts";
import { type MovedTable, spanSql } from "./table.ts";

/** Deletes the rows that were left at the source. May be run again. `step` is called after each part. */
export async function cleanSource(context: MoveContext, step: () => Promise<void>): Promise<void> {
  const { source, destination, slots, move } = context;
  const owned = Number(
    await destination.value(
      `SELECT COUNT(*) AS n FROM qs_slots WHERE slot IN (${slots}) AND state = 'owned'`,
    ),
  );
  if (owned !== move.slots.length) {
    throw new OwnershipError(
      `"${move.to}" owns only ${owned} of ${move.slots.length} slots: nothing is deleted at "${move.from}"`,
    );
  }
  const moved = await movedTables(context);
  for (const table of moved) for (const sql of dropTriggersSql(table)) await source.run(sql);
  await deleteRows({ ...context, tables: moved }, source, step);
  // To the last one they stay: they tell which tables were moved.
  for (const table of moved) await source.run(dropLogSql(table));
  await showAll(context, source);
  await showAll(context, destination);
}

/**
 * The tables whose rows were moved: those that have a log. One that the configuration has named since, or made anew, was
 * not: its rows are nowhere else.
 * @throws {OwnershipError} There are such rows.
 */
async function movedTables(
  { source, tables, slots, sharding, move }: MoveContext,
): Promise<readonly MovedTable[]> {
  const rows = await source.rows(
    `SELECT TABLE_NAME AS t FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${
      textLiteral(sharding.schema)
    }`,
  );
  const names = new Set(rows.map(({ t }) => t));
  const isMoved = ({ log }: MovedTable) => names.has(log);
  for (const table of tables) {
    if (isMoved(table)) continue;
    const row = await source.value(
      `SELECT 1 AS there FROM ${table.sql} WHERE ${table.slot} IN (${slots}) LIMIT 1`,
    );
    if (row === undefined) continue;
    throw new OwnershipError(
      `"${table.name}" was not moved, and has rows of the slots at "${move.from}": nothing is deleted there; take ` +
        "it out of sharding.tables until the move has ended, and bring its rows to the shard that owns them",
    );
  }
  return tables.filter(isMoved);
}

/** Takes back all that was done at the source before the flip. May be run again. Throws DatabaseError. */
export async function undoSource(context: Pick<MoveContext, "source" | "tables" | "slots">): Promise<void> {
  await thaw(context);
  for (const table of context.tables) for (const sql of releaseSql(table)) await context.source.run(sql);
}

/** Takes back all that was done at the destination before the flip. May be run again. `step` is called after each part. */
export async function undoDestination(context: MoveContext, step: () => Promise<void>): Promise<void> {
  const { destination, slots } = context;
  const there = Number(
    await destination.value(
      `SELECT COUNT(*) AS n FROM qs_slots WHERE slot IN (${slots}) AND state = 'arriving'`,
    ),
  );
  if (there > 0) await deleteArrivals(context, step);
  await showAll(context, destination);
}

/**
 * Deletes what was left at the destination by moves that were aborted while it was away. To be called before anything of
 * this move arrives there. `step` is called after each part.
 */
export async function clearArrivals(context: MoveContext, step: () => Promise<void>): Promise<void> {
  const rows = await context.destination.rows("SELECT slot FROM qs_slots WHERE state = 'arriving'");
  if (rows.length === 0) return;
  await deleteArrivals({ ...context, slots: rows.map(({ slot }) => slot).join() }, step);
}

async function deleteArrivals(context: MoveContext, step: () => Promise<void>): Promise<void> {
  const { destination, slots } = context;
  await deleteRows(context, destination, step);
  await destination.run(`DELETE FROM qs_slots WHERE slot IN (${slots}) AND state = 'arriving'`);
}

/** Deletes the rows of the slots on a shard that does not own them. */
async function deleteRows(context: MoveContext, shard: Session, step: () => Promise<void>): Promise<void> {
  const { slots, tables } = context;
  for (const table of tables) {
    for await (const span of spansOf(context, shard, table)) {
      const owned = await shard.value(
        `SELECT COUNT(*) AS n FROM qs_slots WHERE slot IN (${slots}) AND state <> 'arriving'`,
      );
      if (owned !== "0") {
        throw new OwnershipError(`"${shard.name}" owns slots of the move: nothing is deleted there`);
      }
      await shard.run(
        `DELETE FROM ${table.sql} WHERE ${spanSql(table, span)} AND ${table.slot} IN (${slots})`,
      );
      await step();
    }
  }
}
