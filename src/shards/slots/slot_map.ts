import type { Row } from "../../connection/mod.ts";
import { SLOT_COUNT } from "./key.ts";

/** Which shard owns each slot. */
export interface SlotMap {
  /** Grows with each change. */
  readonly version: number;
  /** The shard of each slot. */
  readonly owners: readonly string[];
  /** The epoch of each shard, as a text. */
  readonly epochs: ReadonlyMap<string, string>;
}

/** A map that cannot be used. */
export class MapError extends Error {
  override readonly name = "MapError";
}

/**
 * Reads the map from its rows.
 * @throws {MapError} Where a slot has no shard that is known: then nothing is routed.
 */
export function slotMapOf(
  slots: readonly Row[],
  serving: readonly Row[],
  shards: readonly string[],
): SlotMap {
  const owners = slots.map(({ shard }) => String(shard));
  const isWhole = slots.length === SLOT_COUNT && slots.every(({ slot }, index) => Number(slot) === index);
  if (!isWhole) {
    throw new MapError(
      `the map has not all ${SLOT_COUNT} slots: it has ${slots.length}; see \`shards init\``,
    );
  }
  const epochs = new Map(serving.map(({ shard, epoch }) => [String(shard), String(epoch)]));
  for (const owner of new Set(owners)) {
    if (!shards.includes(owner)) {
      throw new MapError(`the map names a shard that the configuration does not: "${owner}"`);
    }
    if (!epochs.has(owner)) throw new MapError(`the map has no epoch of the shard "${owner}"`);
  }
  const version = [...epochs.values()].reduce((sum, epoch) => sum + Number(epoch), 0);
  return { version, owners, epochs };
}

/** The shards that own these slots; all that own any where none are named. In the order of their names. */
export function ownersOf({ owners }: SlotMap, slots: readonly number[] | undefined): readonly string[] {
  return [...new Set(slots === undefined ? owners : slots.map((slot) => owners[slot]!))].toSorted();
}
