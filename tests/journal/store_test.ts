import { assert, assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Journal, JournalError } from "../../src/journal/mod.ts";
import type { Decision } from "../../src/policy/mod.ts";
import { sample } from "../pages.ts";
import { journalRows, withJournal } from "./rows.ts";
import { look, policy, rules, session } from "../policy/fixture.ts";

const NOON = Date.UTC(2026, 10, 20, 12);

function decision(): Decision {
  const sql = "SELECT 'sesame-4711'";
  return look(rules([policy()]), { sessions: [session({ sql, user: "u".repeat(80), db: "café" })] })
    .decisions[0]!;
}

const rows = journalRows;

Deno.test("Journal writes the intent, then its outcome, and no literal", () =>
  withJournal((journal, file) => {
    const id = journal.intend("orders", decision(), NOON);
    const [intent] = rows(file);
    assertEquals([intent!["outcome"], intent!["database"], intent!["at"]], [null, "orders", NOON]);
    assertEquals(intent!["digest_text"], "SELECT ?");
    assertEquals([intent!["db"], intent!["session"], intent!["shape"]], ["café", 1, "select"]);
    journal.conclude(id, { outcome: "killed", took_ms: 3.2 });
    assertEquals([rows(file)[0]!["outcome"], rows(file)[0]!["took_ms"]], ["killed", 3.2]);
    assert(!JSON.stringify(rows(file)).includes("4711"));
  }));

Deno.test("the query in docs/journal.md shows what was killed", () =>
  withJournal((journal, file) => {
    journal.conclude(journal.intend("orders", decision(), NOON), { outcome: "killed", took_ms: 3.2 });
    const [, query] = /^sqlite3 \S+ "(.*)"$/m.exec(sample("journal-query"))!;
    const database = new DatabaseSync(file);
    const [row] = database.prepare(query!).all() as Record<string, unknown>[];
    database.close();
    const { policy, action } = decision();
    assertEquals(Object.values(row!), ["2026-11-20 12:00:00", "orders", policy, action, "killed"]);
  }));

Deno.test("Journal is for its owner only", () =>
  withJournal((journal, file) => {
    journal.intend("orders", decision(), NOON);
    for (const name of [file, `${file}-wal`]) assertEquals(Deno.statSync(name).mode! & 0o777, 0o600, name);
  }));

Deno.test("Journal counts for the budget what was killed, or may have been", () =>
  withJournal((journal) => {
    const outcomes = ["killed", "gone", "changed", "denied", "unconfirmed", undefined] as const;
    for (const [index, outcome] of outcomes.entries()) {
      const id = journal.intend("orders", decision(), NOON + index);
      if (outcome !== undefined) journal.conclude(id, { outcome, took_ms: 1 });
    }
    journal.intend("other", decision(), NOON);
    const spent = [NOON, NOON + 4, NOON + 5].map((at) => ({ at, policy: "long", action: "kill query" }));
    assertEquals(journal.spent("orders", NOON - 1).map((spend) => ({ ...spend })), spent);
    assertEquals(journal.spent("orders", NOON).map((spend) => ({ ...spend })), spent.slice(1));
  }));

Deno.test("Journal finds what was abandoned, once, and not what may be under way", () =>
  withJournal((journal, file) => {
    journal.intend("orders", decision(), NOON);
    journal.intend("orders", decision(), NOON + 5000);
    const found = journal.abandoned(NOON + 1000);
    assertEquals(found.map(({ database, session, at }) => [database, session, at]), [["orders", 1, NOON]]);
    assertEquals(journal.abandoned(NOON + 1000), []);
    assertEquals(rows(file).map(({ outcome }) => outcome), ["unconfirmed", null]);
  }));

Deno.test("Journal that another program has locked refuses the intent, and then works again", () =>
  withJournal((journal, file, told) => {
    journal.intend("orders", decision(), NOON);
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    assertThrows(() => journal.intend("orders", decision(), NOON), JournalError, "database is locked");
    assertEquals(journal.isUsable(), false);
    other.exec("COMMIT");
    other.close();
    assertEquals(journal.isUsable(), true);
    journal.intend("orders", decision(), NOON);
    assertEquals(told, ['"database is locked"', undefined]);
    assertEquals(rows(file).length, 2);
  }));

Deno.test("Journal that cannot be opened, or is none, is told once and not touched", () =>
  withJournal((_, file, told) => {
    const nowhere = new Journal(join(file, "nowhere", "j.sqlite"), (failure) => told.push(failure));
    for (let times = 0; times < 2; times++) {
      assertThrows(() => nowhere.intend("orders", decision(), NOON), JournalError);
      assertEquals(nowhere.isUsable(), false);
    }
    assertEquals(told.length, 1);
    const text = "these are somebody's notes, and no database";
    Deno.writeTextFileSync(file, text);
    const notes = new Journal(file, () => {});
    assertThrows(() => notes.intend("orders", decision(), NOON), JournalError, "file is not a database");
    assertEquals(Deno.readTextFileSync(file), text);
  }));
