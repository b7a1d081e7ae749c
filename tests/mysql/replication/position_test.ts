import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  filePosition,
  gtidListPosition,
  gtidSetPosition,
  type Position,
  reached,
} from "../../../src/mysql/replication/position.ts";

const A = "3e11fa47-71ca-11e1-9e33-c80aa9429562";

Deno.test("reached() compares files by number, then offsets", () => {
  const at = (file: string, offset: number) => filePosition(file, offset)!;
  assertEquals(reached(at("bin.000002", 4), at("bin.000001", 900)), true);
  assertEquals(reached(at("bin.1000000", 4), at("bin.999999", 900)), true);
  assertEquals(reached(at("bin.000002", 900), at("bin.000002", 900)), true);
  assertEquals(reached(at("bin.000002", 899), at("bin.000002", 900)), false);
  assertEquals(reached(at("other.000002", 900), at("bin.000002", 900)), undefined);
});

Deno.test("positions that cannot be read are undefined", () => {
  for (const [file, offset] of [["", 4], ["bin", 4], ["bin.x", 4], ["bin.1", NaN], ["bin.1", -1]] as const) {
    assertEquals(filePosition(file, offset), undefined, `${file} ${offset}`);
  }
  // A server that gives no identifiers shows an empty set; every replica has all of nothing.
  for (const text of ["", "x", "0-1-5"]) assertEquals(gtidSetPosition(text), undefined, text);
  for (const text of ["", "x", `${A}:1`]) assertEquals(gtidListPosition(text), undefined, text);
});

Deno.test("positions of different kinds say nothing of each other", () => {
  const positions = [
    gtidSetPosition(`${A}:1-5`)!,
    gtidListPosition("0-1-5")!,
    filePosition("bin.000001", 4)!,
  ];
  for (const [index, one] of positions.entries()) {
    for (const [other, two] of positions.entries()) {
      assertEquals(reached(one, two), index === other ? true : undefined);
    }
  }
});

Deno.test("reached() only grows with the replica's position", () => {
  const stream = fc.integer({ min: 1, max: 40 });
  const kinds: readonly ((at: number) => Position)[] = [
    (at) => gtidSetPosition(`${A}:1-${at}`)!,
    (at) => gtidListPosition(`0-1-${at}`)!,
    (at) => filePosition(`bin.00000${Math.floor(at / 10) + 1}`, at % 10)!,
  ];
  fc.assert(fc.property(stream, stream, fc.constantFrom(...kinds), (a, b, kind) => {
    assertEquals(reached(kind(a), kind(b)), a >= b);
  }));
});
