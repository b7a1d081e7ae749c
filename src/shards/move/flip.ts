import { DatabaseError } from "../../connection/mod.ts";
import { drainAll } from "./catch_up.ts";
import { areSamplesEqual, compareTouched } from "./compare.ts";
import { GiveUpError, type MoveContext, OrderError, OwnershipError } from "./context.ts";
import { raiseSql, servingSql } from "./epochs.ts";
import { printOf } from "./print.ts";
import { LONGEST_REST } from "./session.ts";

/** Why slots were not frozen this time; `undefined`: they are, and both shards are equal. */
export type FreezeResult = { readonly reason: string } | undefined;

/**
 * How long the source waits for the next statement of a freeze, in seconds: where the host of this process is gone without a
 * word, nobody can write to the slots before the server ends the session.
 */
const FROZEN_REST = 10;
const BEGIN = `SET SESSION wait_timeout = ${FROZEN_REST}; START TRANSACTION`;
const UNDO = `ROLLBACK; SET SESSION wait_timeout = ${LONGEST_REST}`;
const KEEP = `COMMIT; SET SESSION wait_timeout = ${LONGEST_REST}`;

/**
 * Freezes the slots at the source, brings what is left to the destination, and compares it. Up to its end all of it is one
 * transaction that holds the slots: writers wait, and go on at the source if it is undone, or if this process dies.
 * @returns Why not, where it took too long: then nothing is frozen.
 * @throws {GiveUpError}
 * @throws {DatabaseError}
 */
export async function freeze(context: MoveContext): Promise<FreezeResult> {
  const { source, aside, slots, run: { clock }, sharding, move, tables } = context;
  // Who ends a statement that waits for too long has to be there before it waits.
  await aside.run("DO 1");
  const until = clock.now() + sharding.move.freeze;
  await source.run(BEGIN);
  try {
    if (!await holdSlots(context, until)) {
      await source.run(UNDO);
      return { reason: "writers hold the slots for longer than sharding.move.freeze" };
    }
    // From here on no table can be altered before the end of this transaction.
    await source.run(tables.map(({ sql }) => `SELECT 1 FROM ${sql} LIMIT 1`).join("; "));
    if (await printOf(source, tables, sharding) !== move.print) throw altered();
    while (await drainAll(context, 1) > 0) {
      if (clock.now() > until) {
        return await thawed(context, "there is more to bring than fits into sharding.move.freeze");
      }
    }
    if (await compareTouched(context) > 0) throw new GiveUpError("rows differ that nobody changed");
    if (!await areSamplesEqual(context)) throw altered();
    if (clock.now() > until) return await thawed(context, "it took longer than sharding.move.freeze");
    const frozen = Number(
      await source.value(`SELECT COUNT(*) AS n FROM qs_slots WHERE slot IN (${slots}) AND state = 'frozen'`),
    );
    if (frozen !== move.slots.length) throw new GiveUpError(`"${move.from}" has only ${frozen} of the slots`);
    await source.run(KEEP);
    return undefined;
  } catch (error) {
    if (source.connection.lost === undefined) await source.run(UNDO).catch(() => source.drop());
    throw error;
  }
}

async function thawed({ source }: MoveContext, reason: string): Promise<FreezeResult> {
  await source.run(UNDO);
  return { reason };
}

/** A table is not what it was when its changes began to be logged. */
export function altered(): GiveUpError {
  return new GiveUpError("a table was altered, emptied or made anew meanwhile, or lost a trigger");
}

/** Waits for those who write, for so long; returns whether the slots are held. */
async function holdSlots(
  { source, aside, slots, run: { clock } }: MoveContext,
  until: number,
): Promise<boolean> {
  const ended = new AbortController();
  const holding = source.run(
    `UPDATE qs_slots SET state = 'frozen' WHERE slot IN (${slots}) AND state = 'owned'`,
  )
    .finally(() => ended.abort());
  const guard = clock.sleep(Math.max(0, until - clock.now()), ended.signal).then(async () => {
    if (!ended.signal.aborted) await aside.run(`KILL QUERY ${source.id}`);
  });
  try {
    await holding;
    return true;
  } catch (error) {
    if (error instanceof DatabaseError && ENDED.has(error.errno)) return false;
    throw error;
  } finally {
    await guard.catch(() => {});
  }
}

/** Killed; it waited too long for a lock; a deadlock. */
const ENDED: ReadonlySet<number> = new Set([1317, 1205, 1213]);

/** Gives slots back to the source that were frozen when a process died. Throws DatabaseError. */
export async function thaw({ source, slots }: Pick<MoveContext, "source" | "slots">): Promise<void> {
  await source.run(`UPDATE qs_slots SET state = 'owned' WHERE slot IN (${slots}) AND state = 'frozen'`);
}

/**
 * The slots of the map, and the step from which there is no way back: at once.
 * @throws {OrderError} Where somebody ordered something else before: then nothing is changed.
 * @throws {GiveUpError}
 * @throws {DatabaseError}
 */
export async function changeMap({ metadata, move, slots }: MoveContext): Promise<void> {
  const { id, from, to, sourceEpoch, destinationEpoch } = move;
  try {
    // In one round trip: nobody can write meanwhile.
    const answers = await metadata.answers([
      "START TRANSACTION",
      `UPDATE qs_move SET step = 'flip', reason = NULL, changed = UTC_TIMESTAMP(3) WHERE id = ${id} AND step = 'freeze' AND state = 'running'`,
      `UPDATE qs_map SET shard = '${to}' WHERE slot IN (${slots}) AND shard = '${from}'`,
      servingSql({ shard: from, epoch: sourceEpoch, hides: true }),
      servingSql({ shard: to, epoch: destinationEpoch + 1n, hides: true }),
    ].join("; "));
    const [, moves, slotsMapped, source, destination] = answers.map(({ affected }) => affected);
    if (moves !== 1) throw new OrderError();
    if (slotsMapped !== move.slots.length || source !== 1 || destination !== 1) {
      throw new GiveUpError("the map was changed by somebody else");
    }
  } catch (error) {
    if (metadata.connection.lost === undefined) await metadata.run("ROLLBACK").catch(() => metadata.drop());
    throw error;
  }
  await metadata.run("COMMIT");
}

/**
 * Hands the slots over, which are frozen at the source: who reads by the old map is refused there from the first statement
 * on, before the first row can be written at the destination. May be run again. Throws DatabaseError.
 * @param owned Called once the slots can be written to again.
 */
export async function handOver(
  { source, destination, move, slots }: MoveContext,
  owned: () => void = () => {},
): Promise<void> {
  const writable = await source.value(
    `${raiseSql(move.sourceEpoch + 1n)}; ` +
      `SELECT COUNT(*) AS n FROM qs_slots WHERE slot IN (${slots}) AND state = 'owned'`,
  );
  // A server that lost its last transactions may have lost the freeze, and may have been written to.
  if (writable !== "0") throw new OwnershipError(`"${move.from}" owns slots again that were frozen there`);
  try {
    await destination.run([
      "START TRANSACTION",
      `UPDATE qs_slots SET state = 'owned' WHERE slot IN (${slots}) AND state = 'arriving'`,
      raiseSql(move.destinationEpoch + 2n),
      "COMMIT",
    ].join("; "));
  } catch (error) {
    if (destination.connection.lost === undefined) {
      await destination.run("ROLLBACK").catch(() => destination.drop());
    }
    throw error;
  }
  owned();
  await source.run(`DELETE FROM qs_slots WHERE slot IN (${slots}) AND state = 'frozen'`);
}
