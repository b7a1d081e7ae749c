import type { Row } from "../../connection/mod.ts";
import { SLOT_COUNT } from "./key.ts";

/** Which shard owns each slot. */
export interface SlotMap {
  /** Grows with each change. */
  readonly version: number;
  /** The shard of each slot. */
  readonly owners: readonly string[];
  /** The last epoch of each shard at which it has what this map says, as a text. */
  readonly epochs: ReadonlyMap<string, string>;
  /** The first such epoch: between both nothing changed that this map tells. */
  readonly since: ReadonlyMap<string, string>;
  /** Shards that may have rows of slots that are not their own. */
  readonly hiding: ReadonlySet<string>;
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
  const firsts = new Map(
    serving.map((
      { shard, epoch, since = 0 },
    ) => [String(shard), String(Number(since) === 0 ? epoch : since)]),
  );
  const hiding = new Set(
    serving.flatMap(({ shard, hides = 0 }) => Number(hides) === 0 ? [] : [String(shard)]),
  );
  for (const owner of new Set(owners)) {
    if (!shards.includes(owner)) {
      throw new MapError(`the map names a shard that the configuration does not: "${owner}"`);
    }
    if (!epochs.has(owner)) throw new MapError(`the map has no epoch of the shard "${owner}"`);
  }
  const version = [...epochs.values()].reduce((sum, epoch) => sum + Number(epoch), 0);
  return { version, owners, epochs, since: firsts, hiding };
}

/** The shards that own these slots; all that own any where none are named. In the order of their names. */
export function ownersOf({ owners }: SlotMap, slots: readonly number[] | undefined): readonly string[] {
  return [...new Set(slots === undefined ? owners : slots.map((slot) => owners[slot]!))].toSorted();
}

/** The slots of a shard, in order. */
export function slotsOf({ owners }: Pick<SlotMap, "owners">, shard: string): readonly number[] {
  return owners.flatMap((owner, slot) => owner === shard ? [slot] : []);
}

/** Whether these are the slots that a shard has by the map; both in order. */
export function hasSlotsOf(map: SlotMap, shard: string, slots: readonly number[]): boolean {
  const expected = slotsOf(map, shard);
  return slots.length === expected.length && slots.every((slot, index) => slot === expected[index]);
}

/** Whether a shard at this epoch has what the map says. */
export function fitsEpoch({ since, epochs }: SlotMap, shard: string, epoch: string): boolean {
  const [first, last] = [since.get(shard), epochs.get(shard)];
  if (epoch === last) return true;
  if (first === undefined || last === undefined) return false;
  const number = BigInt(epoch);
  return number >= BigInt(first) && number <= BigInt(last);
}

/** SQL that is true of the rows of slots that a shard owns. */
export function ownedSql(map: SlotMap, shard: string, slot: string): string {
  const known = LISTS.get(map) ?? new Map<string, string>();
  LISTS.set(map, known);
  let list = known.get(shard);
  if (list === undefined) {
    const owned: number[] = [];
    const others: number[] = [];
    map.owners.forEach((owner, slot) => (owner === shard ? owned : others).push(slot));
    // No list may be empty: -1 is no slot.
    list = owned.length <= others.length ? ` IN (${listOf(owned)})` : ` NOT IN (${listOf(others)})`;
    known.set(shard, list);
  }
  return slot + list;
}

function listOf(slots: readonly number[]): string {
  return slots.length === 0 ? "-1" : slots.join();
}

/** What follows the slot in {@linkcode ownedSql}: a map is asked often. */
const LISTS = new WeakMap<SlotMap, Map<string, string>>();
