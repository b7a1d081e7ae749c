import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { entryAt, fillJournal, openForTest } from "../journal/filled.ts";
import { addDecision } from "../../src/journal/decisions.ts";
import { transaction } from "../../src/journal/sql.ts";
import { journalRows } from "../journal/rows.ts";
import { sample } from "../pages.ts";
import { runProgram } from "../program.ts";

const DAY = 86_400_000;

async function withJournal(test: (file: string, folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const file = join(folder, "query-sniper.sqlite");
  try {
    await test(file, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const run = (...args: readonly string[]) => runProgram(["journal", ...args]);

Deno.test("journal check says what a journal has, and that it is sound", () =>
  withJournal(async (file, folder) => {
    fillJournal(file, { to: Date.UTC(2026, 10, 20), days: 2, perDay: 50 });
    const config = join(folder, "query-sniper.yaml");
    await Deno.writeTextFile(config, "databases: [{ name: orders, host: h }]\n");
    const { code, stdout, stderr } = await run("check", "-c", config);
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(
      stdout,
      "100 decisions, 2026-11-18T00:14Z to 2026-11-19T23:45Z; without an outcome: 0",
    );
    assertStringIncludes(stdout, "sound");
    const json = JSON.parse((await run("check", "--journal", file, "--format", "json")).stdout);
    assertEquals([json.version, json.decisions, json.problems], [2, 100, []]);
  }));

Deno.test("the commands and the configuration in docs/journal.md work", () =>
  withJournal(async (file, folder) => {
    fillJournal(file, { to: Date.now(), days: 10, perDay: 10 });
    const config = `${sample("journal-retention")}databases: [{ name: orders, host: h }]\n`;
    await Deno.writeTextFile(join(folder, "query-sniper.yaml"), config);
    const commands = sample("journal-upkeep").trim().split("\n");
    assertEquals(commands.length, 4);
    for (const command of commands) {
      const [, task] = /^query-sniper journal (\w+) +# /.exec(command)!;
      const { code, stderr } = await runProgram(["journal", task!], { cwd: folder });
      assertEquals([code, stderr], [0, ""], command);
    }
  }));

Deno.test("journal check exits with 1 and says what is wrong", () =>
  withJournal(async (file) => {
    fillJournal(file, { to: Date.UTC(2026, 10, 20), days: 3, perDay: 50 });
    {
      using journal = new DatabaseSync(file);
      journal.exec("PRAGMA foreign_keys = OFF");
      journal.exec("UPDATE day_digest SET count = count + 1 WHERE day = (SELECT max(day) FROM day_digest)");
      journal.exec("DELETE FROM actor WHERE id = 1");
    }
    const { code, stdout } = await run("check", "--journal", file);
    assertEquals(code, 1);
    assertStringIncludes(stdout, "a row of decision names one of actor that is not there");
    assertStringIncludes(stdout, "the sums of a day are not those of its decisions: 2026-11-19");
    const bytes = await Deno.readFile(file);
    bytes.fill(7, 40_000, 90_000);
    await Deno.writeFile(file, bytes);
    const damaged = await run("check", "--journal", file);
    assertEquals(damaged.code, 1);
    assert(!/\bat .*\.ts:/.test(damaged.stderr), damaged.stderr);
  }));

Deno.test("journal prune deletes what is too old, and compact gives the space back", () =>
  withJournal(async (file) => {
    fillJournal(file, { to: Date.now(), days: 40, perDay: 100 });
    const pruned = await run("prune", "--journal", file, "--keep", "10d");
    assertEquals([pruned.code, pruned.stderr], [0, ""]);
    const rows = journalRows(file);
    assert(rows.length >= 1000 && rows.length < 1100, `${rows.length} rows`);
    const { size } = await Deno.stat(file);
    const compacted = await run("compact", "--journal", file);
    assertEquals([compacted.code, compacted.stderr], [0, ""]);
    assert((await Deno.stat(file)).size < size);
    assertEquals(journalRows(file).length, rows.length);
    assertEquals((await run("check", "--journal", file)).code, 0);
    const short = await run("prune", "--journal", file, "--keep", "7d");
    assertEquals(short.code, 2);
    assertStringIncludes(short.stderr, '--keep is a duration such as 400d, at least 8d: "7d"');
  }));

Deno.test("journal compact and prune run beside a program that writes", () =>
  withJournal(async (file) => {
    fillJournal(file, { to: Date.now(), days: 40, perDay: 10 });
    using other = openForTest(file);
    other.prepare("SELECT count(*) FROM decision").get();
    for (const task of ["prune", "compact"]) {
      assertEquals((await run(task, "--journal", file, "--keep", "10d")).code, 0);
      transaction(other, () => addDecision(other, entryAt(Date.now())));
    }
    assertEquals((await run("check", "--journal", file)).code, 0);
  }));

Deno.test("journal export prints an object for each decision, and goes on behind one", () =>
  withJournal(async (file) => {
    {
      using journal = openForTest(file);
      transaction(journal, () => {
        addDecision(journal, entryAt(Date.UTC(2026, 10, 20), { note: "<b>\u202e\u001b[31m" }));
        addDecision(
          journal,
          entryAt(Date.UTC(2026, 10, 21), { statement: undefined, outcome: "would-kill" }),
        );
        addDecision(journal, entryAt(Date.now() - DAY, { outcome: null }));
        addDecision(journal, entryAt(Date.now(), { outcome: null }));
        addDecision(journal, entryAt(Date.now()));
      });
    }
    const { code, stdout, stderr } = await run("export", "--journal", file);
    assertEquals([code, stderr], [0, ""]);
    for (const unseen of ["\u202e", "\u001b"]) {
      assert(!stdout.includes(unseen), "what acts on a terminal is escaped");
    }
    const lines = stdout.trim().split("\n").map((line) => JSON.parse(line));
    assertEquals(lines.map(({ id, outcome }) => [id, outcome]), [[1, "killed"], [2, "would-kill"], [
      3,
      null,
    ]]);
    assertEquals(lines[0], {
      ...{
        version: 1,
        id: 1,
        at: "2026-11-20T00:00:00.000Z",
        database: "db-0",
        server: "one 1",
        policy: "long",
      },
      ...{ policy_hash: "h", action: "kill query", outcome: "killed", reason: null, digest: "v2:0" },
      ...{ digest_text: "SELECT ? FROM t0", shape: "select t0", verb: "select", tables: ["t0"] },
      ...{ server_digest: null, tags: {}, user: "user-0", host: "10.0.0.1", db: "shop", program: "" },
      ...{
        session: 0,
        execution: `1:${Date.UTC(2026, 10, 20)}`,
        time_ms: 12_000,
        took_ms: 1.5,
        intended: true,
      },
      because: [{ expression: "time > 10s", left: "0s", right: "10s" }],
      note: "<b>\u202e\u001b[31m",
      ...{ mode: "enforce", escalation: false, command: "Query", idle: false },
    });
    const more = (await run("export", "--journal", file, "--after", "2")).stdout.trim().split("\n");
    assertEquals(more.map((line) => JSON.parse(line).id), [3]);
  }));

Deno.test("journal says in words what it cannot do", () =>
  withJournal(async (file, folder) => {
    const text = join(folder, "notes");
    await Deno.writeTextFile(text, "these are somebody's notes, and no database");
    const cases = [
      [["--journal", file], 2, "journal is told one of check, compact, prune, export"],
      [
        ["chek", "--journal", file],
        2,
        'journal is told one of check, compact, prune, export: "chek" (did you mean "check"?)',
      ],
      [["check", "--journal", "/dev/null"], 1, "there is nothing in it yet: no program has written to it"],
      [["check", "--journal", `${file}-none`], 1, "there is no such file"],
      [["prune", "--journal", `${file}-none`], 1, "there is no such file"],
      [
        ["check", "--journal", text],
        1,
        `query-sniper: ${text}: it is no journal, and no database: name another file`,
      ],
      [
        ["compact", "--journal", text],
        1,
        `query-sniper: ${text}: it is no journal, and no database: name another file`,
      ],
      [
        ["export", "--journal", file, "--after", "x"],
        2,
        '--after is the id of a decision, a whole number: "x"',
      ],
    ] as const;
    for (const [args, expected, words] of cases) {
      const { code, stdout, stderr } = await run(...args);
      assertEquals([code, stdout], [expected, ""], args.join(" "));
      assertStringIncludes(stderr, words);
    }
  }));
