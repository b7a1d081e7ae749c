import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import {
  compactJournal,
  fileBytes,
  inspectJournal,
  Journal,
  JournalReader,
  Purge,
  usedBytes,
} from "../../src/journal/mod.ts";
import { DAY, entryAt, fillJournal, openForTest } from "./filled.ts";
import { addDecision } from "../../src/journal/decisions.ts";
import { addDayPart, Coverage } from "../../src/journal/coverage.ts";
import { transaction } from "../../src/journal/sql.ts";
import { journalRows, queryJournal } from "./rows.ts";

const NOW = Date.UTC(2026, 10, 20);

async function withFile(test: (file: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    test(join(folder, "query-sniper.sqlite"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Purges to the end. Returns how many steps that took. */
function purgeAll(file: string, retention: { readonly keep: number; readonly maxSize: number }): number {
  using journal = openForTest(file);
  const purge = new Purge(retention, () => performance.now());
  for (let steps = 1;; steps++) {
    if (!purge.step(journal, NOW)) return steps;
  }
}

const LARGE = 2 ** 40;

Deno.test("what is older than it keeps goes in steps, with its sums, and nothing else does", () =>
  withFile((file) => {
    fillJournal(file, { to: NOW, days: 40, perDay: 50 });
    const steps = purgeAll(file, { keep: 30 * DAY, maxSize: LARGE });
    assert(steps > 5, `${steps} steps`);
    const rows = journalRows(file);
    assertEquals(rows.length, 30 * 50);
    assert(rows.every(({ at }) => Number(at) >= NOW - 30 * DAY));
    const [sum] = queryJournal(file, "SELECT sum(count) AS kills FROM day_digest");
    assertEquals(sum!["kills"], rows.length);
    using journal = JournalReader.open(file);
    assertEquals(inspectJournal(journal).problems, []);
  }));

Deno.test("coverage, health, gates and marks go with their age too", () =>
  withFile((file) => {
    {
      using journal = openForTest(file);
      const coverage = new Coverage();
      for (const days of [50, 10]) {
        coverage.looked("orders", { at: NOW - days * DAY, interval: 1000, health: { lag: 5 } });
      }
      transaction(journal, () => {
        for (const part of coverage.take()) addDayPart(journal, part);
        for (const days of [50, 10]) {
          const at = NOW - days * DAY;
          journal.exec(`INSERT INTO mark (at, kind, text) VALUES (${at}, 'started', '')`);
          journal.exec(`INSERT INTO gate (database, policy, opened_at) VALUES (1, 1, ${at})`);
          journal.exec(`INSERT INTO executions VALUES (${at / DAY}, 1, 1, 1, 1)`);
        }
      });
    }
    purgeAll(file, { keep: 30 * DAY, maxSize: LARGE });
    for (const table of ["coverage", "health", "gate", "mark", "executions"]) {
      assertEquals(queryJournal(file, `SELECT count(*) AS n FROM ${table}`)[0]!["n"], 1, table);
    }
  }));

Deno.test("a journal that is too large loses its oldest days, and never the last eight", () =>
  withFile((file) => {
    fillJournal(file, { to: NOW, days: 30, perDay: 200 });
    const before = sizeOf(file);
    purgeAll(file, { keep: 400 * DAY, maxSize: before });
    assertEquals(journalRows(file).length, 6000, "it is not too large");
    purgeAll(file, { keep: 400 * DAY, maxSize: 0.7 * before });
    const left = journalRows(file);
    assert(left.length < 5000 && left.length > 2500, `${left.length} left`);
    assert(sizeOf(file) <= 0.7 * before);
    purgeAll(file, { keep: 400 * DAY, maxSize: 1 });
    assertEquals(journalRows(file).length, 8 * 200);
  }));

function sizeOf(file: string): number {
  using journal = openForTest(file);
  return usedBytes(journal);
}

Deno.test("compacting forgets words that nothing uses, and gives the space back", () =>
  withFile((file) => {
    fillJournal(file, { to: NOW, days: 40, perDay: 100 });
    purgeAll(file, { keep: 8 * DAY, maxSize: LARGE });
    using journal = openForTest(file);
    const count = (table: string) => queryJournal(file, `SELECT count(*) AS n FROM ${table}`)[0]!["n"];
    transaction(journal, () => {
      addDecision(
        journal,
        entryAt(NOW, { session: { id: 1, user: "new", host: "h", db: "d", command: "" } }),
      );
      journal.exec("INSERT INTO actor (user, host, db, program) VALUES ('gone', '', '', '')");
      journal.exec("INSERT INTO policy (name, hash, since) VALUES ('gone', '', 1), ('in force', '', 1)");
      journal.exec("INSERT INTO in_force SELECT 1, id FROM policy WHERE name = 'in force'");
      journal.exec("INSERT INTO tags (tags) VALUES ('{}')");
    });
    const before = fileBytes(journal);
    assertEquals([...compactJournal(journal, NOW)].length > 1, true);
    assert(fileBytes(journal) < 0.7 * before, `${fileBytes(journal)} of ${before}`);
    assertEquals(queryJournal(file, "SELECT name FROM policy ORDER BY name").map(({ name }) => name), [
      "in force",
      "long",
    ]);
    assertEquals([count("tags"), queryJournal(file, "SELECT id FROM actor WHERE user = 'gone'")], [0, []]);
    using reader = JournalReader.open(file);
    assertEquals(inspectJournal(reader).problems, []);
  }));

Deno.test("a kill under way when its decision is purged is concluded without harm", () =>
  withFile((file) => {
    let id: number;
    {
      using journal = openForTest(file);
      id = transaction(journal, () => addDecision(journal, entryAt(NOW - 50 * DAY, { outcome: null })));
    }
    purgeAll(file, { keep: 30 * DAY, maxSize: LARGE });
    const journal = new Journal(file, () => {});
    journal.conclude(id, { outcome: "killed", took_ms: 1 });
    journal.close();
    assertEquals(journalRows(file), []);
  }));

Deno.test("an outcome that comes after the kill was given up is counted in its place", () =>
  withFile((file) => {
    using open = openForTest(file);
    const id = transaction(open, () => addDecision(open, entryAt(NOW, { outcome: null })));
    const journal = new Journal(file, () => {});
    assertEquals(journal.abandoned(NOW + 1).length, 1);
    journal.conclude(id, { outcome: "killed", took_ms: 1 });
    journal.close();
    const sums = queryJournal(
      file,
      "SELECT w.text, d.count, d.time_ms FROM day_digest d JOIN word w ON w.id = d.outcome ORDER BY w.text",
    );
    assertEquals(sums.map((row) => Object.values(row)), [["killed", 1, 12_000], ["unconfirmed", 0, 0]]);
    using reader = JournalReader.open(file);
    assertEquals(inspectJournal(reader).problems, []);
  }));
