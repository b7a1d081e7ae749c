import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { crc32 as zlibCrc32 } from "node:zlib";
import { crc32 } from "../../src/shards/slots/crc32.ts";
import { canonicalKey, fits, type KeyType, SLOT_COUNT, slotOf } from "../../src/shards/slots/key.ts";
import { evenParts } from "../../src/shards/slots/tables.ts";
import { MapError, ownersOf, slotMapOf } from "../../src/shards/slots/slot_map.ts";
import { INTEGER, TEXT } from "./shop.ts";

Deno.test("crc32() is that of zlib", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => assertEquals(crc32(bytes), zlibCrc32(bytes))),
  );
  // From the manual: SELECT CRC32('MySQL').
  assertEquals(crc32(new TextEncoder().encode("MySQL")), 3259397556);
});

Deno.test("whole numbers have one key, however they are written", () => {
  fc.assert(fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), fc.nat(5), (value, zeros) => {
    const sign = value < 0n ? "-" : "";
    const digits = String(value < 0n ? -value : value);
    assertEquals(
      canonicalKey({ kind: "number", text: `${sign}${"0".repeat(zeros)}${digits}` }, INTEGER),
      String(value),
    );
    const asText = canonicalKey({ kind: "string", text: String(value) }, INTEGER);
    assertEquals(asText, String(value).length <= 15 ? String(value) : undefined);
  }));
  for (const text of ["1.0", "1e3", ".5", "0x10", "-0x1"]) {
    assertEquals(canonicalKey({ kind: "number", text }, INTEGER), undefined);
  }
  for (const text of ["", "05", "-0", "+5", "5 ", " 5", "5.0", "five"]) {
    assertEquals(canonicalKey({ kind: "string", text }, INTEGER), undefined);
  }
});

Deno.test("texts have one key with and without spaces at their end", () => {
  assertEquals(canonicalKey({ kind: "string", text: "a  " }, TEXT), "a");
  assertEquals(canonicalKey({ kind: "string", text: " a\t" }, TEXT), " a\t");
  assertEquals(canonicalKey({ kind: "string", text: "   " }, TEXT), "");
  assertEquals(canonicalKey({ kind: "number", text: "5" }, TEXT), undefined);
});

Deno.test("what a column would not store as it is does not fit", () => {
  const tiny: KeyType = { family: "integer", min: -128n, max: 127n, auto: true };
  assertEquals(["-129", "-128", "0", "127", "128"].map((key) => fits(key, tiny)), [
    false,
    true,
    false,
    true,
    false,
  ]);
  assertEquals(fits("0", INTEGER), true);
  const text = (repertoire: "ascii" | "basic" | "unicode"): KeyType => ({
    family: "text",
    length: 3,
    repertoire,
  });
  assertEquals(["abc", "abcd", "äbc", "a😀"].map((key) => fits(key, text("ascii"))), [
    true,
    false,
    false,
    false,
  ]);
  assertEquals(["äbc", "a😀"].map((key) => fits(key, text("basic"))), [true, false]);
  assertEquals(["😀😀😀", "😀😀😀😀"].map((key) => fits(key, text("unicode"))), [true, false]);
});

Deno.test("all slots are given away, each once, and slots of keys in a row are spread", () => {
  for (const count of [1, 2, 3, 7]) {
    assertEquals(
      evenParts(count).flat(),
      Array.from({ length: SLOT_COUNT }, (_, slot) => slot),
    );
  }
  const used = new Set(Array.from({ length: 10_000 }, (_, key) => slotOf(String(key))));
  assertEquals(used.size > 1000, true);
});

Deno.test("a map that is not whole is refused", () => {
  const slots = Array.from({ length: SLOT_COUNT }, (_, slot) => ({ slot, shard: slot < 10 ? "b" : "a" }));
  const serving = [{ shard: "a", epoch: "3" }, { shard: "b", epoch: "4" }];
  const map = slotMapOf(slots, serving, ["a", "b"]);
  assertEquals([map.version, ownersOf(map, undefined), ownersOf(map, [3, 4]), ownersOf(map, [3, 11])], [
    7,
    ["a", "b"],
    ["b"],
    ["a", "b"],
  ]);
  const refused = (...args: Parameters<typeof slotMapOf>) => {
    try {
      slotMapOf(...args);
    } catch (error) {
      return error instanceof MapError ? error.message : error;
    }
  };
  assertEquals(
    refused(slots.slice(1), serving, ["a", "b"]),
    "the map has not all 1024 slots: it has 1023; see `shards init`",
  );
  assertEquals(
    refused([...slots.slice(1), slots[1]!], serving, ["a", "b"]),
    "the map has not all 1024 slots: it has 1024; see `shards init`",
  );
  assertEquals(refused(slots, serving, ["a"]), 'the map names a shard that the configuration does not: "b"');
  assertEquals(refused(slots, serving.slice(1), ["a", "b"]), 'the map has no epoch of the shard "a"');
});
