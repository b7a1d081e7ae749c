import { readFacts } from "../check/facts.ts";
import { differencesOf, findingsOf } from "../check/findings.ts";
import { WIDEN_STATES } from "../slots/tables.ts";
import { captureSql } from "./capture.ts";
import { clearArrivals } from "./clean.ts";
import { GiveUpError, type MoveContext } from "./context.ts";
import { hideArrivals, servedEpoch } from "./epochs.ts";
import { changeMove } from "./journal.ts";
import { printOf } from "./print.ts";
import type { Session } from "./session.ts";

/**
 * Makes both shards ready: alike, arrivals hidden, changes logged. May be run again from its begin: no row was copied yet.
 * @param step Called after each part of what may take long.
 * @throws {GiveUpError}
 * @throws {DatabaseError} 1205 where a table is in use for longer than a moment.
 */
export async function prepareMove(context: MoveContext, step: () => Promise<void>): Promise<void> {
  const { destination, source, metadata, move, sharding, tables } = context;
  await checkAlike(context);
  await widenStates(destination);
  // With the next epoch those are its own that arrive: then it was begun before.
  const isFirst = await servedEpoch(metadata, move.to) === String(move.destinationEpoch);
  if (isFirst) await clearArrivals(context, step);
  await destination.run(
    `INSERT INTO qs_slots (slot, state) VALUES ${
      move.slots.map((slot) => `(${slot}, 'arriving')`).join(", ")
    } ON DUPLICATE KEY UPDATE slot = VALUES(slot)`,
  );
  await hideArrivals(context);
  for (const table of tables) for (const sql of captureSql(table, move.slots)) await source.run(sql);
  await passSecond(context);
  await changeMove(metadata, move, { print: await printOf(source, tables, sharding) });
}

/** Times of tables are in seconds: what is made anew from here on has another one. */
async function passSecond({ source, tables, run: { clock, signal }, sharding }: MoveContext): Promise<void> {
  const names = tables.map(({ name }) => `'${name}'`).join(", ");
  for (let wait = 0; wait < 6; wait++) {
    const young = await source.rows(
      `SELECT 1 AS there FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${sharding.schema}' ` +
        `AND TABLE_NAME IN (${names}) AND CREATE_TIME >= NOW() LIMIT 1`,
    );
    if (young.length === 0) return;
    await clock.sleep(200, signal);
  }
}

/** Throws GiveUpError where the tables of both shards differ. */
export async function checkAlike({ source, destination, sharding }: MoveContext): Promise<void> {
  const theirs = await readFacts(source.connection, sharding);
  const ours = await readFacts(destination.connection, sharding);
  const [finding] = [
    ...findingsOf(theirs, sharding),
    ...findingsOf(ours, sharding),
    ...differencesOf(ours, theirs, sharding),
  ];
  if (finding !== undefined) throw new GiveUpError(`the shards cannot be one group: ${finding.problem}`);
}

/** Gives a shard of an earlier version the states of slots that came since. Throws DatabaseError. */
export async function widenStates(shard: Session): Promise<void> {
  const type = await shard.value(
    "SELECT COLUMN_TYPE AS t FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND " +
      "TABLE_NAME = 'qs_slots' AND COLUMN_NAME = 'state'",
  );
  if (type?.includes("'arriving'") === false) await shard.run(WIDEN_STATES);
}
