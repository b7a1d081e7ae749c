import { assert, assertEquals } from "@std/assert";
import { createHmac } from "node:crypto";
import type { Bundle } from "../../src/notify/bundle.ts";
import type { HttpLetter } from "../../src/notify/channel.ts";
import { webhookChannel } from "../../src/notify/webhook.ts";
import { Secret } from "../../src/text/secret.ts";
import { AT, bundleOf, gate, killed } from "./fixture.ts";

const CHANNEL = webhookChannel("dba", {
  kind: "webhook",
  url: new Secret("http://127.0.0.1:1/hook"),
  key: new Secret("k3y-of-the-hook"),
});

function letterOf(bundle: Bundle): HttpLetter {
  const [letter, ...more] = CHANNEL.letters(bundle, AT);
  assertEquals(more, []);
  return letter!;
}

Deno.test("a webhook is signed over time and body by HMAC-SHA256", () => {
  const { headers, body } = letterOf(bundleOf(killed()));
  const timestamp = headers["x-query-sniper-timestamp"];
  assertEquals(timestamp, String(AT / 1000));
  const expected = createHmac("sha256", "k3y-of-the-hook").update(`${timestamp}.${body}`).digest("hex");
  assertEquals(headers["x-query-sniper-signature"], `v1=${expected}`);
  assert(!JSON.stringify([headers, body]).includes("k3y"));
});

Deno.test("a webhook tells what happened to each subject, with counts and digests", () => {
  const { body } = letterOf(bundleOf(gate("open"), killed(), killed({ outcome: "gone" })));
  const { subjects: [{ text, ...subject }], ...rest } = JSON.parse(body);
  assertEquals(rest, {
    ...{ version: 1, channel: "dba", at: "2026-11-20T10:00:00.000Z", total: 3 },
    counts: { "gate open": 1, killed: 1, gone: 1 },
    ...{ left_out: 0, missed: 0 },
  });
  assert(text.startsWith("orders: kill query, gone"), text);
  assertEquals(subject, {
    ...{ key: "query-sniper:policy:orders:impacted", kind: "policy", database: "orders", policy: "impacted" },
    ...{ level: "warning", standing: "open", count: 3, counts: { "gate open": 1, killed: 1, gone: 1 } },
    ...{ first: "2026-11-20T10:00:00.000Z", last: "2026-11-20T10:00:02.000Z" },
    queries: [{ digest: "v2:9f86d081884c7d65", digest_text: "SELECT * FROM `t` WHERE `id` = ?", count: 2 }],
  });
});

Deno.test("a webhook has a bounded size, and counts what it has no place for", () => {
  const statement = { digest: "v2:1", digest_text: "x".repeat(50_000), tables: [], tags: {} };
  const events = Array.from(
    { length: 3000 },
    (_, index) => killed({ database: `db${index % 400}`, statement }),
  );
  const bundle = bundleOf(...events);
  bundle.miss(5);
  const { body } = letterOf(bundle);
  assert(body.length < 500_000, `${body.length}`);
  const { total, subjects, left_out, missed, counts } = JSON.parse(body);
  const shown = subjects.reduce((sum: number, { count }: { count: number }) => sum + count, 0);
  assertEquals([total, shown + left_out, missed, counts.killed, subjects.length], [3005, 3005, 5, 3000, 100]);
});
