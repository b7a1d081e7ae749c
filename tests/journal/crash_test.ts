// kill -9, and what is left. The processes write to a file of their own; nothing is killed that the tests did not start.

import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../../src/clock.ts";
import { inspectJournal, Journal, JournalReader } from "../../src/journal/mod.ts";
import { ROOT } from "../program.ts";
import { journalRows, queryJournal } from "./rows.ts";

const VERSION_1 = await Deno.readTextFile(`${ROOT}tests/fixtures/journal/version-1.sql`);

/** Starts a writer, and kills it some milliseconds after a line. Returns what it had printed. */
async function killed(
  { file, task, after, wait }: {
    readonly file: string;
    readonly task: "write" | "migrate";
    readonly after: string;
    readonly wait: number;
  },
): Promise<readonly string[]> {
  const args = ["run", "--allow-all", "--no-check", `${ROOT}tests/journal/crash_writer.ts`, file, task];
  const child = new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "inherit" }).spawn();
  let text = "";
  let timer: Promise<void> | undefined;
  for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (!text.includes(after)) continue;
    timer ??= systemClock.sleep(wait).then(() => {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended.
      }
    });
  }
  await timer;
  await child.status;
  return text.split("\n").slice(0, -1); // the last line may be cut off
}

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("kill -9 in mid-write, 50 times: the journal opens, and nothing that was committed is lost", () =>
  withFolder(async (folder) => {
    const file = join(folder, "query-sniper.sqlite");
    const intended = new Map<string, string>();
    const concluded = new Set<string>();
    for (let times = 0; times < 50; times++) {
      const wait = Math.random() * 60;
      const lines = await killed({ file, task: "write", after: "intended", wait });
      assertEquals(lines.filter((line) => /^(?:failed|lost)/.test(line)), []);
      for (const [word, id, execution] of lines.map((line) => line.split(" "))) {
        if (word === "intended") intended.set(id!, execution!);
        if (word === "concluded") concluded.add(id!);
      }
    }
    assert(intended.size >= 50, `${intended.size} intents: one at least each time`);
    const rows = new Map(journalRows(file).map((row) => [String(row["id"]), row]));
    for (const [id, execution] of intended) assertEquals(rows.get(id)?.["execution"], execution, id);
    for (const id of concluded) assertEquals(rows.get(id)?.["outcome"], "killed", id);
    const journal = new Journal(file, () => {});
    assert(journal.isUsable());
    journal.abandoned(Number.MAX_SAFE_INTEGER);
    journal.close();
    using reader = JournalReader.open(file);
    assertEquals(inspectJournal(reader).problems, []);
  }));

Deno.test("kill -9 in mid-migration: the file is of version 1 or 2, with every kill, and then becomes 2", () =>
  withFolder(async (folder) => {
    const source = join(folder, "source.sqlite");
    const kills = makeVersion1(source, 4000);
    const whole = await migrationTime(source, folder);
    const seen = new Set<string>();
    for (let times = 0; times < 16; times++) {
      const file = join(folder, `${times}.sqlite`);
      await Deno.copyFile(source, file);
      // On a busy machine it may take much longer than it took before: the last ones wait until it is done.
      const when = times < 14 ? { after: "begun", wait: times / 10 * whole } : { after: "open", wait: 0 };
      await killed({ file, task: "migrate", ...when });
      const [{ user_version: version }] = queryJournal(file, "PRAGMA user_version") as [
        { user_version: number },
      ];
      seen.add(String(version));
      const table = version === 1 ? "kill" : "decision";
      assertEquals(queryJournal(file, `SELECT count(*) AS n FROM ${table}`)[0]!["n"], kills);
      const journal = new Journal(file, () => {});
      assert(journal.isUsable());
      journal.close();
      using reader = JournalReader.open(file);
      const found = inspectJournal(reader);
      assertEquals([found.problems, found.decisions], [[], kills]);
    }
    assertEquals([...seen].toSorted(), ["1", "2"], "some were killed before, some after the commit");
  }));

/** How long a migration takes here, in milliseconds. */
async function migrationTime(source: string, folder: string): Promise<number> {
  const file = join(folder, "measured.sqlite");
  await Deno.copyFile(source, file);
  const journal = new Journal(file, () => {});
  const begun = performance.now();
  assert(journal.isUsable());
  journal.close();
  return performance.now() - begun;
}

/** A journal of version 1 with this many kills at least. Returns how many. */
function makeVersion1(file: string, atLeast: number): number {
  using database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL");
  database.exec(VERSION_1);
  const copy =
    "INSERT INTO kill (at, database, server, policy, action, execution, because, session, statement, outcome) " +
    "SELECT at + 1, database, server, policy, action, execution || 'x', because, session, statement, outcome FROM kill";
  for (;;) {
    const { n } = database.prepare("SELECT count(*) AS n FROM kill").get() as { n: number };
    if (n >= atLeast) return n;
    database.exec(copy);
  }
}
