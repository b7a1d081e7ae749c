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

Deno.test("pauseAfter() takes a server for slow whose looks take more than a quarter of the interval, both of them", () => {
  const pace = { interval: 1000, longest: 30_000, next: 0 };
  assertEquals(pauseAfter(250, pace), 750, "a quarter is none too much: what is due waits out its share");
  assertEquals(pauseAfter(251, pace), 753);
  assertEquals(pauseAfter(251, { ...pace, before: 250 }), 749, "until the interval is over");
  assertEquals(pauseAfter(900, { ...pace, before: 251 }), 753);
});

Deno.test("pauseAfter() is over when something is due, but no sooner than a slow server's share of the time", () => {
  const pace = { interval: 1000, longest: 30_000 };
  assertEquals(pauseAfter(10, { ...pace, next: 500 }), 500);
  assertEquals(pauseAfter(10, { ...pace, next: 5 }), 30, "three times as long as the look took");
  assertEquals(pauseAfter(10, { ...pace, next: 5000 }), 990, "the interval is the longest");
  assertEquals(pauseAfter(10, { ...pace, next: 5, longest: 25 }), 25);
  assertEquals(pauseAfter(0, { ...pace, next: 19 }), 20, "nor sooner than 20 ms");
});
