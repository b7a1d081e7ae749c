import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { didYouMean, nearest, quoted } from "../../src/text/nearest.ts";
import { printable } from "../../src/text/control.ts";

Deno.test("didYouMean() names the nearest candidate, whatever its case, and only a near one", () => {
  const candidates = ["when", "where", "Query", "Sleep"];
  assertEquals(didYouMean("wheree", candidates), " (did you mean where?)");
  assertEquals(didYouMean("query", candidates, "'"), " (did you mean 'Query'?)");
  assertEquals(didYouMean("nonsense", candidates), "");
  assertEquals(didYouMean("x", []), "");
  assertEquals(didYouMean("", candidates), "");
});

Deno.test("didYouMean() counts swapped letters as one, and knows a word by its beginning", () => {
  const rows: readonly (readonly [word: string, candidates: readonly string[], near: string | undefined])[] =
    [
      ["wher", ["when", "where"], "where"],
      ["whe", ["where", "when"], "when"],
      ["prot", ["protect", "policies"], "protect"],
      ["prot", ["protect", "port"], "port"],
      ["hots", ["host", "port"], "host"],
      ["tiem", ["id", "time"], "time"],
      ["onec", ["run", "once"], "once"],
      ["validate", ["run", "validate-config"], "validate-config"],
      ["warn", ["info", "warning"], "warning"],
      ["w", ["when", "where"], undefined],
      ["x", ["id", "db", "a"], undefined],
      ["de", ["description"], undefined],
      ["x".repeat(100_000), ["when", "where"], undefined],
    ];
  for (const [word, candidates, near] of rows) {
    assertEquals(nearest(word, candidates), near, word.slice(0, 20));
  }
});

Deno.test("printable() escapes what would act on a terminal, and nothing else", () => {
  assertEquals(printable(`it's "a\\b" é 😀 …`), `it's "a\\b" é 😀 …`);
  assertEquals(printable("a\r\n\tb\u0000\u001b\u009b"), String.raw`a\r\n\tb\u0000\u001b\u009b`);
  assertEquals(printable("\u200e\u2028\u2066\u2069\u061c"), String.raw`\u200e\u2028\u2066\u2069\u061c`);
  assertEquals(printable("\ud800 \u{e0001}"), String.raw`\ud800 \udb40\udc01`);
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    assert(!/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(printable(text)), text);
    assertEquals(quoted(text), `"${quoted(text).slice(1, -1)}"`);
  }));
});

Deno.test("quoted() keeps a message on one line, without control characters, and not endless", () => {
  assertEquals(quoted("a"), '"a"');
  assertEquals(quoted('a"b\\'), String.raw`"a\"b\\"`);
  assertEquals(quoted("a\nb\t\u001b[31m"), String.raw`"a\nb\t\u001b[31m"`);
  assertEquals(quoted("\u007f\u009b\u2028\u202e\ufeff"), String.raw`"\u007f\u009b\u2028\u202e\ufeff"`);
  assertEquals(quoted("é😀"), '"é😀"');
  assertEquals(quoted("x".repeat(80)), `"${"x".repeat(80)}"`);
  assertEquals(quoted("x".repeat(81)), `"${"x".repeat(79)}…"`);
});
