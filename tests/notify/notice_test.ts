import { assert, assertEquals } from "@std/assert";
import type { PublicEvent } from "../../src/events/mod.ts";
import { gate, killed, noticesOf } from "./fixture.ts";

const HEARTBEAT: PublicEvent = {
  ...{ event: "heartbeat", database: "orders", looks: 60, kills: 0, errors: 0, skipped: 0, late: 0 },
  late_ms: 0,
};
const BUDGET = {
  event: "budget",
  database: "orders",
  limit: "kills",
  policy: "p",
  action: "kill query",
} as const;

/** Route, subject, standing and word of a notice. */
const ROWS: readonly (readonly [PublicEvent, string])[] = [
  [killed(), "kill query-sniper:policy:orders:impacted passing killed"],
  [killed({ outcome: "survived" }), "kill query-sniper:policy:orders:impacted passing survived"],
  [killed({ outcome: "would-kill" }), "would-kill query-sniper:policy:orders:impacted passing would-kill"],
  [gate("open"), "gate query-sniper:policy:orders:impacted open gate open"],
  [gate("unknown"), "gate query-sniper:policy:orders:impacted open gate unknown"],
  [gate("closed"), "gate query-sniper:policy:orders:impacted over gate closed"],
  [
    { ...BUDGET, state: "spent", allowed: 30, per: "1m" },
    "budget query-sniper:budget:orders open budget spent",
  ],
  [
    { ...BUDGET, state: "recovered", allowed: 30, per: "1m" },
    "budget query-sniper:budget:orders over budget recovered",
  ],
  [
    { event: "lease", database: "orders", state: "unavailable", reason: "x" },
    "lease query-sniper:lease:orders open lease unavailable",
  ],
  [
    { event: "lease", database: "orders", state: "elsewhere", holder: "x" },
    "lease query-sniper:lease:orders over lease elsewhere",
  ],
  [
    { event: "journal", state: "failed", file: "j", reason: "x" },
    "journal query-sniper:journal open journal failed",
  ],
  [
    { event: "journal", state: "recovered", file: "j" },
    "journal query-sniper:journal over journal recovered",
  ],
  [
    { event: "unreachable", database: "orders", reason: "refused" },
    "unreachable query-sniper:unreachable:orders open unreachable",
  ],
];

Deno.test("each event becomes a notice of its route, about its subject", () => {
  for (const [event, expected] of ROWS) {
    const [notice] = noticesOf(event);
    const { route, subject, standing, word } = notice!;
    assertEquals(`${route} ${subject.key} ${standing} ${word}`, expected);
    assert(notice!.text.length > 5 && subject.key.length <= 255, notice!.text);
  }
});

Deno.test("what was spared, matched or is of no route becomes no notice", () => {
  assertEquals(noticesOf(killed({ outcome: "skipped", reason: "budget" }), HEARTBEAT), []);
});

Deno.test("a pause is told once, and its end once", () => {
  const paused: PublicEvent = { event: "pause", state: "paused", source: "file", reason: "release" };
  const resumed: PublicEvent = { ...paused, state: "resumed", reason: "the pause file is gone" };
  const notices = noticesOf(HEARTBEAT, resumed, paused, paused, HEARTBEAT, resumed, resumed);
  assertEquals(notices.map(({ standing, text }) => [standing, text]), [
    ["open", 'all databases: kills are paused: "release"'],
    ["over", 'all databases: kills are resumed: "the pause file is gone"'],
  ]);
});

Deno.test("a pause is over when nothing pauses that database any more", () => {
  const file: PublicEvent = { event: "pause", state: "paused", source: "file", reason: "release" };
  const asked: PublicEvent = {
    ...file,
    source: "request",
    reason: "restore",
    by: "kim",
    until: "2026-11-20",
  };
  const own: PublicEvent = { ...asked, database: "orders" };
  const end = { state: "resumed", reason: "done" } as const;
  const notices = noticesOf(file, asked, own, { ...file, ...end }, { ...own, ...end }, { ...asked, ...end });
  assertEquals(notices.map(({ subject, standing }) => `${subject.key} ${standing}`), [
    "query-sniper:pause open",
    "query-sniper:pause open",
    "query-sniper:pause:orders open",
    "query-sniper:pause:orders over",
    "query-sniper:pause over",
  ]);
});

Deno.test("a connection is told only where the database was unreachable", () => {
  const connected: PublicEvent = {
    ...{ event: "connected", database: "orders", flavor: "x", version: "1" },
    ...{ mode: "dry-run", encrypted: true },
  };
  const gone: PublicEvent = { event: "unreachable", database: "orders", reason: "refused" };
  const words = noticesOf(connected, gone, connected, connected).map(({ word }) => word);
  assertEquals(words, ["unreachable", "reachable again"]);
});

Deno.test("a notice has the digest and no literal, is one line, and has an end", () => {
  const statement = { digest: "v2:1", digest_text: "SELECT ?", tables: [], tags: {}, sql: "SELECT 4711" };
  const session = { id: 1, user: "a\nb\u202e", host: "h", db: "", command: "Query" };
  const [notice] = noticesOf(killed({ statement, session, note: "x".repeat(5000) }));
  assert(!JSON.stringify(notice).includes("4711"));
  assert(!/[\n\u202e]/.test(notice!.text) && notice!.text.length === 1000, notice!.text);
  assertEquals(notice!.query, { digest: "v2:1", text: "SELECT ?" });
});
