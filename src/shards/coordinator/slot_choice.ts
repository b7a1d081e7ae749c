import { slotsOf } from "../slots/slot_map.ts";

/** Slots that go from one shard to another. */
export interface SlotTransfer {
  readonly from: string;
  readonly to: string;
  /** In ascending order. */
  readonly slots: readonly number[];
}

/** What choosing slots needs. */
export interface SlotLoads {
  /** The shard of each slot. */
  readonly owners: readonly string[];
  /** The rows of each slot; one that is not there has none. */
  readonly rows: ReadonlyMap<number, number>;
}

/** Differences below this share of the mean are not worth a move. */
const WORTH = 0.05;

/** Half of a shard's slots, by their rows, for a new one. Empty where it has fewer than two. */
export function splitTransfers(from: string, to: string, loads: SlotLoads): readonly SlotTransfer[] {
  const own = slotsOf(loads, from);
  if (own.length < 2) return [];
  const [, given] = divided(own, [1, 1], loads);
  return given!.length === 0 ? [] : [{ from, to, slots: ascending(given!) }];
}

/** An even part of all slots, by their rows, for a new shard: what the others have above the mean that will be. */
export function joinTransfers(
  to: string,
  shards: readonly string[],
  loads: SlotLoads,
): readonly SlotTransfer[] {
  return transfers([...shards.filter((shard) => shard !== to), to], loads, 0);
}

/** What evens out the shards by their rows: nothing where they are nearly even. */
export function evenTransfers(shards: readonly string[], loads: SlotLoads): readonly SlotTransfer[] {
  return transfers(shards, loads, WORTH);
}

/** What empties a shard: its slots go to the others, more to those with fewer rows. */
export function drainTransfers(
  from: string,
  others: readonly string[],
  loads: SlotLoads,
): readonly SlotTransfer[] {
  const own = slotsOf(loads, from);
  const targets = others.filter((shard) => shard !== from);
  if (targets.length === 0 || own.length === 0) return [];
  const all = targets.map((shard) => loadOf(slotsOf(loads, shard), loads));
  const mean = (all.reduce((sum, load) => sum + load, 0) + loadOf(own, loads)) / targets.length;
  const parts = divided(own, all.map((load) => Math.max(0, mean - load)), loads);
  return targets.flatMap((to, index) =>
    parts[index]!.length === 0 ? [] : [{ from, to, slots: ascending(parts[index]!) }]
  );
}

/** What a slot counts: its rows, and one more, so that empty slots are divided, too. */
function weightOf(slot: number, { rows }: SlotLoads): number {
  return (rows.get(slot) ?? 0) + 1;
}

function loadOf(slots: readonly number[], loads: SlotLoads): number {
  return slots.reduce((sum, slot) => sum + weightOf(slot, loads), 0);
}

/** Moves from shards above the mean to those below it; a slot moves once at most, and no shard loses all of its slots. */
function transfers(shards: readonly string[], loads: SlotLoads, worth: number): readonly SlotTransfer[] {
  const all = shards.map((shard) => {
    const slots = slotsOf(loads, shard);
    return { shard, slots, load: loadOf(slots, loads) };
  });
  const mean = all.reduce((sum, { load }) => sum + load, 0) / all.length;
  const wanting = all.filter(({ load }) => load < mean * (1 - worth));
  const giving = all.filter(({ load, slots }) => load > mean * (1 + worth) && slots.length > 1);
  if (wanting.length === 0 || giving.length === 0) return [];
  const wanted = wanting.map(({ load }) => mean - load);
  const found: SlotTransfer[] = [];
  for (const { shard, slots, load } of giving) {
    // A heavy slot stays where it is alone: moving it would only move the load.
    const [kept, given] = divided(slots, [mean, load - mean], loads);
    const parts = divided(kept!.length === 0 ? given!.slice(1) : given!, wanted, loads);
    for (const [index, { shard: to }] of wanting.entries()) {
      const part = parts[index]!;
      if (part.length > 0) found.push({ from: shard, to, slots: ascending(part) });
      wanted[index] = Math.max(0, wanted[index]! - loadOf(part, loads));
    }
  }
  return found;
}

/**
 * Slots put into parts of these sizes, heavy ones first and each where relatively most is free: so that each part has its
 * share of the rows and of the slots. A size of 0 gets nothing, unless all are 0: then they are alike.
 */
function divided(
  slots: readonly number[],
  sizes: readonly number[],
  loads: SlotLoads,
): readonly (readonly number[])[] {
  const wanted = sizes.every((size) => size <= 0) ? sizes.map(() => 1) : sizes;
  const total = wanted.reduce((sum, size) => sum + size, 0);
  const sum = loadOf(slots, loads);
  const parts = wanted.map((size) => ({ size: sum * size / total, load: 0, slots: [] as number[] }));
  const heavyFirst = slots.toSorted((a, b) => weightOf(b, loads) - weightOf(a, loads) || a - b);
  for (const slot of heavyFirst) {
    const weight = weightOf(slot, loads);
    const best = parts.filter(({ size }) => size > 0).reduce((best, part) =>
      rest(part) > rest(best) ? part : best
    );
    best.load += weight;
    best.slots.push(slot);
  }
  return parts.map(({ slots }) => slots);
}

function rest({ size, load }: { readonly size: number; readonly load: number }): number {
  return (size - load) / size;
}

function ascending(slots: readonly number[]): readonly number[] {
  return slots.toSorted((a, b) => a - b);
}
