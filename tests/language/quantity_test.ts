import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { formatQuantity, parseQuantity, type QuantityType, unitsOf } from "../../src/language/mod.ts";

Deno.test("parseQuantity() reads every unit", () => {
  const rows: readonly (readonly [string, QuantityType, number])[] = [
    ["0", "number", 0],
    ["10", "number", 10],
    ["007", "number", 7],
    ["1.5", "number", 1.5],
    ["250ms", "duration", 250],
    ["30s", "duration", 30_000],
    ["2m", "duration", 120_000],
    ["1h", "duration", 3_600_000],
    ["1d", "duration", 86_400_000],
    ["1.1s", "duration", 1100],
    ["0.5d", "duration", 43_200_000],
    ["3k", "number", 3000],
    ["1M", "number", 1_000_000],
    ["2.5G", "number", 2_500_000_000],
    ["4KiB", "bytes", 4096],
    ["64MiB", "bytes", 67_108_864],
    ["1GiB", "bytes", 1_073_741_824],
    ["20%", "percent", 20],
    ["12.5%", "percent", 12.5],
  ];
  for (const [text, type, value] of rows) assertEquals(parseQuantity(text), { type, value }, text);
});

Deno.test("parseQuantity() says what is wrong, and what to write for a unit from elsewhere", () => {
  const expected = "expected a number, with a unit where it means time, size or share";
  for (
    const text of ["", "s", "-5s", "+5", ".5s", "5.", "1,000", "5 s", " 5s", "٣s", "Infinity"]
  ) {
    assertEquals(parseQuantity(text), expected, text);
  }
  const rows: readonly (readonly [string, string])[] = [
    ["5K", 'unknown unit "K", write k for a thousand, KiB for bytes'],
    ["5g", 'unknown unit "g", write G for a billion, GiB for bytes'],
    ["5MB", 'unknown unit "MB", write MiB'],
    ["5gib", 'unknown unit "gib", write GiB'],
    ["5sec", 'unknown unit "sec", write s'],
    ["5Minutes", 'unknown unit "Minutes", write m'],
    ["5days", 'unknown unit "days", write d'],
    ["5msec", 'unknown unit "msec", write ms'],
    ["5constructor", 'unknown unit "constructor", expected ms s m h d k M G KiB MiB GiB %'],
    ["5__proto__", 'unknown unit "__proto__", expected ms s m h d k M G KiB MiB GiB %'],
    ["0x10", 'unknown unit "x10", expected ms s m h d k M G KiB MiB GiB %'],
    ["5x2", 'unknown unit "x2", expected ms s m h d k M G KiB MiB GiB %'],
    ["1e6", "a number has no exponent here, write 1M"],
    ["1.5E+3", "a number has no exponent here, write 1500"],
    ["1e30", "a number has no exponent here"],
    ["5w", 'unknown unit "w", expected ms s m h d k M G KiB MiB GiB %'],
    ["5µs", 'unknown unit "µs", expected ms s m h d k M G KiB MiB GiB %'],
  ];
  for (const [text, problem] of rows) assertEquals(parseQuantity(text), problem, text);
});

Deno.test("formatQuantity() writes what a person would", () => {
  const rows: readonly (readonly [QuantityType, number, string])[] = [
    ["duration", 0, "0s"],
    ["duration", 0.4, "0.4ms"],
    ["duration", 250, "250ms"],
    ["duration", 12_873, "12.873s"],
    ["duration", 42_000, "42s"],
    ["duration", 60_000, "1m"],
    ["duration", 90_000, "90s"],
    ["duration", 7_200_000, "2h"],
    ["duration", 86_400_000, "1d"],
    ["number", 0, "0"],
    ["number", 7, "7"],
    ["number", 1500, "1500"],
    ["number", 1_000_000, "1M"],
    ["number", 1.5, "1.5"],
    ["bytes", 0, "0KiB"],
    ["bytes", 512, "0.5KiB"],
    ["bytes", 1536, "1.5KiB"],
    ["bytes", 1_100_000, "1.049MiB"],
    ["bytes", 4096, "4KiB"],
    ["bytes", 67_108_864, "64MiB"],
    ["percent", 0, "0%"],
    ["percent", 83.333333, "83.3%"],
    ["percent", 100, "100%"],
    ["duration", NaN, "NaN"],
    ["number", Infinity, "Infinity"],
  ];
  for (const [type, value, text] of rows) assertEquals(formatQuantity({ type, value }), text, text);
});

/** Values that the program meets: what has a finer grain is rounded for the reader. */
const QUANTITIES = fc.oneof(
  fc.record({ type: fc.constant("duration" as const), value: fc.nat({ max: 1e13 }) }),
  fc.record({ type: fc.constant("number" as const), value: fc.nat({ max: 1e15 }) }),
  fc.record({
    type: fc.constant("bytes" as const),
    value: fc.nat({ max: 1e9 }).map((n) => n * 1024),
  }),
  fc.record({ type: fc.constant("percent" as const), value: fc.nat({ max: 1000 }).map((n) => n / 10) }),
);

Deno.test("formatQuantity() is read back by parseQuantity() as the same", () => {
  fc.assert(fc.property(QUANTITIES, (quantity) => {
    assertEquals(parseQuantity(formatQuantity(quantity)), quantity);
  }));
});

Deno.test("parseQuantity() reads decimals as decimal text would be multiplied", () => {
  const units = fc.constantFrom(["ms", 0], ["s", 3], ["k", 3], ["M", 6], ["G", 9]);
  fc.assert(fc.property(fc.nat({ max: 1e6 }), fc.nat({ max: 999 }), units, (whole, part, [unit, zeros]) => {
    const fraction = String(part).padStart(3, "0");
    const quantity = parseQuantity(`${whole}.${fraction}${unit}`);
    assertEquals(typeof quantity === "object" && quantity.value, Number(`${whole}.${fraction}e${zeros}`));
  }));
});

Deno.test("unitsOf() lists the units of a type in words", () => {
  assertEquals(unitsOf("duration"), "ms, s, m, h or d");
  assertEquals(unitsOf("number"), "k, M or G");
  assertEquals(unitsOf("bytes"), "KiB, MiB or GiB");
  assertEquals(unitsOf("percent"), "%");
});

Deno.test("formatQuantity() keeps more decimals where it is told to", () => {
  assertEquals(formatQuantity({ type: "percent", value: 80.04 }), "80%");
  assertEquals(formatQuantity({ type: "percent", value: 80.04 }, 1), "80.04%");
  assertEquals(formatQuantity({ type: "duration", value: 30_000.25 }, 3), "30.00025s");
  assertEquals(formatQuantity({ type: "bytes", value: 1537 }, 100), "1.5009765625KiB");
});
