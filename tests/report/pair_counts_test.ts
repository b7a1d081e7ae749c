import { assertEquals } from "@std/assert";
import { PairCounts } from "../../src/report/pair_counts.ts";
import { Shares } from "../../src/report/shares.ts";
import { randomOf } from "../journal_year/generate.ts";

Deno.test("PairCounts counts as a map would, of few and of very many pairs", () => {
  const random = randomOf(5);
  const counts = new PairCounts();
  const expected = new Map<string, number>();
  for (let times = 0; times < 200_000; times++) {
    const [first, second] = [Math.floor(3000 * random() ** 3), Math.floor(1000 * random())];
    const count = Math.floor(3 * random()) / 2;
    counts.add(first, second, count);
    const key = `${first} ${second}`;
    expected.set(key, (expected.get(key) ?? 0) + count);
  }
  const found = new Map<string, number>();
  counts.forEach((first, second, count) => found.set(`${first} ${second}`, count));
  assertEquals(found, expected);
  for (const [key, count] of expected) {
    const [first, second] = key.split(" ").map(Number);
    assertEquals(counts.get(first!, second!), count);
  }
});

Deno.test("PairCounts tells what was never added from what counts nothing, at both ends of the numbers", () => {
  const counts = new PairCounts();
  counts.add(0, 0, 0);
  counts.add(2 ** 26, 2 ** 26 - 1, 7);
  assertEquals([counts.get(0, 0), counts.get(0, 1), counts.get(1, 0)], [0, undefined, undefined]);
  assertEquals(counts.get(2 ** 26, 2 ** 26 - 1), 7);
});

Deno.test("of two journals the larger count of executions counts, and only kills where executions are known", () => {
  const of = (...rows: readonly (readonly [number, number, number])[]) => {
    const counts = new PairCounts();
    for (const row of rows) counts.add(...row);
    return counts;
  };
  const shares = new Shares();
  shares.add(of([0, 0, 100], [1, 0, 10]));
  shares.add(of([0, 0, 80], [0, 1, 100], [2, 5, 3]));
  const shareOf = shares.of(of([0, 0, 10], [0, 1, 10], [0, 2, 50], [2, 5, 4]));
  assertEquals([0, 1, 2, 3].map(shareOf), [0.1, 0, null, null]);
});
