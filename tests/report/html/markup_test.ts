import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { joined, Markup, markup } from "../../../src/report/html/markup.ts";

Deno.test("a template escapes every text, and only once", () => {
  const name = `<b title="x" id='y'>&amp;`;
  assertEquals(
    markup`<p title="${name}">${name}</p>`.text,
    '<p title="&lt;b title=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;">' +
      "&lt;b title=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;</p>",
  );
  assertEquals(
    markup`<p>${markup`<b>${"<"}</b>`}${3}${["<", markup`<i>`]}</p>`.text,
    "<p><b>&lt;</b>3&lt;<i></p>",
  );
  assertEquals(markup`${joined(["<", "b", markup`<i>`], " & ")}`.text, "&lt; &amp; b &amp; <i>");
});

Deno.test("a template shows what would not be seen", () => {
  assertEquals(markup`${"a\u202eb\u0000c\nd\u200b"}`.text, "a\\u202eb\\u0000c\\nd\\u200b");
});

Deno.test("no text leaves its place in a template", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const { text: shown } = markup`${text}`;
    assert(!/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/.test(shown), shown);
  }));
});

Deno.test("a template takes markup as it is", () => {
  assertEquals(markup`${new Markup("<b>")}`.text, "<b>");
});
