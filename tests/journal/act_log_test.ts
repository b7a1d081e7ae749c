import { assertEquals, assertRejects } from "@std/assert";
import { ActLog, type ActLogOptions, JournalError } from "../../src/journal/mod.ts";
import { Folder } from "../config/folder.ts";

const CLOCK = { wall: () => Date.UTC(2026, 10, 20, 10) };

function logOf(file: string, more: Partial<ActLogOptions> = {}): ActLog {
  let last = 0;
  const { start = "start-1" } = more;
  return new ActLog(file, { clock: CLOCK, newId: () => `${start} ${++last}`, by: "agent", start, ...more });
}

/** What is left of a program that is killed: its lock, which nobody holds. */
async function kill(log: ActLog, start: string): Promise<void> {
  log[Symbol.dispose]();
  await Deno.writeTextFile(`${log.file}.${start}.lock`, "");
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
  await kill(before, "start-1");
  const next = logOf(file, { start: "start-2" });
  assertEquals((await next.abandoned()).map(({ id, act }) => [id, act]), [
    ["start-1 2", "purge"],
    ["start-1 3", "resync"],
  ]);
  assertEquals(await next.abandoned(), []);
  assertEquals(await logOf(folder.file("none.jsonl")).abandoned(), []);
});

Deno.test("an intent of a program that still runs is left to it, whoever it is and however long", async () => {
  await using folder = await Folder.make({});
  const file = folder.file("acts.jsonl");
  using command = new ActLog(file, { clock: CLOCK, newId: () => "c-1", start: "start-c" });
  const drain = await command.intend({ act: "drain" });
  using agent = logOf(file, { start: "start-a" });
  await agent.intend({ act: "stamp" });
  const next = logOf(file, { start: "start-2" });
  await next.intend({ act: "purge" });
  assertEquals(await next.abandoned(), []);
  // Its outcome is the only one that it gets.
  await drain("done");
  await kill(next, "start-2");
  const [one, other] = [logOf(file, { start: "start-3" }), logOf(file, { start: "start-4" })];
  const told = (await Promise.all([one.abandoned(), other.abandoned()])).flat();
  assertEquals(told.map(({ act }) => act), ["purge"]);
  const outcomes = (await linesOf(file)).filter((line) => (line as { phase: string }).phase === "outcome");
  assertEquals(outcomes.map((line) => (line as { id: string }).id), ["c-1", "start-2 1"]);
  const locks = (await Array.fromAsync(Deno.readDir(folder.path), ({ name }) => name)).filter((name) =>
    name.startsWith("acts.jsonl.start")
  );
  assertEquals(locks.toSorted(), ["acts.jsonl.start-a.lock", "acts.jsonl.start-c.lock"]);
});

Deno.test("an intent of a program that held no lock is left to it for a day", async () => {
  await using folder = await Folder.make({});
  const before = logOf(folder.file("acts.jsonl"));
  await before.intend({ act: "purge" });
  before[Symbol.dispose]();
  const after = (time: number) => ({ wall: () => CLOCK.wall() + time });
  const early = logOf(before.file, { start: "start-2", clock: after(86_400_000) });
  assertEquals(await early.abandoned(), []);
  const late = logOf(before.file, { start: "start-3", clock: after(86_400_001) });
  assertEquals((await late.abandoned()).map(({ act }) => act), ["purge"]);
});

Deno.test("what was put aside is finished, too, and only once", async () => {
  await using folder = await Folder.make({});
  const before = logOf(folder.file("acts.jsonl"));
  await before.intend({ act: "drain", long: "x".repeat(2 ** 20) });
  await kill(before, "start-1");
  using next = logOf(before.file, { start: "start-2", rotates: true });
  await (await next.intend({ act: "purge" }))("done");
  assertEquals((await linesOf(`${before.file}.1`)).length, 1);
  assertEquals((await next.abandoned()).map(({ act }) => act), ["drain"]);
  assertEquals(await next.abandoned(), []);
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

Deno.test("a long file is put aside by an agent, and once by two of them", async () => {
  await using folder = await Folder.make({});
  const file = folder.file("acts.jsonl");
  const long = "x".repeat(2 ** 20);
  using command = logOf(file);
  await command.intend({ act: "drain", long });
  await command.intend({ act: "drain" });
  assertEquals((await linesOf(file)).length, 2);
  using one = logOf(file, { rotates: true, start: "start-2" });
  using other = logOf(file, { rotates: true, start: "start-3" });
  await Promise.all([one.intend({ act: "purge" }), other.intend({ act: "purge" })]);
  const [now, aside] = [await linesOf(file), await linesOf(`${file}.1`)];
  assertEquals([now.length + aside.length, now.length >= 1], [4, true]);
});
