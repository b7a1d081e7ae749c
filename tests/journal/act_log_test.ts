import { assertEquals, assertRejects } from "@std/assert";
import { ActLog, type ActLogOptions, JournalError } from "../../src/journal/mod.ts";
import { Folder } from "../config/folder.ts";

const CLOCK = { wall: () => Date.UTC(2026, 10, 20, 10) };

function logOf(file: string, more: Partial<ActLogOptions> = {}): ActLog {
  let last = 0;
  const { start = "start-1" } = more;
  return new ActLog(file, { clock: CLOCK, newId: () => `${start} ${++last}`, by: "agent", start, ...more });
}

async function linesOf(file: string): Promise<readonly unknown[]> {
  return (await Deno.readTextFile(file)).trim().split("\n").map((line) => JSON.parse(line));
}

Deno.test("an act has its intent in the file before it is done, and its outcome behind it", async () => {
  await using folder = await Folder.make({});
  const file = folder.file("acts.jsonl");
  const conclude = await logOf(file).intend({ act: "drain", statements: ["PROXYSQL PAUSE"] });
  const at = "2026-11-20T10:00:00.000Z";
  const intent = {
    ...{ at, id: "start-1 1", phase: "intent", act: "drain", statements: ["PROXYSQL PAUSE"] },
    ...{ by: "agent", pid: Deno.pid, start: "start-1" },
  };
  assertEquals(await linesOf(file), [intent]);
  assertEquals((await Deno.stat(file)).mode! & 0o777, 0o600);
  await conclude("failed", "it is lost");
  assertEquals(await linesOf(file), [
    intent,
    { at, id: "start-1 1", phase: "outcome", act: "drain", outcome: "failed", reason: "it is lost" },
  ]);
});

Deno.test("what a program left without an outcome is told once, and lines that are cut off hide nothing", async () => {
  await using folder = await Folder.make({});
  const file = folder.file("acts.jsonl");
  const before = logOf(file);
  await (await before.intend({ act: "drain" }))("done");
  await before.intend({ act: "purge" });
  await Deno.writeTextFile(file, '{"at":"2026', { append: true });
  await before.intend({ act: "resync" });
  const next = logOf(file, { start: "start-2" });
  assertEquals((await next.abandoned()).map(({ id, act }) => [id, act]), [
    ["start-1 2", "purge"],
    ["start-1 3", "resync"],
  ]);
  assertEquals(await next.abandoned(), []);
  assertEquals(await logOf(folder.file("none.jsonl")).abandoned(), []);
});

Deno.test("an intent of a program that may still run is left to it, for a day", async () => {
  await using folder = await Folder.make({});
  const file = folder.file("acts.jsonl");
  const command = new ActLog(file, { clock: CLOCK, newId: () => "c-1", start: "start-c" });
  const drain = await command.intend({ act: "drain" });
  await logOf(file, { by: "another agent", start: "start-a" }).intend({ act: "stamp" });
  const own = logOf(file, { start: "start-2" });
  await own.intend({ act: "purge" });
  // Also one that has begun a moment ago, in this process.
  assertEquals(await own.abandoned(), []);
  // Its outcome is the only one that it gets.
  await drain("done");
  const after = (time: number) => ({ wall: () => CLOCK.wall() + time });
  const early = logOf(file, { start: "start-3", clock: after(86_400_000) });
  assertEquals((await early.abandoned()).map(({ act }) => act), ["purge"]);
  const late = logOf(file, { start: "start-4", clock: after(86_400_001) });
  assertEquals((await late.abandoned()).map(({ act }) => act), ["stamp"]);
  const outcomes = (await linesOf(file)).filter((line) => (line as { id: string }).id === "c-1");
  assertEquals(outcomes.length, 2);
});

Deno.test("what cannot be written is not done, and an outcome that cannot be is told", async () => {
  await using folder = await Folder.make({});
  await assertRejects(() => logOf("/proc/nowhere/acts").intend({ act: "drain" }), JournalError);
  await assertRejects(() => logOf("/dev/full").intend({ act: "drain" }), JournalError);
  const lost: string[] = [];
  const file = folder.file("acts.jsonl");
  const conclude = await logOf(file, { lost: (reason) => lost.push(reason) }).intend({ act: "drain" });
  await Deno.remove(file);
  await Deno.mkdir(file);
  await conclude("done");
  assertEquals(lost.length, 1);
});

Deno.test("a long file is put aside by the one program that may do so", async () => {
  await using folder = await Folder.make({});
  const file = folder.file("acts.jsonl");
  const long = "x".repeat(2 ** 20);
  const [one, other] = [logOf(file, { rotates: true }), logOf(file)];
  await other.intend({ act: "drain", long });
  await other.intend({ act: "drain" });
  assertEquals((await linesOf(file)).length, 2);
  await one.intend({ act: "purge" });
  assertEquals([(await linesOf(file)).length, (await linesOf(`${file}.1`)).length], [1, 2]);
});
