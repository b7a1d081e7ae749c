import { assert, assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { Journal, JournalError, JournalReader } from "../../src/journal/mod.ts";
import { addDecision } from "../../src/journal/decisions.ts";
import { ADDED, SCHEMA } from "../../src/journal/schema.ts";
import { historyOf } from "../../src/report/history.ts";
import { ROOT } from "../program.ts";
import { entryAt, openForTest } from "./filled.ts";
import { journalRows, queryJournal, withJournal } from "./rows.ts";

/** What a program of version 1, at commit 9db98d1, has written: eight kills, one of them without an outcome. */
const VERSION_1 = await Deno.readTextFile(`${ROOT}tests/fixtures/journal/version-1.sql`);

const NOON = Date.UTC(2026, 10, 20, 12);

/** A file with this SQL in it, and a journal over it. */
async function withFile(
  sql: string,
  test: (file: string, journal: Journal, told: (string | undefined)[]) => void,
): Promise<void> {
  await withJournal((journal, file, told) => {
    execute(file, sql);
    test(file, journal, told);
  });
}

function execute(file: string, sql: string): void {
  using database = new DatabaseSync(file);
  database.exec(sql);
}

function versionOf(file: string): unknown {
  return queryJournal(file, "PRAGMA user_version")[0]!["user_version"];
}

function tablesOf(file: string): readonly unknown[] {
  return queryJournal(file, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .map(({ name }) => name);
}

Deno.test("a journal of version 1 becomes one of version 2, with every kill", () =>
  withFile(VERSION_1, (file, journal) => {
    const before = queryJournal(file, "SELECT * FROM kill ORDER BY id");
    assert(journal.isUsable());
    assertEquals([versionOf(file), tablesOf(file).includes("kill")], [2, false]);
    const rows = journalRows(file);
    const kept = ["at", "database", "server", "policy", "action", "execution", "outcome", "took_ms", "note"];
    const pick = (row: Readonly<Record<string, unknown>>) => kept.map((name) => row[name]);
    assertEquals(rows.map(pick), before.map(pick));
    for (const [index, row] of rows.entries()) assertSame(row, before[index]!);
    assertEquals(rows.map(({ intended, hash }) => [intended, hash]), rows.map(() => [1, ""]));
    assertEquals(rows[0]!["shape"], "select orders, users");
    assertEquals(queryJournal(file, "PRAGMA integrity_check")[0]!["integrity_check"], "ok");
  }));

/** What was JSON in version 1 says the same. */
function assertSame(row: Readonly<Record<string, unknown>>, before: Readonly<Record<string, unknown>>): void {
  const session = JSON.parse(String(before["session"]));
  assertEquals([row["session"], row["user"], row["host"]], [session.id, session.user, session.host]);
  assertEquals(row["program"], session.program ?? "");
  assertEquals(row["time_ms"], session.time_ms ?? session.idle_time_ms);
  const statement = JSON.parse(String(before["statement"]));
  assertEquals([row["digest"], row["digest_text"]], [
    statement?.digest ?? null,
    statement?.digest_text ?? null,
  ]);
  assertEquals(row["tags"], statement === null ? null : JSON.stringify(statement.tags));
  const evidence = JSON.parse(String(row["evidence"]));
  const because = JSON.parse(String(row["expressions"]))
    .map((expression: string, index: number) => ({ expression, ...evidence[index] }));
  assertEquals(because, JSON.parse(String(before["because"])));
}

Deno.test("a migrated journal counts for the budget, and tells what was abandoned", () =>
  withFile(VERSION_1, (file, journal) => {
    assertEquals(journal.spent("users", NOON - 1).map(({ at }) => (at - NOON) / 43_200_000), [0, 4, 6, 8]);
    const [intent, ...more] = journal.abandoned(Number.MAX_SAFE_INTEGER);
    assertEquals([intent!.database, intent!.session, more], ["users", 18, []]);
    const days = queryJournal(file, "SELECT sum(count) AS kills FROM day_digest");
    assertEquals(days[0]!["kills"], 8, "each kill has an outcome by now, and is counted");
  }));

Deno.test("a program of version 1 that runs on beside this one loses no kill", () =>
  withFile(VERSION_1, (file, journal) => {
    assert(journal.isUsable());
    journal.close();
    execute(file, VERSION_1.replaceAll(/CREATE TABLE probe.*|INSERT INTO probe.*/g, ""));
    assertEquals(versionOf(file), 1);
    assert(journal.isUsable());
    assertEquals([versionOf(file), journalRows(file).length], [2, 16]);
  }));

Deno.test("a journal of the first programs of version 2 gets what these did not write", () =>
  withFile(SCHEMA.replace(ADDED, ""), (file) => {
    const row = "1, 0, 1, 1, 1, 1, 1, 1, '[]', 5, 1";
    const names = "id, at, database, server, policy, action, actor, clauses, evidence, session, intended";
    execute(
      file,
      "INSERT INTO word VALUES (1, 'kill query'); INSERT INTO database VALUES (1, 'orders'); " +
        "INSERT INTO server VALUES (1, ''); INSERT INTO policy VALUES (1, 'long', '', 0); " +
        "INSERT INTO actor VALUES (1, 'app', '', '', ''); INSERT INTO clauses VALUES (1, '[]'); " +
        `INSERT INTO decision (${names}) VALUES (${row})`,
    );
    assertThrows(
      () => JournalReader.open(file),
      JournalError,
      "it is of an older program: `query-sniper run`",
    );
    const database = openForTest(file);
    addDecision(database, entryAt(1, { mode: "dry-run", outcome: "would-kill" }));
    // A program of before knows nothing of it, and goes on.
    database.exec(`INSERT INTO decision (${names}) VALUES (${row.replace("1, 0", "9, 2")})`);
    database.close();
    using reader = JournalReader.open(file);
    const found = [...historyOf(reader, { period: { from: 0, to: 10 } })];
    assertEquals(found.map(({ mode, session }) => [mode, session.command]), [
      [undefined, undefined],
      ["dry-run", "Query"],
      [undefined, undefined],
    ]);
    assertEquals(versionOf(file), 2);
  }));

Deno.test("a kill of version 1 with damaged parts is kept", () =>
  withFile(
    `${VERSION_1}UPDATE kill SET session = '{', statement = 'x', because = '' WHERE id = 1;`,
    (file) => {
      const journal = new Journal(file, () => {});
      assert(journal.isUsable());
      const [row] = journalRows(file);
      assertEquals([row!["outcome"], row!["session"], row!["digest"]], ["killed", 0, null]);
      journal.close();
    },
  ));

Deno.test("a journal of a newer version, or of another program, is refused in words and not touched", async () => {
  const newer = "CREATE TABLE decision (id INTEGER); PRAGMA user_version = 3;";
  const other = "CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('somebody''s');";
  const cases = [
    [
      newer,
      "it is of version 3, and this program knows up to 2: run the newer program, or name another file",
    ],
    [other, "it is a database of another program: name another file"],
  ] as const;
  for (const [sql, message] of cases) {
    await withFile(sql, (file, journal, told) => {
      const before = Deno.readFileSync(file);
      assertEquals(journal.isUsable(), false);
      assertEquals(told, [message]);
      const error = assertThrows(() => JournalReader.open(file), JournalError);
      assertEquals(error.message, `${file}: ${message}`);
      assertEquals(Deno.readFileSync(file), before);
    });
  }
});

Deno.test("a reader refuses what is not migrated yet, and reads it afterwards", () =>
  withFile(VERSION_1, (file, journal) => {
    assertThrows(() => JournalReader.open(file), JournalError, "it has kills in the shape of version 1");
    assert(journal.isUsable());
    using reader = JournalReader.open(file);
    assertEquals(reader.first("SELECT count(*) AS n FROM decision"), { n: 8 });
    assertThrows(() => reader.all("DELETE FROM decision"), JournalError, "readonly");
  }));
