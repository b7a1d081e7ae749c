import { assertEquals } from "@std/assert";
import { inOrder } from "../../src/http/page/assets/order.js";
import { sentence } from "../../src/http/page/assets/sentence.js";
import { extend, pathOf, STEP, STEPS, topOf, traceOf } from "../../src/http/page/assets/trace.js";
import { ago, clause, count, duration, kills, printable, reading } from "../../src/http/page/assets/words.js";
import type { Row } from "../../src/http/stream/row.ts";
import type { Summary } from "../../src/http/stream/summary.ts";

const CALM: Summary = {
  databases: 412,
  standings: { well: 412 },
  armed: 412,
  gates: { armed: 0, dry: 0 },
  held: {},
  spent: 0,
  kills: {},
  lease: { held: 412, unavailable: 0, elsewhere: {} },
  last_look_ms: 400,
};

/** The sentence as it is read, and how it is meant. */
function said(rest: Partial<Summary>): readonly [tone: string, text: string] {
  const { head, tone, facts } = sentence({ ...CALM, ...rest });
  return [tone, [head, ...facts.map(({ text }) => text)].join(" · ")];
}

Deno.test("the sentence answers whether the fleet is hurt, whether something is done, and whether that helps", () => {
  const rows: readonly (readonly [Partial<Summary>, string, string])[] = [
    [{}, "well", "All 412 databases well · no gate open · no kills in 10 min · armed · lease: here"],
    [
      {
        standings: { well: 409, hurt: 3 },
        gates: { armed: 2, dry: 1 },
        kills: { killed: 12, "rolling-back": 1, retried: 1, gone: 2 },
        lease: { held: 0, unavailable: 0, elsewhere: { "host-b": 412 } },
        armed: 300,
      },
      "bad",
      "3 of 412 databases hurt · 2 armed gates open · 1 dry-run gate open · 14 kills, 0 survived in 10 min · armed on 300, dry run on 112 · lease: host-b",
    ],
    [
      { standings: { unreachable: 1, silent: 2, well: 409 } },
      "warn",
      "3 of 412 databases cannot be watched · no gate open · no kills in 10 min · armed · lease: here",
    ],
    [
      {
        standings: { hurt: 1, unreachable: 1, well: 410 },
        gates: { armed: 1, dry: 0 },
        held: { paused: 411 },
      },
      "bad",
      "1 of 412 databases hurt · kills are paused · 1 unreachable · 1 armed gate open · no kills in 10 min · armed · lease: here",
    ],
    [
      { held: { paused: 412 } },
      "held",
      "Kills are paused on all 412 databases · no gate open · no kills in 10 min · armed · lease: here",
    ],
    [
      { held: { paused: 2, journal: 410 }, spent: 1, kills: { survived: 1, denied: 2 } },
      "well",
      "All 412 databases well · no gate open · 0 kills, 1 survived, 2 failed in 10 min · paused on 2 · nothing killed on 410: the journal cannot be written · budget spent on 1 · armed · lease: here",
    ],
    [
      { armed: 0, kills: { "would-kill": 5 }, lease: { held: 0, unavailable: 0, elsewhere: {} } },
      "well",
      "All 412 databases well · no gate open · 5 would-be kills in 10 min · dry run: nothing is killed",
    ],
    [
      { standings: { connecting: 12, well: 400 } },
      "warn",
      "Connecting to 12 of 412 databases · no gate open · no kills in 10 min · armed · lease: here",
    ],
    [
      { databases: 1, standings: { well: 1 }, armed: 1, lease: { held: 0, unavailable: 1, elsewhere: {} } },
      "well",
      "The database is well · no gate open · no kills in 10 min · armed · no lease on 1: the server cannot lock",
    ],
    [
      { lease: { held: 1, unavailable: 0, elsewhere: { b: 3, c: 2, d: 1, "e\u202E": 1 } } },
      "well",
      "All 412 databases well · no gate open · no kills in 10 min · armed · lease: here (1), b (3), c (2), 2 others",
    ],
    [{ databases: 0, standings: {}, armed: 0 }, "warn", "No database is watched"],
  ];
  for (const [rest, tone, text] of rows) assertEquals(said(rest), [tone, text]);
});

Deno.test("durations and counts are short", () => {
  const durations = [0, 250, 999, 1_000, 42_000, 60_000, 133_000, 3_900_000, 90_000_000, 86_400_000];
  assertEquals(durations.map(duration), [
    ...["0s", "250 ms", "999 ms", "1s", "42s", "1m", "2m 13s", "1h 5m", "1d 1h", "1d"],
  ]);
  assertEquals([0, 400, 12_000].map(ago), ["0.0 s ago", "0.4 s ago", "12s ago"]);
  assertEquals([0, 950, 1_000, 12_345, 1_250_000, 250_000_000].map(count), [
    "0",
    "950",
    "1k",
    "12.3k",
    "1.3M",
    "250M",
  ]);
  assertEquals([reading("lag", null), reading("lag", 0), reading("hll", 1_000)], ["unknown", "0s", "1k"]);
});

Deno.test("a clause shows its values, and what holds in its place", () => {
  const rows: readonly (readonly [Parameters<typeof clause>[0], string, string])[] = [
    [{ expression: "lag > limits.lag", left: "42s", right: "30s" }, "lag 42s > 30s", "lag 42s ≤ 30s"],
    [
      { expression: "hll >= 1M", left: "2M", right: "1M", by: "status" },
      "hll 2M by status >= 1M",
      "hll 2M by status < 1M",
    ],
    [{ expression: "replica", left: "true" }, "replica", "replica: true"],
    [{ expression: "user in ('a', 'b')", left: "a" }, "user in ('a', 'b'): a", "user in ('a', 'b'): a"],
    [
      { expression: "not (lag > 1s)", left: "2s", right: "9s" },
      "not (lag > 1s): 2s against 9s",
      "not (lag > 1s): 2s against 9s",
    ],
    [{ expression: "sql like '%\u202E%'", left: "x" }, "sql like '%\\u202e%': x", "sql like '%\\u202e%': x"],
  ];
  for (const [given, holds, fails] of rows) {
    assertEquals([clause(given), clause(given, false)], [holds, fails]);
  }
  assertEquals(printable("a\u0000\u200Bb\nc"), "a\\u0000\\u200bb\\u000ac");
  assertEquals(kills({ gone: 3 }), { text: "no kills", tone: "plain" });
});

Deno.test("a trace goes on with the worst of each step, has gaps, and forgets", () => {
  const begin = 1_000 * STEP;
  const line = traceOf([1, null, 3], begin);
  assertEquals([line.values.length, line.values.at(-1), line.end], [STEPS, 3, 1_000]);
  extend(line, begin + 1_000, 2);
  assertEquals(line.values.slice(-3), [1, null, 3]);
  extend(line, begin + 3 * STEP, 9);
  assertEquals(line.values.slice(-6), [1, null, 3, null, null, 9]);
  assertEquals([topOf(line, 20), topOf(line, undefined), topOf(traceOf([], 0), undefined)], [23, 10.35, 1]);
  assertEquals(
    pathOf({ values: [null, 5, 10, null, 0], end: 0 }, { top: 10, height: 40 }),
    "M0.5 20.0L1 20.0L2 0.0M3.5 40.0L4 40.0",
  );
  extend(line, begin + 10_000 * STEP, 7);
  assertEquals([line.values.filter((value) => value !== null), line.end], [[7], 11_000]);
  extend(line, begin, 8);
  assertEquals([line.values.length, line.end, line.values.at(-1)], [STEPS, 11_000, 8]);
});

Deno.test("what is worse comes first, and a little worse is the same", () => {
  const row = (name: string, lag: number, rest: Partial<Row> = {}): Row => ({
    ...{ name, standing: "hurt", mode: "enforce", reach: "watched", since: "2026-01-01", interval_ms: 1_000 },
    ...{ values: { lag }, limits: { lag: 30_000 }, budget: "free", recent: [] },
    gates: [{
      policy: "p",
      mode: "enforce",
      state: "open",
      since: `2026-01-02T${name}`,
      ready: true,
      because: [],
    }],
    ...rest,
  });
  const rows = [
    row("f", 0, { standing: "recovering" }),
    row("e", 0, { standing: "silent" }),
    row("d", 0, { standing: "unreachable" }),
    row("c", 300_000, { mode: "dry-run" }),
    row("b", 33_000),
    row("a", 31_000),
    row("z", 130_000),
  ];
  const place = { matches: () => false } as unknown as Parameters<typeof inOrder>[1];
  const sorted = inOrder(rows, place).map(({ name }) => name);
  assertEquals(sorted.join(""), "zabcdef");
});
