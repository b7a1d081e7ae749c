import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../../src/clock.ts";
import type { Client } from "../lab/mod.ts";
import { type LoggedEvent, startProgram } from "../program.ts";
import { intentRows, journalRows, queryJournal } from "../journal/rows.ts";
import {
  appClients,
  assertCleanEnd,
  assertSpared,
  type Case,
  INTERRUPTED,
  killsOf,
  loggedDuring,
  onEachFlavor,
  slowQuery,
  start,
  startSniper,
  writeConfig,
} from "../integration/fixture.ts";

const LONG = "policies: [{ name: long, where: \"user = 'app' and time > 300ms\", then: kill query }]";
const FILE_LIMIT_KIB = 512;

const CASES: readonly Case[] = [
  ["every kill is in the journal, with its outcome and without a literal", async ({ primary }) => {
    await using app = await appClients(primary, 1);
    await using sniper = await startSniper({ rules: LONG, databases: [primary] });
    const { id, error } = start(app.clients[0]!, slowQuery(20));
    assertEquals(await error, INTERRUPTED);
    // MySQL may answer the client before it takes the statement for ended.
    await sniper.event("the kill", ({ event }) => event === "kill");
    assertCleanEnd(await sniper.stop());
    const rows = journalOf(sniper.folder);
    assertEquals(rows.map(({ outcome, policy, action }) => [outcome, policy, action]), [
      ["killed", "long", "kill query"],
    ]);
    assertEquals(rows[0]!["session"], id);
    assert(!/\b4711\b/.test(JSON.stringify(rows)));
  }],

  [
    "a dry run writes down what it would have killed, what it looked at, and when it ran",
    async ({ primary }) => {
      await using app = await appClients(primary, 1);
      await using sniper = await startSniper({ mode: "dry-run", rules: LONG, databases: [primary] });
      const running = start(app.clients[0]!, slowQuery(20));
      await sniper.event("the rehearsal", ({ outcome }) => outcome === "would-kill");
      assertCleanEnd(await sniper.stop());
      await assertSpared(primary, running);
      const file = `${sniper.folder}/query-sniper.sqlite`;
      const [row, ...more] = journalRows(file).filter(({ session }) => session === running.id);
      assertEquals([row!["outcome"], row!["intended"], row!["user"], more], ["would-kill", 0, "app", []]);
      assert(String(row!["hash"]).length === 16, "the policy is known as it was written");
      assert(!/\b4711\b/.test(JSON.stringify(row)));
      const [coverage] = queryJournal(file, "SELECT looks, minutes FROM coverage");
      assert(Number(coverage!["looks"]) >= 1 && Number(coverage!["minutes"]) >= 1);
      const marks = queryJournal(file, "SELECT kind FROM mark ORDER BY id").map(({ kind }) => kind);
      assertEquals(marks, ["started", "stopped"]);
    },
  ],

  ["an intent without an outcome is told at the next start", async ({ primary }) => {
    await using config = await writeConfig({ rules: LONG, databases: [primary] });
    const args = ["once", "-c", config.file, "--log-format", "json"];
    await using app = await appClients(primary, 1);
    const { id, error } = start(app.clients[0]!, slowQuery(20));
    await systemClock.sleep(400);
    assertEquals((await startProgram(args).ended).code, 0);
    assertEquals(await error, INTERRUPTED);
    changeJournal(config.folder, "UPDATE decision SET outcome = NULL, at = at - 60000");
    const events = (await startProgram(args).ended).stdout.trim().split("\n").map((line) => JSON.parse(line));
    const abandoned = events.filter(({ event }) => event === "abandoned");
    assertEquals(abandoned.map(({ outcome, session_id }) => [outcome, session_id]), [["unconfirmed", id]]);
    assertEquals(journalOf(config.folder).map(({ outcome }) => outcome), ["unconfirmed"]);
  }],

  ["nothing is killed while the journal cannot be written, and the watch goes on", async ({ primary }) => {
    await using app = await appClients(primary, 1);
    await using sniper = await startSniper({
      rules: `${LONG}\njournal: later/j.sqlite`,
      databases: [primary],
    });
    const failed = await sniper.event(
      "the failure",
      ({ event, state }) => event === "journal" && state === "failed",
    );
    assertEquals(failed["level"], "error");
    const { id, error } = start(app.clients[0]!, slowQuery(20));
    await sniper.event("the refusal", ({ reason }) => reason === "journal");
    await Deno.mkdir(`${sniper.folder}/later`);
    assertEquals(await error, INTERRUPTED);
    await sniper.event("the kill", ({ outcome }) => outcome === "killed");
    assertEquals(sniper.kills(), [`journal ${id}`, `killed ${id}`]);
    assertEquals(statesOf(sniper.program.lines), ["failed", "recovered"]);
    assertCleanEnd(await sniper.stop());
  }],

  ["nothing is killed while the disk is full, and the watch goes on", async ({ primary }) => {
    await using config = await writeConfig({ rules: LONG, databases: [primary] });
    const args = ["-c", config.file, "--log-format", "json"];
    assertEquals((await startProgram(["once", ...args]).ended).code, 0);
    const disk = fillJournal(config.folder, FILE_LIMIT_KIB);
    await using app = await appClients(primary, 1);
    const [client] = app.clients as [Client];
    await using program = startProgram(["run", ...args], { fileLimitKiB: FILE_LIMIT_KIB });
    await program.event("the connection", ({ event }) => event === "connected");
    const spared = start(client, slowQuery(2));
    await program.event("the refusal", ({ reason }) => reason === "journal");
    assertEquals(await spared.error, 0);
    // Told by the intent that could not be written, and by the next look, which did not try again.
    assertEquals([...new Set(killsOf(program.lines))], [`journal ${spared.id}`]);
    assertEquals(statesOf(program.lines), ["failed"]);
    disk.free();
    await program.event("the recovery", ({ event, state }) => event === "journal" && state === "recovered");
    assertEquals(await start(client, slowQuery(20)).error, INTERRUPTED);
    await program.event("the kill", ({ outcome }) => outcome === "killed");
    assertCleanEnd(await program.stop());
    assertEquals(statesOf(program.lines), ["failed", "recovered"]);
    assertEquals(journalOf(config.folder).map(({ outcome }) => outcome), ["killed"]);
  }],

  ["a file named pause stops all kills, and its text is the reason", async ({ primary }) => {
    await using app = await appClients(primary, 1);
    await using sniper = await startSniper({ rules: LONG, databases: [primary] });
    await Deno.writeTextFile(`${sniper.folder}/pause`, "restore of orders, ask Kim\n");
    const { id, error } = start(app.clients[0]!, slowQuery(20));
    const skipped = await sniper.event("the refusal", ({ reason }) => reason === "paused");
    assertEquals(skipped["note"], "restore of orders, ask Kim");
    await Deno.remove(`${sniper.folder}/pause`);
    assertEquals(await error, INTERRUPTED);
    await sniper.event("the kill", ({ outcome }) => outcome === "killed");
    assertEquals(sniper.kills(), [`paused ${id}`, `killed ${id}`]);
    assertCleanEnd(await sniper.stop());
  }],

  ["the budget of `once` counts what the journal holds", async ({ primary }) => {
    await using config = await writeConfig({
      rules: `${LONG}\nbudget: { kills: 1, per: 1h }`,
      databases: [primary],
    });
    await using app = await appClients(primary, 1);
    const [client] = app.clients as [Client];
    const fates: string[] = [];
    for (let times = 0; times < 2; times++) {
      const running = start(client, slowQuery(60));
      await systemClock.sleep(600);
      const { stdout } = await startProgram(["once", "-c", config.file, "--log-format", "json"]).ended;
      fates.push(...killsOf(stdout.trim().split("\n")));
      if (times === 0) assertEquals(await running.error, INTERRUPTED);
      else await assertSpared(primary, running);
    }
    assertEquals(fates, [`killed ${client.id}`, `budget ${client.id}`]);
  }],

  [
    "kill -9 at 50 random moments: no kill without a journalled intent",
    async (pair) => {
      const { primary } = pair;
      await using config = await writeConfig({
        rules: `${LONG}\nbudget: { kills: 100000, per: 1s }`,
        databases: [primary],
      });
      await using app = await appClients(primary, 3);
      const done = new AbortController();
      const load = app.clients.map(async (client) => {
        while (!done.signal.aborted) await start(client, slowQuery(3)).error;
      });
      const logged = await loggedDuring(primary, async () => {
        for (let times = 0; times < 50; times++) {
          const program = startProgram(["run", "-c", config.file, "--log-format", "json"]);
          // Half of them while it starts or later, and half once it is there: then it kills, however slow it starts.
          if (times % 2 === 0) await systemClock.sleep(Math.random() * 500);
          else {
            await program.event("the connection", ({ event }) => event === "connected");
            await systemClock.sleep(Math.random() * 500);
          }
          await program.stop("SIGKILL");
        }
        done.abort();
      });
      await Promise.all(load);
      const intended = new Set(journalOf(config.folder).map(({ execution }) => String(execution)));
      const asked = killsAskedFor(logged);
      assert(asked.length >= 20, `${asked.length} kills`);
      assertEquals(asked.filter((execution) => !intended.has(execution)), []);
    },
  ],
];

await onEachFlavor("The journal", CASES, { alone: true });

/** The states that the journal was told to be in. */
function statesOf(lines: readonly string[]): readonly unknown[] {
  return lines.map((line) => JSON.parse(line) as LoggedEvent)
    .filter(({ event }) => event === "journal").map(({ state }) => state);
}

/**
 * Makes the journal's log as long as a file may become, and keeps SQLite from beginning it anew: a reader
 * needs what is in it. So each further byte is refused, as on a full disk.
 */
function fillJournal(folder: string, kibibytes: number): { free(): void } {
  const file = `${folder}/query-sniper.sqlite`;
  const [reader, writer] = [new DatabaseSync(file), new DatabaseSync(file)];
  writer.exec("PRAGMA user_version = 2");
  reader.exec("BEGIN; SELECT * FROM decision");
  while (Deno.statSync(`${file}-wal`).size < kibibytes * 1024) writer.exec("PRAGMA user_version = 2");
  return {
    free() {
      reader.close();
      writer.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      writer.close();
    },
  };
}

function journalOf(folder: string): readonly Record<string, unknown>[] {
  return intentRows(`${folder}/query-sniper.sqlite`);
}

function changeJournal(folder: string, sql: string): readonly Record<string, unknown>[] {
  const database = new DatabaseSync(`${folder}/query-sniper.sqlite`);
  const rows = database.prepare(sql).all();
  database.close();
  return rows as Record<string, unknown>[];
}

/** The executions that the server was asked to kill, by its general log. */
function killsAskedFor(logged: readonly string[]): readonly string[] {
  const kills = logged.filter((text) =>
    text.startsWith("SET @query_sniper") || text.includes("KILL QUERY ID")
  );
  return kills.flatMap((text) => {
    const [, event] = /THREAD_ID = (\d+ AND e\.EVENT_ID = \d+)/.exec(text) ?? [];
    const [, query] = /KILL QUERY ID (\d+)/.exec(text) ?? [];
    return event?.replace(" AND e.EVENT_ID = ", ":") ?? query ?? [];
  });
}
