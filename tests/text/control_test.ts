import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { printable } from "../../src/text/control.ts";

/** What must reach no terminal: written once more, by code points. */
const ACTS =
  // deno-lint-ignore no-control-regex
  /[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb]|[\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]|\p{Surrogate}/u;

Deno.test("printable() escapes what acts on a terminal or is not seen, and nothing else", () => {
  const rows: readonly (readonly [text: string, shown: string])[] = [
    ["a\u001b[31mb", "a\\u001b[31mb"],
    ["\u001b]0;title\u0007", "\\u001b]0;title\\u0007"],
    ["\u009b31m", "\\u009b31m"],
    ["a\r\n\tb", "a\\r\\n\\tb"],
    ["a\u0085b\u2028c\u2029d", "a\\u0085b\\u2028c\\u2029d"],
    ["\u202egnp\u202c\u2066x\u2069", "\\u202egnp\\u202c\\u2066x\\u2069"],
    ["a\u200bb\u2060c\ufeffd\u00ade", "a\\u200bb\\u2060c\\ufeffd\\u00ade"],
    ["\u3164\u115f", "\\u3164\\u115f"],
    ["\ud800a\udc00", "\\ud800a\\udc00"],
    ["\u{e0041}", "\\udb40\\udc41"],
    ["é 😀 … · 日本 '\\", "é 😀 … · 日本 '\\"],
  ];
  for (const [text, shown] of rows) assertEquals(printable(text), shown);
});

Deno.test("printable() leaves nothing of any text that acts, does so once, and keeps JSON what it says", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (text, other) => {
    const shown = printable(text);
    assert(!ACTS.test(shown), shown);
    assertEquals(printable(shown), shown);
    const value = { [text]: [other, `\\${other}`] };
    assertEquals(JSON.parse(printable(JSON.stringify(value))), value);
  }));
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    if (ACTS.test(character)) assert(printable(character).startsWith("\\"), code.toString(16));
  }
});
