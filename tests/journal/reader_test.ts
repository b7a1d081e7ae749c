import { assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { inspectJournal, JournalError, JournalReader, openForUpkeep } from "../../src/journal/mod.ts";
import { SCHEMA } from "../../src/journal/schema.ts";
import { ROOT } from "../program.ts";
import { DAY, fillJournal } from "./filled.ts";
import { JournalFill } from "../report/journal_fill.ts";

/** What a program of version 1 has written. */
const VERSION_1 = await Deno.readTextFile(`${ROOT}tests/fixtures/journal/version-1.sql`);

/** Something that has a file open: to be closed at the end. */
type Holder = { close(): void } | undefined | void;

/** What is said of a file that was made so, by each way to open it. */
async function problemsOf(make: (file: string) => Holder): Promise<readonly (string | undefined)[]> {
  const folder = await Deno.makeTempDir();
  const file = join(folder, "query-sniper.sqlite");
  const holder = make(file);
  try {
    return [JournalReader.open, openForUpkeep].map((open) => {
      try {
        open(file)[Symbol.dispose]();
        return undefined;
      } catch (error) {
        if (!(error instanceof JournalError)) throw error;
        return error.message.replace(file, "FILE");
      }
    });
  } finally {
    holder?.close();
    await Deno.remove(folder, { recursive: true });
  }
}

function sqlite(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

/** A program that has a file for itself. */
function held(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA locking_mode = EXCLUSIVE");
  database.exec(SCHEMA);
  return database;
}

/** Overwrites all but the first bytes of a journal. */
function damage(file: string, from: number): void {
  sqlite(file, SCHEMA);
  const bytes = Deno.readFileSync(file);
  Deno.writeFileSync(file, bytes.fill(77, from));
}

const DAMAGED =
  "FILE: it is damaged: `query-sniper journal check` lists what is wrong; stop query-sniper and move " +
  "the file away, and a new one is begun";
const HELD =
  "FILE: another program holds it for itself, as while it is brought to a newer version: try again in a moment";
const OTHER = "FILE: it is a database of another program: name another file";

Deno.test("a journal that cannot be opened is refused with what to do, by whatever opens it by hand", async () => {
  const rows: readonly (readonly [(file: string) => Holder, string])[] = [
    [
      () => {},
      "FILE: there is no such file: a journal is made where query-sniper runs; --journal names another one",
    ],
    [(file) => Deno.mkdirSync(file), "FILE: it is a folder, and no journal"],
    // What the system does not let anybody open, whoever runs this.
    [
      (file) => Deno.listen({ transport: "unix", path: file }),
      "FILE: it may not be read: run this as the account that runs query-sniper",
    ],
    [
      (file) => Deno.writeTextFileSync(file, "SELECT 1;\n".repeat(200)),
      "FILE: it is no journal, and no database: name another file",
    ],
    [(file) => sqlite(file, "CREATE TABLE notes (text TEXT)"), OTHER],
    [(file) => sqlite(file, "CREATE TABLE notes (text TEXT); PRAGMA user_version = 2"), OTHER],
    [
      (file) => sqlite(file, "PRAGMA user_version = 3"),
      "FILE: it is of version 3, and this program knows up to 2: run the newer program, or name another file",
    ],
    [held, HELD],
    [(file) => damage(file, 100), DAMAGED],
  ];
  for (const [make, problem] of rows) assertEquals(await problemsOf(make), [problem, problem]);
});

Deno.test("what upkeep would bring up to date is refused where it is only read", async () => {
  const rows: readonly (readonly [(file: string) => Holder, string])[] = [
    [
      (file) => sqlite(file, VERSION_1),
      "FILE: it has kills in the shape of version 1: `query-sniper run` and `query-sniper once` bring it up to date " +
      "when they start, and so does `query-sniper journal compact`",
    ],
    [
      (file) => Deno.writeTextFileSync(file, ""),
      "FILE: there is nothing in it yet: no program has written to it",
    ],
  ];
  for (const [make, problem] of rows) assertEquals(await problemsOf(make), [problem, undefined]);
});

Deno.test("damage that is found while reading is told in words too, and a check lists it", async () => {
  const folder = await Deno.makeTempDir();
  const file = join(folder, "query-sniper.sqlite");
  try {
    fillJournal(file, { to: 10 * DAY, days: 5, perDay: 200 });
    using whole = new DatabaseSync(file);
    const { rootpage } = whole.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'decision'").get()!;
    whole.close();
    const bytes = await Deno.readFile(file);
    const at = (Number(rootpage) - 1) * 4096;
    await Deno.writeFile(file, bytes.fill(77, at, at + 4096));
    using journal = JournalReader.open(file);
    assertThrows(() => journal.all("SELECT * FROM decision"), JournalError, DAMAGED.replace("FILE", file));
    assertThrows(() => inspectJournal(journal), JournalError, "the file is damaged: ");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
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
    assertThrows(() => journal.all("DELETE FROM decision"), JournalError);
  } finally {
    writer.close();
    await Deno.remove(folder, { recursive: true });
  }
});
