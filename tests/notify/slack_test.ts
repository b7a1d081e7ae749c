import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Bundle } from "../../src/notify/bundle.ts";
import { escaped, slackChannel } from "../../src/notify/slack.ts";
import { Secret } from "../../src/text/secret.ts";
import { AT, bundleOf, gate, killed } from "./fixture.ts";

interface Text {
  readonly type: string;
  readonly text: string;
  readonly verbatim?: boolean;
  readonly emoji?: boolean;
}

interface Block {
  readonly type: "header" | "section" | "context";
  readonly text?: Text;
  readonly elements?: readonly Text[];
}

/** The message, once it keeps to what Slack takes. */
function messageOf(bundle: Bundle): { readonly text: string; readonly blocks: readonly Block[] } {
  const [letter, ...more] = slackChannel({ kind: "slack", url: new Secret("https://x/") }).letters(
    bundle,
    AT,
  );
  assertEquals(more, []);
  const message = JSON.parse(letter!.body);
  assertEquals(Object.keys(message), ["text", "blocks"]);
  assert(letter!.body.length < 13_200 && message.blocks.length <= 50, `${letter!.body.length}`);
  for (const { type, text, elements = [] } of message.blocks as readonly Block[]) {
    for (const each of [...text === undefined ? [] : [text], ...elements]) {
      assert(each.text.length > 0 && each.text.length <= (type === "header" ? 150 : 3000), each.text);
      assert(type === "header" ? each.type === "plain_text" : each.verbatim === true);
      if (type !== "header") assert(!/&(?!amp;|lt;|gt;)|<|>/.test(each.text), each.text);
    }
  }
  return message;
}

Deno.test("Slack gets what happened, with counts, the latest, and the queries in code", () => {
  const { text, blocks } = messageOf(bundleOf(gate("open"), killed(), killed({ outcome: "gone" })));
  assertEquals(text, "[OPEN] orders / impacted: 1 gate open, 1 killed, 1 gone");
  assertEquals(blocks.map(({ type }) => type), ["header", "section", "context"]);
  assertEquals(
    blocks[1]!.text!.text,
    "*orders / impacted* (open): 1 gate open, 1 killed, 1 gone\n" +
      "```\norders: kill query, gone in 3 ms: session 812 of app@10.0.0.5 in orders, running for 12.873s: " +
      "SELECT * FROM `t` WHERE `id` = ? (impacted; lag &gt; 30s: 42s)\n```\n" +
      "```\n2 x SELECT * FROM `t` WHERE `id` = ?\n```",
  );
  assertEquals(
    blocks[2]!.elements![0]!.text,
    "3 in all: 1 gate open, 1 killed, 1 gone · 2026-11-20T10:00:00.000Z to 2026-11-20T10:00:02.000Z",
  );
});

Deno.test("what clients write neither calls anybody on Slack, nor links, nor leaves its block of code", () => {
  const user = "<!channel> <https://evil.example|x> ```*a*``` & @here";
  const statement = { digest: "v2:1", digest_text: "SELECT ```<@U1>", tables: [], tags: {} };
  const session = { id: 1, user, host: "h", db: "", command: "Query" };
  const { blocks } = messageOf(bundleOf(killed({ session, statement })));
  const { text } = blocks[1]!.text!;
  assertEquals(text.match(/```/g)?.length, 4);
  assert(text.includes("&lt;!channel&gt; &lt;https://evil.example|x&gt; '''*a*''' &amp; @here"), text);
});

Deno.test("a message for Slack keeps its limits, and counts what it has no place for", () => {
  const worst = "&<>`".repeat(20_000);
  const events = Array.from({ length: 2000 }, (_, index) =>
    killed({
      database: `${index % 300}`.padStart(64, "d"),
      policy: "p".repeat(64),
      session: { id: 1, user: worst, host: worst, db: worst, command: "Query" },
      statement: { digest: `v2:${index}`, digest_text: worst, tables: [], tags: {} },
    }));
  const bundle = bundleOf(...events);
  bundle.miss(9);
  const { blocks } = messageOf(bundle);
  const shown = bundle.tallies.slice(0, 6).reduce((sum, { count }) => sum + count, 0);
  const foot = blocks.at(-1)!.elements![0]!.text;
  assert(
    foot.startsWith(`2009 in all: 2000 killed · ${2009 - shown} of them are not shown above · 9 of`),
    foot,
  );
  const missed = new Bundle();
  missed.miss(3);
  assertEquals(messageOf(missed).text, "Query Sniper: 3 missed");
});

Deno.test("escaping for Slack never cuts within an entity, nor beyond its limit", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("&", "<", ">", "a", "😀") }),
      fc.integer({ min: 8, max: 40 }),
      (text, longest) => {
        const made = escaped(text, longest);
        assert(made.length <= longest && !/&(?!amp;|lt;|gt;)|<|>/.test(made), made);
      },
    ),
  );
});
