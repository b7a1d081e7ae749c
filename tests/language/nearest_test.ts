import { assert, assertEquals } from "@std/assert";
import { didYouMean, quoted, VOCABULARY, vocabularyEntry } from "../../src/language/mod.ts";

Deno.test("didYouMean() names the nearest candidate, whatever its case, and only a near one", () => {
  const candidates = ["when", "where", "Query", "Sleep"];
  assertEquals(didYouMean("wheree", candidates), " (did you mean where?)");
  assertEquals(didYouMean("query", candidates, "'"), " (did you mean 'Query'?)");
  assertEquals(didYouMean("nonsense", candidates), "");
  assertEquals(didYouMean("x", []), "");
  assertEquals(didYouMean("", candidates), "");
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

Deno.test("the vocabulary has each name once, in lower case, with its meaning", () => {
  const names = VOCABULARY.map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  for (const row of VOCABULARY) {
    assertEquals(vocabularyEntry(row.name), row);
    assert(/^[a-z][a-z_]*$/.test(row.name), row.name);
    assert(/^[^.]+[^.]$/.test(row.meaning), row.meaning);
  }
  assertEquals(vocabularyEntry("constructor"), undefined);
});
