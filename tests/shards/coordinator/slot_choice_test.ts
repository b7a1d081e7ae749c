import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  drainTransfers,
  evenTransfers,
  joinTransfers,
  type SlotLoads,
  type SlotTransfer,
  splitTransfers,
} from "../../../src/shards/coordinator/slot_choice.ts";

const SHARDS = ["a", "b", "c", "d"];

/** The owners after such moves. Throws where a slot is not of the shard that gives it. */
function ownersAfter(owners: readonly string[], moves: readonly SlotTransfer[]): readonly string[] {
  const after = [...owners];
  for (const { from, to, slots } of moves) {
    for (const slot of slots) {
      if (after[slot] !== from || slot >= owners.length) throw new Error(`slot ${slot} is not of ${from}`);
      after[slot] = to;
    }
  }
  return after;
}

/** Any map over some shards, with rows of any shape: few, many, or most in one slot. */
const loads: fc.Arbitrary<{ readonly shards: readonly string[]; readonly loads: SlotLoads }> = fc.record({
  count: fc.integer({ min: 1, max: 4 }),
  seed: fc.array(fc.nat(1000), { minLength: 1024, maxLength: 1024 }),
  rows: fc.oneof(
    fc.constant([] as [number, number][]),
    fc.array(fc.tuple(fc.nat(1023), fc.nat(100_000)), { maxLength: 300 }),
  ),
}).map(({ count, seed, rows }) => {
  const shards = SHARDS.slice(0, count);
  return { shards, loads: { owners: seed.map((each) => shards[each % count]!), rows: new Map(rows) } };
});

function weight(shard: string, owners: readonly string[], rows: ReadonlyMap<number, number>): number {
  return owners.reduce((sum, owner, slot) => owner === shard ? sum + (rows.get(slot) ?? 0) + 1 : sum, 0);
}

function heaviest({ rows }: SlotLoads): number {
  return Math.max(0, ...rows.values()) + 1;
}

function moved(transfers: readonly SlotTransfer[]): readonly number[] {
  return transfers.flatMap(({ slots }) => slots);
}

Deno.test("a split gives a new shard half of the rows, but for the heaviest slot, and takes none from others", () => {
  fc.assert(fc.property(loads, ({ loads }) => {
    const transfers = splitTransfers("a", "new", loads);
    const after = ownersAfter(loads.owners, transfers);
    const [kept, given] = [weight("a", after, loads.rows), weight("new", after, loads.rows)];
    assert(Math.abs(kept - given) <= heaviest(loads), `${kept} and ${given}`);
    assert(transfers.every(({ from, to }) => from === "a" && to === "new"));
    assertEquals(splitTransfers("a", "new", loads), transfers);
  }));
});

Deno.test("a new shard gets an even part of all, and the others stay as even as they were", () => {
  fc.assert(fc.property(loads, ({ shards, loads }) => {
    const transfers = joinTransfers("new", shards, loads);
    const after = ownersAfter(loads.owners, transfers);
    const total = loads.owners.reduce((sum, _, slot) => sum + (loads.rows.get(slot) ?? 0) + 1, 0);
    const mean = total / (shards.length + 1);
    const of = (shard: string) => weight(shard, after, loads.rows);
    const most = Math.max(...shards.map((shard) => weight(shard, loads.owners, loads.rows)));
    assert(of("new") <= mean + heaviest(loads) * shards.length, `new: ${of("new")} of ${mean}`);
    assert(Math.max(...[...shards, "new"].map(of)) <= Math.max(most, mean + heaviest(loads) * shards.length));
    assert(transfers.every(({ from }) => from !== "new"));
    assertEquals(new Set(moved(transfers)).size, moved(transfers).length);
    for (const shard of shards) {
      if (loads.owners.includes(shard)) assert(after.includes(shard), `${shard} has no slot left`);
    }
  }));
});

Deno.test("evening out moves each slot once, to a shard below the mean, and makes the worst no worse", () => {
  fc.assert(fc.property(loads, ({ shards, loads }) => {
    const transfers = evenTransfers(shards, loads);
    const after = ownersAfter(loads.owners, transfers);
    const spread = (owners: readonly string[]) => {
      const all = shards.map((shard) => weight(shard, owners, loads.rows));
      return Math.max(...all) - Math.min(...all);
    };
    assert(
      spread(after) <= Math.max(spread(loads.owners), heaviest(loads) * shards.length),
      `${spread(loads.owners)} to ${spread(after)}`,
    );
    assertEquals(new Set(moved(transfers)).size, moved(transfers).length);
    const [givers, takers] = [new Set(transfers.map(({ from }) => from)), transfers.map(({ to }) => to)];
    assert(takers.every((to) => !givers.has(to)), "a shard gives and takes");
  }));
});

Deno.test("a drain moves all slots of a shard, and nothing else", () => {
  fc.assert(fc.property(loads, ({ shards, loads }) => {
    const transfers = drainTransfers("a", shards, loads);
    const own = loads.owners.flatMap((owner, slot) => owner === "a" ? [slot] : []);
    assertEquals(moved(transfers).toSorted((a, b) => a - b), shards.length === 1 ? [] : own);
    assert(transfers.every(({ from, to, slots }) => from === "a" && to !== "a" && slots.length > 0));
  }));
});

Deno.test("shards that are nearly even are left alone; few rows are divided with the empty slots", () => {
  const even = Array.from({ length: 1024 }, (_, slot) => slot % 2 === 0 ? "a" : "b");
  assertEquals(evenTransfers(["a", "b"], { owners: even, rows: new Map([[0, 20]]) }), []);
  const rows = new Map(Array.from({ length: 120 }, (_, index) => [index * 8, 1] as const));
  const [transfer, ...more] = splitTransfers("a", "b", { owners: even.map(() => "a"), rows });
  assertEquals(more, []);
  assertEquals(transfer!.slots.length, 512);
  assertEquals(transfer!.slots.filter((slot) => rows.has(slot)).length, 60);
  assertEquals(splitTransfers("a", "b", { owners: ["a", "c"], rows }), []);
});
