import { assertEquals } from "@std/assert";
import { hash } from "node:crypto";
import { hashOf } from "../../src/digest/sha256.ts";

Deno.test("hashOf() begins as SHA-256 does, at every length around the ends of blocks", () => {
  for (let length = 0; length < 300; length++) {
    const bytes = Uint8Array.from({ length: length + 72 }, (_, index) => (index * 7919) % 256);
    const expected = hash("sha256", bytes.subarray(0, length), "hex").slice(0, 16);
    assertEquals(hashOf(bytes, length), expected, `${length} bytes`);
  }
});
