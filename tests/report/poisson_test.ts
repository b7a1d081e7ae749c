import { assert, assertEquals } from "@std/assert";
import { chanceOf } from "../../src/report/poisson.ts";

/** The same by adding up every probability of the binomial distribution, in exact fractions as far as numbers go. */
function summed(before: number, now: number, part: number): number {
  const sum = before + now;
  const probabilities: number[] = [];
  let term = (1 - part) ** sum;
  for (let k = 0; k <= sum; k++) {
    probabilities.push(term);
    term *= (sum - k) / (k + 1) * part / (1 - part);
  }
  const add = (some: readonly number[]) => some.reduce((total, each) => total + each, 0);
  return Math.min(1, 2 * Math.min(add(probabilities.slice(0, now + 1)), add(probabilities.slice(now))));
}

function assertNear(value: number, expected: number, what = ""): void {
  assert(Math.abs(value - expected) < 1e-9, `${what}: ${value} is not ${expected}`);
}

Deno.test("chanceOf() is what the binomial distribution comes to, however long each was looked at", () => {
  for (const exposure of [1, 0.25, 3]) {
    for (let before = 0; before <= 40; before += 4) {
      for (let now = 0; now <= 40; now += 5) {
        assertNear(
          chanceOf({ count: before, exposure: 1 }, { count: now, exposure }),
          summed(before, now, exposure / (1 + exposure)),
          `${before} ${now} ${exposure}`,
        );
      }
    }
  }
});

Deno.test("chanceOf() has known values", () => {
  const same = (before: number, now: number) =>
    chanceOf({ count: before, exposure: 1 }, { count: now, exposure: 1 });
  assertNear(same(5, 0), 2 / 32); // 2 · (1/2)^5
  assertNear(same(0, 8), 2 / 256);
  assertEquals(same(10, 10), 1);
  assertEquals(same(0, 0), 1);
  assertEquals(chanceOf({ count: 3, exposure: 0 }, { count: 3, exposure: 1 }), 1);
  const large = same(100_000, 101_500);
  assert(large > 0.0005 && large < 0.002, String(large)); // 3.3 standard deviations
  assert(same(1_000_000, 0) === 0);
});
