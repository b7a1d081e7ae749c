import { releaseSql } from "./capture.ts";
import { type MoveContext, OwnershipError } from "./context.ts";
import { spansOf } from "./copy.ts";
import { showAll } from "./epochs.ts";
import { thaw } from "./flip.ts";
import type { Session } from "./session.ts";
import { spanSql } from "./table.ts";

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
  await release(context);
  await deleteRows(context, source, step);
  await showAll(context, source);
  await showAll(context, destination);
}

/** Takes back all that was done at the source before the flip. May be run again. Throws DatabaseError. */
export async function undoSource(context: Pick<MoveContext, "source" | "tables" | "slots">): Promise<void> {
  await thaw(context);
  await release(context);
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

async function release({ source, tables }: Pick<MoveContext, "source" | "tables">): Promise<void> {
  for (const table of tables) for (const sql of releaseSql(table)) await source.run(sql);
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
