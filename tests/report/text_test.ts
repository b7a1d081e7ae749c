import { assertEquals } from "@std/assert";
import { durationWords } from "../../src/report/duration.ts";
import { csvLine } from "../../src/report/text/csv.ts";
import { markdownText } from "../../src/report/text/markdown.ts";

Deno.test("a line of CSV has its cells as they are, and none that a spreadsheet calculates", () => {
  assertEquals(csvLine(["a", 1.5, true, null, ""]), "a,1.5,true,,");
  assertEquals(csvLine(['say "no"', "a,b", "a\nb"]), String.raw`"say ""no""","a,b",a\nb`);
  for (const text of ["=1+1", "+1", "-1", "@x", "\t=1", "＝1", "＋1", "－1", "＠x"]) {
    assertEquals(csvLine([text]).slice(0, 1), "'", text);
  }
  // Where a semicolon parts the cells, the quotation marks around a cell with a comma are none.
  assertEquals(csvLine(["a,b;=1+1; @x;c"]), `"a,b;'=1+1; '@x;c"`);
  assertEquals(csvLine([-1, "\u001b[31m", "\u202e"]), String.raw`-1,\u001b[31m,\u202e`);
});

Deno.test("a text is no Markdown, no HTML and no link", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["SELECT `a` | b", "SELECT &#96;a&#96; &#124; b"],
    ["<img src=x onerror=y>", "&lt;img src\\=x onerror\\=y&gt;"],
    ["[x](http://evil)", "\\[x\\]\\(http\\://evil\\)"],
    ["a\\|b", "a&#92;&#124;b"],
    ["www.evil.example", "www&#46;evil.example"],
    ["*x* _y_ #z ~~q~~", "\\*x\\* \\_y\\_ \\#z \\~\\~q\\~\\~"],
    ["&lt;b&gt;", "&amp;lt;b&amp;gt;"],
    ["a\nb", "a&#92;nb"],
  ];
  for (const [text, expected] of rows) assertEquals(markdownText(text), expected, text);
});

Deno.test("durations have two units at most", () => {
  const rows: readonly (readonly [number, string])[] = [
    [0, "0s"],
    [340, "0.3s"],
    [9999, "10s"],
    [42_300, "42s"],
    [60_000, "1m"],
    [61_000, "1m 1s"],
    [3_599_999, "1h"],
    [90_061_000, "1d 1h"],
  ];
  for (const [milliseconds, text] of rows) assertEquals(durationWords(milliseconds), text);
});
