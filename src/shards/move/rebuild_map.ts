import { DatabaseError } from "../../connection/mod.ts";
import { SLOT_COUNT } from "../slots/key.ts";
import { METADATA_TABLES, WIDEN_SERVING } from "../slots/tables.ts";
import { type GroupAccess, MoveError } from "./contract.ts";
import { changeServing, raiseSql } from "./epochs.ts";
import { openSession, withMetadata, withSession } from "./group.ts";
import { activeMove } from "./journal.ts";
import { slotsText } from "./ranges.ts";
import { dryRun } from "./requests.ts";
import { ClaimedError, type Session } from "./session.ts";
import { readStanding, type Standing } from "./standing.ts";
import { readTables } from "./table.ts";
import { ownersOfSlots, refuseDuringMove, shardNames } from "./verify_group.ts";

/** A map as the shards themselves tell it. */
export interface RebuiltMap {
  readonly shards: readonly {
    readonly shard: string;
    readonly slots: readonly number[];
    readonly epoch: string;
    /** It has rows of slots that are not its own. */
    readonly hides: boolean;
  }[];
  /** Slots of which the present map says something else. */
  readonly changes: readonly number[];
}

interface Told {
  readonly shard: string;
  readonly standing: Standing | undefined;
  readonly hides: boolean;
}

/**
 * What the map has to be by what each shard says that it owns. Nothing is written.
 * @throws {MoveError} Where two shards own a slot, or nobody does, or a move is under way.
 * @throws {DatabaseError} Where a shard does not answer: nothing is known of its slots.
 */
export function readRebuiltMap(group: GroupAccess): Promise<RebuiltMap> {
  return withMetadata(group, (metadata) => read(group, metadata));
}

async function read(group: GroupAccess, metadata: Session): Promise<RebuiltMap> {
  refuseDuringMove(await orNothing(activeMove(metadata), undefined));
  const told: Told[] = [];
  for (const shard of await shardNames(group)) {
    // Whole tables are read: the session that holds the lock must not rest for too long.
    await metadata.run("DO 1");
    const standing = await withSession(group, shard, readStanding);
    if (standing !== undefined && standing.name !== shard) {
      throw new MoveError(`"${shard}" calls itself "${standing.name}"`, "see the addresses in databases");
    }
    const hides = standing !== undefined &&
      await withSession(group, shard, (session) => hasStrangers(group, session));
    told.push({ shard, standing, hides });
  }
  const owners = ownersOfSlots(told);
  const slots = Array.from({ length: SLOT_COUNT }, (_, slot) => slot);
  const two = slots.filter((slot) => (owners.get(slot)?.length ?? 0) > 1);
  const none = slots.filter((slot) => owners.get(slot) === undefined);
  if (two.length > 0) {
    throw new MoveError(`two shards own slots: ${slotsText(two)}`, "find out which one has their rows");
  }
  if (none.length > 0) {
    throw new MoveError(`no shard owns slots: ${slotsText(none)}`, "name all shards, and let them answer");
  }
  const present = await orNothing(metadata.rows("SELECT slot, shard FROM qs_map"), []);
  const mapped = new Map(present.map(({ slot, shard }) => [Number(slot), shard]));
  return {
    shards: told.flatMap(({ shard, standing, hides }) =>
      standing === undefined ? [] : [{
        shard,
        slots: slots.filter((slot) => owners.get(slot)![0] === shard),
        epoch: standing.epoch,
        hides,
      }]
    ),
    changes: slots.filter((slot) => mapped.get(slot) !== owners.get(slot)![0]),
  };
}

/**
 * Writes the map anew, and gives all shards a new epoch, so that routers read it. From the first look to the last epoch it
 * holds the lock of those who move rows: what it read is still so when it is written. Throws as {@linkcode readRebuiltMap}.
 */
export async function rebuildMap(group: GroupAccess): Promise<RebuiltMap> {
  if (group.sharding.mode === "dry-run") throw dryRun();
  const metadata = await claimMetadata(group);
  try {
    const map = await read(group, metadata);
    await write(metadata, map);
    for (const { shard, epoch } of map.shards) {
      await withSession(group, shard, (session) => session.run(raiseSql(BigInt(epoch) + 1n)));
    }
    return map;
  } finally {
    await metadata.close();
  }
}

async function claimMetadata(group: GroupAccess): Promise<Session> {
  try {
    return await openSession(group, group.sharding.metadata, "metadata");
  } catch (error) {
    if (!(error instanceof ClaimedError)) throw error;
    throw new MoveError(`the map is not written: ${error.message}`, "end the move first", "elsewhere");
  }
}

async function write(metadata: Session, { shards }: RebuiltMap): Promise<void> {
  for (const sql of METADATA_TABLES) await metadata.run(sql);
  const hides = await metadata.rows("SHOW COLUMNS FROM qs_serving LIKE 'hides'");
  if (hides.length === 0) await metadata.run(WIDEN_SERVING);
  await metadata.transaction(async () => {
    // It may have been requested since; held, so that nobody requests one before the new map is there.
    refuseDuringMove(await orNothing(activeMove(metadata, { held: true }), undefined));
    const rows = shards.flatMap(({ shard, slots }) => slots.map((slot) => `(${slot}, '${shard}')`));
    await metadata.run("DELETE FROM qs_map");
    await metadata.run(`INSERT INTO qs_map (slot, shard) VALUES ${rows.join(", ")}`);
    await metadata.run("DELETE FROM qs_serving");
    for (const { shard, epoch, hides } of shards) {
      await metadata.run(`INSERT INTO qs_serving (shard, epoch) VALUES ('${shard}', ${epoch})`);
      await changeServing(metadata, { shard, epoch: BigInt(epoch), hides });
    }
  });
}

async function hasStrangers({ sharding }: GroupAccess, session: Session): Promise<boolean> {
  for (const table of await readTables(session, sharding, "sharded")) {
    const rows = await session.rows(
      `SELECT 1 AS there FROM ${table.sql} WHERE ${table.slot} NOT IN ` +
        "(SELECT slot FROM qs_slots WHERE state <> 'arriving') LIMIT 1",
    );
    if (rows.length > 0) return true;
  }
  return false;
}

const NO_TABLE = 1146;

/** Of metadata that were lost nothing can be read. */
async function orNothing<T>(reading: Promise<T>, nothing: T): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof DatabaseError && error.errno === NO_TABLE) return nothing;
    throw error;
  }
}
