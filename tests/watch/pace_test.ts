import { assertEquals } from "@std/assert";
import { pauseAfter } from "../../src/watch/pace.ts";

Deno.test("pauseAfter() waits out the interval after a look that was quick", () => {
  assertEquals(pauseAfter(0, 1000), 1000);
  assertEquals(pauseAfter(5, 1000), 995);
  assertEquals(pauseAfter(250, 1000), 750);
});

Deno.test("pauseAfter() backs off where looks take long: they are a quarter of the time at most", () => {
  assertEquals(pauseAfter(400, 1000), 1200);
  assertEquals(pauseAfter(2000, 1000), 6000);
  assertEquals(pauseAfter(60_000, 1000), 30_000);
});

Deno.test("pauseAfter() never lets one look follow the other at once", () => {
  assertEquals(pauseAfter(1, 10), 20);
});
