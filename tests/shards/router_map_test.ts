import { assertEquals, assertRejects } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { mapState } from "../../src/shards/metrics/group_metrics.ts";
import type { Pool } from "../../src/shards/router/pool.ts";
import { RouterProblem } from "../../src/shards/router/problem.ts";
import { Router } from "../../src/shards/router/router.ts";
import { slotOf } from "../../src/shards/slots/key.ts";
import { fitsEpoch, hasSlotsOf, type SlotMap, slotsOf } from "../../src/shards/slots/slot_map.ts";
import { SHOP } from "./shop.ts";

/** Slots 0 to 511 are of `a`, the others of `b`. */
const MAP: SlotMap = {
  version: 12,
  owners: Array.from({ length: 1024 }, (_, slot) => slot < 512 ? "a" : "b"),
  epochs: new Map([["a", "5"], ["b", "7"]]),
  since: new Map([["a", "5"], ["b", "6"]]),
  hiding: new Set(),
};

/** A key of a shard. */
function keyOf(shard: string): number {
  for (let key = 1;; key++) if (MAP.owners[slotOf(String(key))] === shard) return key;
}

Deno.test("a shard that is down costs the others neither the map nor their answers", async () => {
  let loads = 0;
  const answers = ["a", "b"].map((name) => {
    const use = () =>
      name === "a"
        ? Promise.resolve({ columns: [{ name: "age" }], rows: [] })
        : Promise.reject(new RouterProblem("shard_down", "b cannot be used"));
    return [name, { name, use } as unknown as Pool] as const;
  });
  const router = new Router({
    ...{ catalog: SHOP, pools: new Map(answers), clock: systemClock, statements: ["select", "update"] },
    ...{ timeout: 1000, waitForMove: 0, rows: 10 },
    // The map is on the shard that is down.
    loadMap: () => loads++ === 0 ? Promise.resolve(MAP) : Promise.reject(new RouterProblem("map", "no map")),
  });
  const ask = (sql: string) =>
    router.query({ queries: [{ query: sql, params: [] }], transaction: false, allowScatter: true });
  const read = (shard: string) => ask(`SELECT age FROM users WHERE user_id = ${keyOf(shard)}`);
  for (let turn = 0; turn < 3; turn++) {
    const write = ask(`UPDATE users SET age = 1 WHERE user_id = ${keyOf("b")}`);
    const errors = await Promise.all(
      [read("b"), read("b"), write].map((asked) => assertRejects(() => asked)),
    );
    assertEquals(errors.map((error) => (error as RouterProblem).code), [
      "shard_down",
      "shard_down",
      "shard_down",
    ]);
    assertEquals("data" in await read("a"), true);
  }
  // Those who ask at once have it read once.
  assertEquals(loads <= 1 + 3 * 3, true, String(loads));
});

Deno.test("an epoch fits a map from the first to the last that the map has of the shard", () => {
  const epochs = ["4", "5", "6", "7", "8", "10"];
  assertEquals(epochs.map((epoch) => fitsEpoch(MAP, "b", epoch)), [false, false, true, true, false, false]);
  assertEquals(epochs.map((epoch) => fitsEpoch(MAP, "a", epoch)), [false, true, false, false, false, false]);
  assertEquals(fitsEpoch(MAP, "c", "1"), false);
});

Deno.test("the coordinator takes for one with the map what the router and the check do", () => {
  const slots = slotsOf(MAP, "b");
  const state = (epoch: string | undefined, owned = slots) =>
    mapState(MAP, [{ metrics: { shard: "b" }, ownership: { epoch, slots: owned } }] as never);
  assertEquals([state("6"), state("7")].map(({ agrees }) => agrees), [true, true]);
  assertEquals(state("5").reason, "b has epoch 5, and in the map 7");
  assertEquals(state(undefined).agrees, false);
  assertEquals(state("7", slots.slice(1)).reason, "b owns 511 slots, and in the map 512 or others");
  assertEquals([hasSlotsOf(MAP, "b", slots), hasSlotsOf(MAP, "a", slots)], [true, false]);
});
