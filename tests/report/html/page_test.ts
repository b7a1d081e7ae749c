import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { reportPage } from "../../../src/report/html/page.ts";
import {
  at,
  blankReport,
  change,
  DAY,
  entryPoint,
  fullReport,
  HOSTILE,
  hostileReport,
  HOUR,
  periodsOf,
  quietReport,
  row,
} from "./fixture.ts";
import { assertSays, textOf } from "./page_text.ts";

Deno.test("a page loads nothing, runs nothing, and names its only style sheet by its hash", () => {
  const page = reportPage(fullReport());
  assert(
    !/<(?:script|iframe|object|embed|form|base)\b|\son\w+=|\bstyle=|javascript:|@import|url\((?!#)/i.test(
      page,
    ),
  );
  assertEquals([...page.matchAll(/\b(?:src|href)="([^"]*)"/g)].map(([, to]) => to), ["data:,", "#queries"]);
  const [, style = ""] = /<style>(.*?)<\/style>/s.exec(page) ?? [];
  assert(style.length > 1000);
  assertStringIncludes(page, `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`);
  assertStringIncludes(page, "default-src 'none'");
});

Deno.test("no text from data becomes markup, and what would not be seen is shown", () => {
  const page = reportPage(hostileReport());
  assert(!/<script|<img/i.test(page));
  assert(!["\u202e", "\u0007"].some((unseen) => page.includes(unseen)));
  const escaped =
    "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=&quot;alert(&#39;2&#39;)&quot;&gt;&amp;amp;\\u202e\\u0007 x";
  assert(page.split(escaped).length > 100, "every text is there");
  assert(HOSTILE.includes("\u202e"));
});

Deno.test("the first words say what is covered, and the gaps", () => {
  assertSays(
    fullReport(),
    "Covers 20 Nov 2026 00:00 to 27 Nov 2026 00:00 (7 days, all times in UTC): 4,320,117 looks at 10 databases, the last one at 26 Nov 2026 23:59; 12 failed.",
    "Gap of 2 days: no looks at any database from 22 Nov 2026 00:00 to 24 Nov 2026 00:00.",
    "Gap of 1 hour 30 minutes: no looks at reporting from 25 Nov 2026 03:00 to 25 Nov 2026 04:30.",
    "the exemption of digest v2:0000000000000005 expired with 2026-11-24: ask data-team.",
  );
  assertSays(quietReport(), "No gaps.", "None in this time.");
  assertSays(
    quietReport({ filter: { database: "orders", policy: "impacted" }, looks: 1, databases: 1 }),
    "1 look at 1 database,",
    "Only the database orders and the policy impacted.",
  );
});

Deno.test("of many gaps the longest are told, and all are listed", () => {
  const gaps = Array.from({ length: 9 }, (_, index) => ({
    from: at(index * DAY / 2),
    to: at(index * DAY / 2 + (index + 1) * 60_000),
    databases: index === 0 ? null : [`db-${index}`],
  }));
  const said = textOf(quietReport({ gaps }));
  assert(
    said.indexOf("Gap of 1 minute: no looks at any database") <
      said.indexOf("Gap of 9 minutes: no looks at db-8"),
  );
  assert(!said.includes("Gap of 5 minutes"));
  assertStringIncludes(said, "5 more gaps: times without looks");
  assertStringIncludes(said, "5 minutes db-4");
});

Deno.test("no looks is no data, and nowhere a zero", () => {
  const page = reportPage(blankReport());
  assertSays(
    blankReport(),
    "No data: the figures are unknown, not zero.",
  );
  assertSays(
    blankReport(),
    "no looks at any database.",
    "Kills no data",
    "No data: nothing was looked at in this time.",
  );
  const [, figures = ""] = /<dl class="figures">(.*?)<\/dl>/s.exec(page) ?? [];
  assert(!/\d/.test(figures.replace(/<[^>]*>/g, "")), figures);
});

Deno.test("the four figures say how they changed", () => {
  assertSays(
    fullReport(),
    "Kills 194 ▼ 197 fewer (−50%), 391 in the 7 days before",
    "Would-be kills of dry runs 26 ▲ 14 more (+117%), 12 in the 7 days before",
    "▼ 2 h 56 min less (−81%), 3 h 37 min in the 7 days before",
    "Different queries 8 the same as in the 7 days before",
  );
  const { totals } = fullReport();
  assertSays(fullReport({ totals: { ...totals, before: null } }), "Kills 194 no data of the 7 days before");
  const none = { kills: 0, would_kill: 0, wasted_ms: 0, distinct: 0 };
  assertSays(fullReport({ totals: { ...totals, before: none } }), "▲ 194 more, none in the 7 days before");
});

Deno.test("the first screen says who calls what was killed", () => {
  assertSays(fullReport(), "All kills and would-be kills come from 2 accounts: app 63%, etl 37%.");
  const users = ["a", "b", "c", "d", "e", "f", ""];
  const rows = [row({ kills: 20, entry_points: users.map((user) => entryPoint({ user })) })];
  const totals = { ...fullReport().totals, kills: 20, would_kill: 0 };
  assertSays(
    fullReport({ rows, totals }),
    "At least 35% of all kills and would-be kills come from 7 accounts: a 5%, b 5%, c 5%, d 5%, e 5% and 2 more.",
  );
});

Deno.test("outcomes are told with their meaning", () => {
  assertSays(
    fullReport(),
    "What came of them: killed 187 · skipped 31 · would-kill 26 · rolling-back 4 · survived 3",
    "rolling-back 4 it was killed, and the server undoes its changes",
  );
});

Deno.test("bars have a table of their figures, and days without looks no figure", () => {
  assertSays(
    fullReport(),
    "Kills by day",
    "20 Nov 2026 71 14 864,000",
    "22 Nov 2026 no data no data 0",
  );
  assertStringIncludes(
    reportPage(fullReport()),
    'aria-label="Bars of 7 days, 2 of them without data; the most: 20 Nov 2026, 71 kills, 14 would-be kills. The table below has all figures"',
  );
  const weeks = fullReport({ to: at(70 * DAY), periods: periodsOf([5, 0, 3, 0, 0, 0, 0, 1, 1, 1], 7 * DAY) });
  assertSays(weeks, "Kills by week", "20 Nov 2026 00:00 to 27 Nov 2026 00:00 5 1 864,000");
});

Deno.test("what a journal of the first version counted without looks is shown, though there may have been more", () => {
  const report = fullReport({ periods: periodsOf([3]).map((period) => ({ ...period, looks: 0 })) });
  assertSays(report, "20 Nov 2026 3 0 0");
  assert(/<rect class="no-data".*<rect class="kills"/s.test(reportPage(report)));
});

Deno.test("marks near each other share a sign, and many of them are listed on demand", () => {
  assertSays(fullReport(), "policy changed 21 Nov 2026 07:12: impacted: its where has changed");
  assertSays(fullReport(), "paused 25 Nov 2026 12:00, orders-primary: restore of orders, ask Kim");
  assertStringIncludes(reportPage(fullReport()), ">3–4</text>");
  const mark = { kind: "started", database: null, text: "query-sniper 0.1.0" };
  const many = Array.from({ length: 1000 }, (_, index) => ({ ...mark, at: at(index * 600_000) }));
  const page = reportPage(fullReport({ marks: many }));
  assertSays(fullReport({ marks: many }), "1,000 marks in this time", "800 more marks not shown");
  assert(page.split('class="mark').length <= 13, "signs do not hide each other");
});

Deno.test("every way of counting has its words", () => {
  assertSays(
    fullReport({ by: "user" }),
    "Killed queries by account",
    "Different accounts 8",
    "Accounts Rank",
  );
  assertSays(
    fullReport({ by: "tag.route" }),
    "Killed queries by value of the tag route",
    "Values of the tag route",
  );
  for (const by of ["shape", "database", "policy"] as const) {
    assertSays(fullReport({ by }), "Killed queries by");
  }
  assertSays(fullReport({ rows: [row({ key: "", digest_text: "" })] }), "(unknown)");
});

Deno.test("lag and history have a table of their figures; what is unknown stays so", () => {
  const health = [
    { at: at(0), lag_s: 0, hll: 1_234_567, kills: 2 },
    { at: at(HOUR), lag_s: null, hll: 5, kills: 0 },
    { at: at(2 * HOUR), lag_s: 7325, hll: null, kills: 1 },
  ];
  const report = quietReport({ health });
  assertSays(report, "20 Nov 2026 00:00 0 ms 1,234,567 2", "unknown 5 0", "2 h 2 min unknown 1");
  const page = reportPage(report);
  assertStringIncludes(
    page,
    "Replication lag: at most 2 h 2 min, at 20 Nov 2026 02:00; unknown at 1 of 3 points; 3 kills",
  );
  assertEquals(page.match(/<path d="(M[^"]*)"/)?.[1]?.match(/M/g)?.length, 2, "the line breaks off");
  assertSays(
    quietReport({ health: health.map((each) => ({ ...each, hll: null })) }),
    "History list length Unknown in this time.",
  );
  assertSays(quietReport(), "Unknown: neither was read in this time.");
});

Deno.test("a comparison says what is hardly chance, and on demand what may be", () => {
  assertSays(
    fullReport(),
    "Compared with 6 Nov 2026 00:00 to 13 Nov 2026 00:00",
    "1 worse, 1 of them hardly by chance; 1 new, 1 of them hardly by chance; 2 improved, 1 of them hardly by chance; " +
      "1 gone, 1 of them hardly by chance.",
    "Improved, hardly by chance: 1 query",
    "140 71 fewer than before",
    "Improved, perhaps by chance: 1",
    "9 7 too few to tell from chance",
  );
  const { compare } = fullReport();
  const none = { ...compare!, worse: [], new: [], gone: [], improved: [change(0, 9, 7, false)] };
  assertSays(fullReport({ compare: none }), "0 worse; 0 new; 1 improved, perhaps by chance; 0 gone.");
  const many = Array.from({ length: 60 }, () => change(0, 1, 90, true));
  assertSays(fullReport({ compare: { ...none, worse: many } }), "10 more: --format json has them all.");
});

Deno.test("a change too small to be told has no sign", () => {
  const { totals } = fullReport();
  const before = { kills: 10_000, would_kill: 0, wasted_ms: 0, distinct: 1 };
  assertSays(fullReport({ totals: { ...totals, kills: 10_001, before } }), "1 more (under 0.1%), 10,000 in");
});

Deno.test("proposals, gates and gaps are listed", () => {
  assertSays(
    fullReport(),
    "v2:7c9e6679f1b2a0de 21 Nov 2026 v2:0000000000000002 21 Nov 2026 the same shape",
    "orders-replica impacted 14 2 h 44 min reporting long-reads 3 6 min 52 s",
    "22 Nov 2026 00:00 24 Nov 2026 00:00 2 days all: the program made no looks",
  );
});

Deno.test("the same report makes the same page", () => {
  assertEquals(reportPage(fullReport()), reportPage(fullReport()));
});
