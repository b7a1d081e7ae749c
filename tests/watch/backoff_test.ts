import { assert, assertEquals } from "@std/assert";
import { backoff } from "../../src/watch/backoff.ts";

Deno.test("backoff() doubles from half a second to half a minute", () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 8, 1000].map((failures) => backoff(failures, 1));
  assertEquals(longest, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

Deno.test("backoff() is spread over the upper half of its time", () => {
  assertEquals([backoff(3, 0), backoff(3, 0.5), backoff(3, 1)], [1000, 1500, 2000]);
  assert(backoff(1, 0) > 0);
});
