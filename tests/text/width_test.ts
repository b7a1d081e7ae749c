import { assertEquals } from "@std/assert";
import { headOf, textWidth } from "../../src/text/width.ts";

const WIDTHS: readonly (readonly [text: string, width: number])[] = [
  ["", 0],
  ["orders-replica", 14],
  ["café", 4],
  ["cafe\u0301", 4],
  ["日本語", 6],
  ["한국", 4],
  ["Ａ", 2],
  ["👍 ok", 5],
  ["ok…", 3],
  ["─", 1],
  ["𠀀", 2],
];

Deno.test("a text takes as many columns as a terminal gives it", () => {
  assertEquals(WIDTHS.map(([text]) => textWidth(text)), WIDTHS.map(([, width]) => width));
});

Deno.test("the head of a text never takes more columns than there are", () => {
  assertEquals([0, 1, 2, 3, 4, 9].map((columns) => headOf("日本x", columns)), [
    "",
    "",
    "日",
    "日",
    "日本",
    "日本x",
  ]);
  assertEquals(headOf("cafe\u0301s", 4), "cafe\u0301");
  assertEquals(headOf("plain", -1), "");
});
