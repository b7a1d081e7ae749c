import { assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { JournalReader, JournalReadError } from "../../src/journal/mod.ts";
import { JournalFill } from "../report/journal_fill.ts";

/** What is said of a file that was made so; undefined where it can be read. */
async function problemOf(make: (file: string) => void): Promise<string | undefined> {
  const folder = await Deno.makeTempDir();
  const file = join(folder, "query-sniper.sqlite");
  try {
    make(file);
    JournalReader.open(file)[Symbol.dispose]();
  } catch (error) {
    if (!(error instanceof JournalReadError)) throw error;
    return error.message.replace(file, "FILE");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function sqlite(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

Deno.test("a journal that cannot be read is refused with what to do", async () => {
  const rows: readonly (readonly [(file: string) => void, string])[] = [
    [
      () => {},
      "FILE: there is no journal: it is made where a database is armed, or name another file (--journal, $STATE_DIRECTORY)",
    ],
    [(file) => Deno.mkdirSync(file), "FILE: it is a folder, and no journal"],
    [
      (file) => Deno.writeTextFileSync(file, "SELECT 1;\n".repeat(200)),
      "FILE: it is no journal of query-sniper: no file of SQLite",
    ],
    [
      (file) => Deno.writeTextFileSync(file, ""),
      "FILE: it is no journal of query-sniper: there is nothing of one in it",
    ],
    [
      (file) => sqlite(file, "CREATE TABLE kill (id INTEGER); PRAGMA user_version = 1"),
      'FILE: the journal is of version 1, and this program reads version 2: "query-sniper run" or "query-sniper once" brings it there when it starts',
    ],
    [
      (file) => sqlite(file, "PRAGMA user_version = 3"),
      "FILE: the journal is of version 3, and this program reads version 2: read it with the program that wrote it, or a later one",
    ],
  ];
  for (const [make, problem] of rows) assertEquals(await problemOf(make), problem);
});

Deno.test("a journal is read while a program writes to it, and neither changes it nor waits", async () => {
  const folder = await Deno.makeTempDir();
  const file = join(folder, "query-sniper.sqlite");
  const writer = new DatabaseSync(file);
  try {
    writer.exec("PRAGMA journal_mode = WAL");
    const fill = new JournalFill(writer);
    fill.decision({ at: 1 });
    using journal = JournalReader.open(file);
    const count = () => journal.first<{ readonly n: number }>("SELECT count(*) AS n FROM decision")!.n;
    writer.exec("BEGIN IMMEDIATE");
    fill.decision({ at: 2 });
    assertEquals(count(), 1, "what is not committed is not there");
    journal.atOnce(() => {
      assertEquals(count(), 1);
      writer.exec("COMMIT");
      assertEquals(count(), 1, "one moment");
    });
    assertEquals(count(), 2);
    assertThrows(() => journal.all("DELETE FROM decision"), JournalReadError);
  } finally {
    writer.close();
    await Deno.remove(folder, { recursive: true });
  }
});
