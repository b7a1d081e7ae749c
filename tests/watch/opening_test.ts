import { assertEquals } from "@std/assert";
import { Opening } from "../../src/watch/opening.ts";

Deno.test("Opening spreads what comes at one moment, and nothing else", () => {
  const opening = new Opening();
  assertEquals([1000, 1000, 1000, 1001].map((now) => opening.wait(now)), [0, 5, 10, 14]);
  assertEquals([2000, 2005].map((now) => opening.wait(now)), [0, 0]);
});
