// What goes on with a journal's file beside the connection that writes kills to it.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { BatchWriter } from "../../src/journal/batch_writer.ts";
import { Journal, JournalError, JournalReader, openForUpkeep } from "../../src/journal/mod.ts";
import { systemClock } from "../../src/clock.ts";
import type { Decision } from "../../src/policy/mod.ts";
import { look, policy, rules, session } from "../policy/fixture.ts";
import { journalRows } from "./rows.ts";

const NOON = Date.UTC(2026, 10, 20, 12);
const LOST = "deleted, emptied or replaced while it was open";

function decision(): Decision {
  return look(rules([policy()]), { sessions: [session({ sql: "SELECT 1" })] }).decisions[0]!;
}

/** Both connections that a program has. `told`: the failures and recoveries of the one for kills. */
interface Both extends AsyncDisposable {
  readonly file: string;
  readonly journal: Journal;
  readonly writer: BatchWriter;
  readonly told: readonly (string | undefined)[];
}

async function openBoth(): Promise<Both> {
  const file = join(await Deno.makeTempDir(), "j.sqlite");
  const told: (string | undefined)[] = [];
  const journal = new Journal(file, (failure) => told.push(failure));
  const { signal } = new AbortController();
  const writer = new BatchWriter(file, { clock: systemClock, signal, lost: () => {} });
  return {
    file,
    journal,
    writer,
    told,
    async [Symbol.asyncDispose]() {
      journal.close();
      writer.close();
      await Deno.remove(dirname(file), { recursive: true });
    },
  };
}

/** The locks of this process that say that a file of SQLite is in use, as Linux tells them. */
function locksOn(file: string): readonly string[] {
  const { ino } = Deno.statSync(file);
  const own = new RegExp(`POSIX +ADVISORY +READ +${Deno.pid} +\\S+:${ino} 1073741826 `);
  return Deno.readTextFileSync("/proc/locks").split("\n").filter((line) => own.test(line));
}

// Without it, whoever else closes the file takes itself for the last one, and older SQLites then delete the log.
Deno.test("a journal keeps its lock on the file when the chronicle opens it too", async () => {
  await using both = await openBoth();
  const { file, journal, writer } = both;
  assert(journal.isUsable());
  assertEquals(locksOn(file).length, 1);
  assert(writer.now((database) => database.prepare("SELECT * FROM probe").all()) !== undefined);
  assertEquals(locksOn(file).length, 1, "with both");
});

Deno.test("a journal keeps its lock on the file when the same program reads it, as for the API", async () => {
  await using both = await openBoth();
  const { file, journal } = both;
  assert(journal.isUsable());
  for (const open of [JournalReader.open, openForUpkeep]) {
    open(file)[Symbol.dispose]();
    assertEquals(locksOn(file).length, 1);
  }
});

for (
  const [what, gone] of [["file", [""]], ["log", ["-wal", "-shm"]], ["file and log", [
    "",
    "-wal",
    "-shm",
  ]]] as const
) {
  Deno.test(`a journal whose ${what} is deleted refuses the next kill in words, and then works again`, async () => {
    await using both = await openBoth();
    const { file, journal, told } = both;
    journal.conclude(journal.intend("orders", decision(), NOON), { outcome: "killed", took_ms: 1 });
    for (const suffix of gone) await Deno.remove(`${file}${suffix}`);
    assertThrows(() => journal.intend("orders", decision(), NOON), JournalError, LOST);
    assert(journal.isUsable());
    journal.intend("orders", decision(), NOON + 1);
    assertEquals(journalRows(file).at(-1)!["at"], NOON + 1);
    assertEquals(told.length, 2);
  });
}

Deno.test("a journal whose file is cut to nothing refuses the next kill in words", async () => {
  await using both = await openBoth();
  const { file, journal } = both;
  journal.conclude(journal.intend("orders", decision(), NOON), { outcome: "killed", took_ms: 1 });
  await Deno.truncate(file);
  assertThrows(() => journal.intend("orders", decision(), NOON), JournalError, LOST);
  // Its log still has all of it.
  assert(journal.isUsable());
  journal.intend("orders", decision(), NOON + 1);
  assertEquals(journalRows(file).map(({ at }) => at), [NOON, NOON + 1]);
});

Deno.test("whether a deleted journal can be written to is asked before a kill is planned", async () => {
  await using both = await openBoth();
  const { file, journal } = both;
  assert(journal.isUsable());
  await Deno.remove(file);
  assertEquals([journal.isUsable(), journal.isUsable()], [false, true]);
});

Deno.test("an outcome is not written under an intent of the file that replaced its own", async () => {
  await using both = await openBoth();
  const { file, journal } = both;
  const before = journal.intend("orders", decision(), NOON);
  for (const suffix of ["", "-wal", "-shm"]) await Deno.remove(`${file}${suffix}`);
  assertEquals(journal.isUsable(), false);
  const after = journal.intend("orders", decision(), NOON + 1);
  assertThrows(() => journal.conclude(before, { outcome: "killed", took_ms: 1 }), JournalError, "is gone");
  assert(journal.isUsable());
  assertEquals(journalRows(file).map(({ outcome }) => outcome), [null]);
  journal.conclude(after, { outcome: "gone", took_ms: 1 });
  assertEquals(journalRows(file).map(({ outcome }) => outcome), ["gone"]);
});

Deno.test("what is written behind goes to the file that is there", async () => {
  await using both = await openBoth();
  const { file, writer } = both;
  const add = (database: DatabaseSync) => database.exec("INSERT INTO word (text) VALUES ('here')");
  writer.now((database) => database.exec("DELETE FROM probe"));
  for (const suffix of ["", "-wal", "-shm"]) await Deno.remove(`${file}${suffix}`);
  writer.add(add);
  await writer.flush(5000);
  using database = new DatabaseSync(file);
  assertEquals(database.prepare("SELECT text FROM word").all().map(({ text }) => text), ["here"]);
});

Deno.test("a journal that is busy for a while keeps its files open", async () => {
  await using both = await openBoth();
  const { file, journal, writer } = both;
  assert(journal.isUsable());
  writer.now((database) => database.exec("DELETE FROM probe"));
  const files = () =>
    [...Deno.readDirSync(`/proc/${Deno.pid}/fd`)].flatMap(({ name }) => {
      try {
        return Deno.readLinkSync(`/proc/${Deno.pid}/fd/${name}`) === file ? [name] : [];
      } catch {
        return [];
      }
    });
  assertEquals(files().length, 2);
  const other = new DatabaseSync(file);
  other.exec("BEGIN IMMEDIATE");
  assertThrows(() => journal.intend("orders", decision(), NOON), JournalError, "locked");
  writer.now((database) => database.exec("DELETE FROM probe"));
  other.exec("ROLLBACK");
  other.close();
  // SQLite closes none of a process while another one of it has locks: those of three were opened, and no more.
  assertEquals(files().length, 3);
});
