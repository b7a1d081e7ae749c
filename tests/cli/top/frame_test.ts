import { assert, assertEquals } from "@std/assert";
import { textWidth } from "../../../src/text/width.ts";
import { press } from "../../../src/cli/commands/top/press.ts";
import { frame } from "../../../src/cli/commands/top/view/frame.ts";
import { textOf } from "../../../src/cli/commands/top/terminal/line.ts";
import { painted } from "../../../src/cli/commands/top/terminal/line.ts";
import type { Model } from "../../../src/cli/commands/top/model.ts";
import { asked, database, explanation, gate, model, NOW, session, shown } from "./fixture.ts";

const FLEET = model({
  databases: [
    database("fine", { mode: "dry-run" }),
    database("quiet", { values: { lag: null, hll: 1_234_567, threads_running: 14 } }),
    database("hurt", { gates: [gate("impacted"), gate("always", { because: [] })], values: { lag: 42_000 } }),
    database("rehearsed", { mode: "dry-run", gates: [gate("impacted", { mode: "dry-run" })] }),
    database("unknown", { gates: [gate("impacted", { state: "unknown" })] }),
    database("away", { reach: "unreachable", reason: "connect ECONNREFUSED", since: NOW - 90_000 }),
    database("coming", { reach: "connecting" }),
  ],
  chosen: "hurt",
});

const OPENED = model({
  ...{ databases: [database("orders", { gates: [gate("impacted")], values: { lag: 42_000 } })] },
  ...{ view: "database", opened: "orders", session: 12 },
  look: explanation([
    session(12),
    session(3, { verdicts: [{ policy: "impacted", selects: false, because: [] }] }),
    session(4, { verdicts: [{ policy: "impacted", selects: null, because: [] }] }),
  ]),
});

Deno.test("the fleet: one sentence, then the worst first", () => {
  assertEquals(shown(FLEET, 80, 12), [
    "7 databases, 2 hurt, 1 unreachable, 1 connecting",
    "  DATABASE     MODE       LAG HISTORY   RUN STATE",
    "> hurt         enforce    42s               impacted open 12s",
    "  rehearsed    dry-run     0s     120     3 impacted open 12s (dry run)",
    "  away         enforce     0s     120     3 unreachable 1m 30s: connect ECONNRE…",
    "  unknown      enforce     0s     120     3 impacted unknown 12s",
    "  coming       enforce     0s     120     3 connecting",
    "  quiet        enforce      ?    1.2M    14 ok",
    "  fine         dry-run     0s     120     3 ok",
    "",
    "",
    "? help · q quit · Enter sessions · / filter · p freeze",
  ]);
});

Deno.test("a database: its gates with what opened them, who is in question, and why", () => {
  assertEquals(
    shown(OPENED, 80, 16),
    [
      "orders, enforce, lag 42s, mysql 9.7.4",
      "  impacted (kill query): open 12s: lag > limits.lag: 42s against 30s",
      "  SESSION USER     DB        AGE VERDICT                STATEMENT",
      ">      12 app      orders    12s kill query (impacted)  SELECT * FROM `t` WHERE…",
      "        4 app      orders     4s not selected, since n… SELECT * FROM `t` WHERE…",
      "",
      "",
      "",
      "",
      "────────────────────────────────────────────────────────────────────────────────",
      "session 12 of app@10.0.0.5 in orders, running for 12s",
      "v2:9f86d081884c7d65: SELECT * FROM `t` WHERE `id` = ?",
      "  impacted: kill query",
      "    time > 10s: 12s",
      "? help · q quit · Esc back · k kill · / filter · a all · p freeze",
    ].toSpliced(5, 0, ""),
  );
});

Deno.test("the question names session, user, digest and action, and what would be lost", () => {
  const costs = [{ expression: "rows_modified > limits.rollback_rows", left: "2000000", right: "100000" }];
  const text = shown({ ...OPENED, asked: asked(12, { costs }) }).slice(-7);
  assertEquals(
    text,
    [
      "────────────────────────────────────────────────────────────────────────────────",
      "kill query on orders: session 12 of app@10.0.0.5 in orders, running for 12s",
      "select, v2:9f86d081884c7d65: SELECT * FROM `t` WHERE `id` = ?",
      "Mind that rows_modified > limits.rollback_rows: 2000000 against 100000",
      "This ends the statement that the session runs",
      "y: kill query of session 12 (app) · c: kill connection · other keys: leave it",
    ].toSpliced(0, 0, text[0]!),
  );
});

Deno.test("whatever the size, a frame has as many lines as the screen, none wider, and keeps its question", () => {
  const hostile = session(13, {
    session: {
      id: 13,
      user: "e\u001b[2J\u202evil\n",
      host: "日本",
      db: "👍👍👍👍👍",
      command: "Query",
      time_ms: 9e12,
    },
  });
  const models: readonly Model[] = [
    ...[FLEET, OPENED, { ...OPENED, asked: asked(12) }, { ...FLEET, help: true }, {
      ...OPENED,
      paused: "by x: deploy",
    }],
    ...[model(), { ...OPENED, filter: "nobody" }, { ...FLEET, filter: "none", isTyping: true }],
    { ...OPENED, look: explanation([hostile]), session: 13, every: true, frozen: NOW - 5000 },
    { ...FLEET, note: { text: "x".repeat(300), tone: "bad" } },
  ];
  for (const [columns, rows] of [[80, 24], [40, 10], [200, 60], [20, 4], [1, 1], [3, 2], [0, 0]] as const) {
    for (const [index, each] of models.entries()) {
      const lines = frame(each, { columns, rows });
      assertEquals(lines.length, rows, `${index} at ${columns}x${rows}`);
      for (const line of lines) {
        const text = painted(line, { width: columns, color: false });
        assert(textWidth(text) <= columns, `${index} at ${columns}x${rows}: ${text}`);
        // deno-lint-ignore no-control-regex
        assert(!/[\u0000-\u001f\u007f-\u009f\u202e]/.test(text), text);
      }
    }
  }
  for (const rows of [10, 4]) {
    const small = frame({ ...OPENED, asked: asked(12) }, { columns: 40, rows }).map(textOf);
    assertEquals(small.slice(-2).map((text) => text.trimEnd()), [
      "y: kill query of session 12 (app) · c:",
      "kill connection · other keys: leave it",
    ]);
  }
});

Deno.test("colors are there only where they are wanted, and never the only difference", () => {
  const line = [{ text: "> " }, { text: "hurt", style: "bad" }] as const;
  assertEquals(painted(line, { width: 80, color: false }), "> hurt");
  assertEquals(painted(line, { width: 80, color: true }), "> \x1b[1;31mhurt\x1b[0m");
  assertEquals(painted(line, { width: 4, color: false }), "> h…");
});

Deno.test("a frozen display says so, with the time since", () => {
  const { model } = press({ ...FLEET, now: NOW }, "p");
  assert(shown({ ...model, now: NOW + 65_000 }).at(-1)!.startsWith("FROZEN 1m 5s ? help"));
});

Deno.test("kills that are paused are told above everything", () => {
  assertEquals(
    shown({ ...FLEET, paused: 'the file /p: "deploy"' })[0],
    'Kills are paused: the file /p: "deploy"',
  );
});
