import { assertEquals } from "@std/assert";
import { isSameCall } from "../../src/policy/mod.ts";

const MOMENTS = { at: 10_000, now: 12_000 };

Deno.test("what had begun before the moment is the same CALL, and what began after it, or just about then, is not", () => {
  const isSame = (time: number) => isSameCall({ perhaps_inner: true, time }, MOMENTS);
  assertEquals([5000, 2100, 2021].map(isSame), [true, true, true]);
  assertEquals([2020, 2000, 1900, 0].map(isSame), [false, false, false, false]);
});

Deno.test("it is not where inner statements are never shown, or its age is not known", () => {
  assertEquals(isSameCall({ time: 5000 }, MOMENTS), false);
  assertEquals(isSameCall({ perhaps_inner: true, time: { unknown: "it is absurd" } }, MOMENTS), false);
});
