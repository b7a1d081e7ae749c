// What clients choose, printed by every command and format: it stays text, on its line and in its cell.

import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { runProgram } from "../program.ts";
import { JournalFill } from "./journal_fill.ts";

const BEGIN = Date.UTC(2024, 2, 4);
const TIMES = ["--since", "2024-03-04", "--until", "2024-03-05"];

/** Each is a try to leave its place: in a terminal, a page, a table of Markdown, a spreadsheet. */
const HOSTILE = [
  "\u001b[2J\u001b[31mred",
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "a | b \\| c",
  "[click](https://evil.example)",
  "=HYPERLINK(1)",
  "one\nkill: all\r\n| x |",
  "\u202ereversed\u200b",
  "`code` ``more``",
  "&lt;b&gt;",
  "</td></tr></table>",
];

/** What every command and format prints of a journal that has these texts wherever clients choose one. */
async function outputs(): Promise<ReadonlyMap<string, string>> {
  const folder = await Deno.makeTempDir();
  try {
    const file = join(folder, "query-sniper.sqlite");
    const database = new DatabaseSync(file);
    const fill = new JournalFill(database);
    for (const [index, hostile] of HOSTILE.entries()) {
      const digest = `v2:${String(index).padStart(16, "0")}`;
      fill.decision({
        at: BEGIN + 1000 * index,
        user: hostile,
        host: hostile,
        db: hostile,
        program: hostile,
        tags: { action: hostile },
        note: hostile,
        time_ms: 1000,
        query: { digest, digest_text: hostile, shape: hostile, tables: [hostile] },
        because: [{ expression: "user matches 'x'", left: hostile, right: "x" }],
      });
      fill.run("INSERT INTO mark (at, kind, text) VALUES (?, 'paused', ?)", BEGIN + index, hostile);
    }
    fill.looks("orders", BEGIN, BEGIN + 60_000);
    database.close();
    const formats = [
      ...["pretty", "json", "csv"].map((format) => ["history", format]),
      ...["table", "json", "csv", "markdown", "html"].map((format) => ["report", format]),
    ];
    const found = new Map<string, string>();
    for (const [command, format] of formats) {
      const args = [command!, "--journal", file, ...TIMES, "--format", format!];
      const by = command === "report" ? ["--by", "tag.action"] : [];
      const { code, stdout } = await runProgram([...args, ...by]);
      assertEquals(code, 0, args.join(" "));
      found.set(`${command} ${format}`, stdout);
    }
    return found;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("no text of a client controls a terminal, is markup, a link or a formula", async () => {
  const found = await outputs();
  const lines = (what: string) => found.get(what)!.trimEnd().split("\n");
  for (const [what, text] of found) assert(!/[^\P{Cc}\n]|\p{Cf}/u.test(text), what);
  for (const what of ["report html", "report markdown"]) {
    assert(!/<(?:script|img)\b|javascript:/i.test(found.get(what)!), what);
    for (const hostile of HOSTILE.filter((text) => (what.endsWith("html") ? /[<&]/ : /[<[|&`]/).test(text))) {
      assert(!found.get(what)!.includes(hostile), `${what}: ${hostile}`);
    }
  }
  const markdown = found.get("report markdown")!;
  assert(!/(?<!\\)\]\(|(?<!\\)`|https?:/.test(markdown), markdown);
  const cells = lines("report markdown").filter((line) => line.startsWith("|")).map((line) =>
    line.split("|").length
  );
  assertEquals(new Set(cells), new Set([5, 15]), markdown);
  for (const what of ["history csv", "report csv"]) {
    assert(!/(?:^|,)"?[=+@]/m.test(found.get(what)!), what);
    assertEquals(lines(what).length, 1 + HOSTILE.length, what);
  }
  assertEquals(lines("history json").length, HOSTILE.length);
  const told = lines("history json").map((line) => JSON.parse(line).session.user);
  assertEquals(told, HOSTILE, "JSON has the texts as they are");
  assertEquals(
    lines("history pretty").filter((line) => line.includes("kill query, killed")).length,
    HOSTILE.length,
  );
});
