import { assert, assertEquals } from "@std/assert";
import { reportPage } from "../../../src/report/html/page.ts";
import { entryPoint, fullReport, row } from "./fixture.ts";
import { assertSays, textOf } from "./page_text.ts";

Deno.test("exempt rows stand apart, expired ones first", () => {
  const said = textOf(fullReport());
  const places = [
    "Queries",
    "SLEEP",
    "Exempt Their owners",
    "Exemption expired on 2026-11-24",
    "Exempt until 2027-01-31",
  ];
  assertEquals(
    places.map((text) => said.indexOf(text)),
    places.map((text) => said.indexOf(text)).toSorted((a, b) => a - b),
  );
  assert(places.every((text) => said.includes(text)));
  assertSays(
    fullReport({
      rows: [row({ exempt: { owner: "stock", reason: "nightly", until: null, expired: false } })],
    }),
    "Exempt, no end stock: nightly",
    "nightly; owner stock, without an end",
  );
});

Deno.test("a row has its figures, its ranks, and who, where and when", () => {
  const one = row({
    kills: 1234,
    mean_ms: null,
    share: 0.0301,
    ranks: { kills: 1, share: 3, wasted_ms: 2 },
    before: null,
    databases: [],
    entry_points: [entryPoint({ user: "", host: "", tags: { route: "/x", job: "y" } })],
    entry_points_total: 41,
    same_as: ["v2:old"],
  });
  assertSays(
    fullReport({ rows: [one] }),
    "1,234 before: no data",
    "unknown",
    "3% rank 3",
    "12 s rank 2",
    "by (unknown)",
    "Databases unknown",
    "Counted with it (aliases) v2:old",
    "(unknown) (unknown) – route=/x, job=y 1 0",
    "40 more not listed.",
    "First seen 20 Nov 2026 01:00",
  );
  assertSays(fullReport({ rows: [row({ before: 0 })] }), "1 before: none");
  assertSays(fullReport({ rows: [row({ entry_points: [], entry_points_total: 0 })] }), "caller unknown");
});

Deno.test("of very many rows those that are first in any rank are shown, and the others counted", () => {
  const rows = Array.from({ length: 300 }, (_, index) =>
    row({
      digest_text: `SELECT ${"?, ".repeat(index)}?`,
      kills: 300 - index,
      ranks: { kills: index + 1, share: null, wasted_ms: 300 - index },
    }));
  const page = reportPage(fullReport({ rows }));
  assertEquals(page.match(/<tr role="row" class="more">/g)?.length, 100);
  assertSays(fullReport({ rows }), "200 more with 30,100 kills together are not shown: --format csv");
});
