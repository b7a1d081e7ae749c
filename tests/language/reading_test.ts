import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { greatestOf, isUnknown, leastOf, type Unknown } from "../../src/language/mod.ts";

const amount: fc.Arbitrary<number | Unknown> = fc.oneof(
  fc.nat({ max: 9 }),
  fc.constant({ unknown: "not read" }),
  fc.nat({ max: 9 }).map((atLeast) => ({ unknown: "not all of it", atLeast })),
);

Deno.test("greatestOf() is known where all are, and else at least whatever is known of any", () => {
  fc.assert(fc.property(fc.array(amount, { minLength: 1, maxLength: 6 }), (amounts) => {
    const found = greatestOf(amounts);
    const least = Math.max(...amounts.map((each) => typeof each === "number" ? each : leastOf(each) ?? -1));
    if (amounts.every((each) => typeof each === "number")) assertEquals(found, least);
    else assertEquals([isUnknown(found), leastOf(found) ?? -1], [true, least]);
  }));
});

Deno.test("leastOf() takes no more from a reading than a number that is one", () => {
  assertEquals([leastOf(3), leastOf({ unknown: "x" }), leastOf(undefined), leastOf("3")], [
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  assertEquals([leastOf({ unknown: "x", atLeast: NaN }), leastOf({ unknown: "x", atLeast: 3 })], [
    undefined,
    3,
  ]);
});
