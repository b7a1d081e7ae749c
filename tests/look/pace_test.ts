import { assertEquals } from "@std/assert";
import { pauseAfter } from "../../src/look/pace.ts";

Deno.test("pauseAfter() waits out the interval after a look that was quick", () => {
  assertEquals(pauseAfter(0, { interval: 1000, longest: 30_000 }), 1000);
  assertEquals(pauseAfter(5, { interval: 1000, longest: 30_000 }), 995);
  assertEquals(pauseAfter(250, { interval: 1000, longest: 30_000 }), 750);
});

Deno.test("pauseAfter() backs off where looks take long: they are a quarter of the time at most", () => {
  assertEquals(pauseAfter(400, { interval: 1000, longest: 30_000 }), 1200);
  assertEquals(pauseAfter(2000, { interval: 1000, longest: 30_000 }), 6000);
  assertEquals(pauseAfter(60_000, { interval: 1000, longest: 30_000 }), 30_000);
  assertEquals(pauseAfter(60_000, { interval: 1000, longest: 3000 }), 3000);
});

Deno.test("pauseAfter() does not back off from one look that took long, but from the second", () => {
  const pace = { interval: 1000, longest: 30_000, next: 50 };
  assertEquals(pauseAfter(400, { ...pace, before: 5 }), 50);
  assertEquals(pauseAfter(2000, { ...pace, before: 5 }), 20);
  assertEquals(pauseAfter(400, { ...pace, before: 300 }), 900);
  assertEquals(pauseAfter(5, { ...pace, before: 400 }), 50);
});

Deno.test("pauseAfter() never lets one look follow the other at once", () => {
  assertEquals(pauseAfter(1, { interval: 10, longest: 30_000 }), 20);
});
