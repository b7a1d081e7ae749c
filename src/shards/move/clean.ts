import { releaseSql } from "./capture.ts";
import type { MoveContext } from "./context.ts";
import { spansOf } from "./copy.ts";
import { showAll } from "./epochs.ts";
import { thaw } from "./flip.ts";
import type { Session } from "./session.ts";
import { spanSql } from "./table.ts";

/** A shard owns slots whose rows were to be deleted there: nothing is. */
export class OwnershipError extends Error {
  override readonly name = "OwnershipError";
}

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

/** Takes back all that was done before the flip. May be run again. `step` is called after each part. */
export async function undo(context: MoveContext, step: () => Promise<void>): Promise<void> {
  const { destination, slots } = context;
  await thaw(context);
  await release(context);
  const there = Number(
    await destination.value(
      `SELECT COUNT(*) AS n FROM qs_slots WHERE slot IN (${slots}) AND state = 'arriving'`,
    ),
  );
  if (there > 0) {
    await deleteRows(context, destination, step);
    await destination.run(`DELETE FROM qs_slots WHERE slot IN (${slots}) AND state = 'arriving'`);
  }
  await showAll(context, destination);
}

async function release({ source, tables }: MoveContext): Promise<void> {
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
