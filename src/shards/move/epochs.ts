import { GiveUpError, type MoveContext } from "./context.ts";
import type { Session } from "./session.ts";

/** What becomes of the serving of a shard, with the next epoch. */
export interface ServingChange {
  readonly shard: string;
  /** The epoch before. */
  readonly epoch: bigint;
  readonly hides: boolean;
}

/**
 * Gives a shard its next epoch in the map. Readers of the new map take an answer at either epoch, and those of the old one
 * only at the old: so nobody is refused before the shard itself has the new one, and from then on nobody uses the old map.
 * @returns Whether the map had the epoch before. Throws DatabaseError.
 */
export async function changeServing(metadata: Session, change: ServingChange): Promise<boolean> {
  return await metadata.run(servingSql(change)) === 1;
}

/** The statement of {@linkcode changeServing}. */
export function servingSql({ shard, epoch, hides }: ServingChange): string {
  return `UPDATE qs_serving SET since = ${epoch}, epoch = ${epoch + 1n}, hides = ${hides ? 1 : 0} ` +
    `WHERE shard = '${shard}' AND epoch = ${epoch}`;
}

/** SQL that gives a shard its epoch, unless it has it already. */
export function raiseSql(epoch: bigint): string {
  return `UPDATE qs_shard SET epoch = ${epoch} WHERE id = 1 AND epoch < ${epoch}`;
}

/** Makes readers leave out rows that arrive at the destination, before the first one is there. Throws DatabaseError. */
export async function hideArrivals({ metadata, destination, move }: MoveContext): Promise<void> {
  const epoch = move.destinationEpoch;
  await changeServing(metadata, { shard: move.to, epoch, hides: true });
  const now = BigInt(await servedEpoch(metadata, move.to) ?? "0");
  if (now !== epoch + 1n) {
    throw new GiveUpError(`the epoch of "${move.to}" in the map is ${now}, and ${epoch + 1n} was expected`);
  }
  await destination.run(raiseSql(now));
}

/** Ends the hiding at a shard that has no rows but its own any more. Throws DatabaseError. */
export async function showAll({ metadata }: Pick<MoveContext, "metadata">, shard: Session): Promise<void> {
  const [row] = await metadata.rows(
    `SELECT CAST(epoch AS CHAR) AS epoch, hides FROM qs_serving WHERE shard = '${shard.name}'`,
  );
  if (row === undefined) return;
  const epoch = BigInt(row["epoch"]!);
  await shard.run(raiseSql(epoch));
  if (row["hides"] === "0") return;
  // A move was aborted while this shard was away: its rows are still there.
  const left = await shard.value("SELECT COUNT(*) AS n FROM qs_slots WHERE state = 'arriving'");
  if (left !== "0") return;
  await changeServing(metadata, { shard: shard.name, epoch, hides: false });
  await shard.run(raiseSql(epoch + 1n));
}

/** The epoch of a shard in the map. Throws DatabaseError. */
export async function servedEpoch(metadata: Session, shard: string): Promise<string | null | undefined> {
  return await metadata.value(`SELECT CAST(epoch AS CHAR) AS epoch FROM qs_serving WHERE shard = '${shard}'`);
}
