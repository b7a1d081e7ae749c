import { assertEquals, assertRejects } from "@std/assert";
import type { Clock } from "../../src/clock.ts";
import { Pauses } from "../../src/watch/pause.ts";
import type { PauseChange } from "../../src/watch/pause_state.ts";
import { Folder } from "../config/folder.ts";
import { sample } from "../pages.ts";

const HOUR = 3_600_000;

/** Two clocks that are set; who sleeps sleeps until it is told to wake up. */
class SetClock implements Clock {
  monotonic = 1000;
  people = Date.parse("2026-11-20T10:00:00Z");
  readonly sleepers: (() => void)[] = [];
  now = () => this.monotonic;
  wall = () => this.people;
  sleep = () => new Promise<void>((resolve) => this.sleepers.push(resolve));

  pass(milliseconds: number): void {
    this.monotonic += milliseconds;
    this.people += milliseconds;
  }
}

function pausesIn(folder: Folder, clock: Clock = new SetClock()) {
  const told: PauseChange[] = [];
  const { signal } = new AbortController();
  const pauses = new Pauses(folder.file("pause"), {
    clock,
    signal,
    told: (changes) => void told.push(...changes),
  });
  return { pauses, told };
}

Deno.test("the pause file says why kills are paused, and once it is gone that nothing is", async () => {
  await using folder = await Folder.make({ pause: "restore of orders, ask Kim\n", "empty/pause": " \n" });
  const clock = new SetClock();
  const { pauses } = pausesIn(folder, clock);
  assertEquals(await pauses.reason("orders"), "restore of orders, ask Kim");
  await Deno.remove(folder.file("pause"));
  clock.pass(20);
  assertEquals(await pauses.reason("orders"), undefined);
  assertEquals(await new Pauses(folder.file("empty/pause"), { clock }).reason("orders"), "paused");
});

Deno.test("one check does for all databases at a moment, and the next look of one has another", async () => {
  await using folder = await Folder.make({});
  const clock = new SetClock();
  const { pauses } = pausesIn(folder, clock);
  assertEquals(await pauses.reason("orders"), undefined);
  await Deno.writeTextFile(folder.file("pause"), "");
  clock.pass(19);
  assertEquals(await pauses.reason("users"), undefined);
  assertEquals(await pauses.reasonNow("users"), "paused", "just before a kill");
  await Deno.remove(folder.file("pause"));
  clock.pass(20);
  assertEquals(await pauses.reason("orders"), undefined);
});

Deno.test("what cannot be read pauses all databases", async () => {
  await using folder = await Folder.make({ pause: "x" });
  const clock = new SetClock();
  const nowhere = new Pauses(folder.file("pause/pause"), { clock });
  assertEquals(await nowhere.reason("orders"), "the pause file cannot be read");
  await Deno.remove(folder.file("pause"));
  const list = folder.file("pause.json");
  const broken = [
    "",
    "{",
    "null",
    "[]",
    "{}",
    '{"pauses": {}}',
    '{"pauses": [7]}',
    '{"pauses": [{"reason": "x", "by": "y"}]}',
    '{"pauses": [{"reason": "x", "by": "y", "at": "soon"}]}',
    '{"pauses": [{"database": 7, "reason": "x", "by": "y", "at": "2026-11-20T10:00:00Z"}]}',
    '{"pauses": [{"reason": "x", "by": "y", "at": "2026-11-20T10:00:00Z", "until": null}]}',
    '{"pauses": [{"databases": "a*", "reason": "x", "by": "y", "at": "2026-11-20T10:00:00Z"}]}',
  ];
  for (const text of broken) {
    await Deno.writeTextFile(list, text);
    const { pauses } = pausesIn(folder);
    assertEquals(await pauses.reason("orders"), `the list of pauses cannot be read: ${list}`, text);
    await assertRejects(() => pauses.pause({ reason: "x", by: "y" }, undefined));
    await assertRejects(() => pauses.resume(undefined, { by: "y" }));
    assertEquals(await Deno.readTextFile(list), text, "it is left as it is");
  }
  await Deno.remove(list);
  await Deno.mkdir(list);
  assertEquals(await pausesIn(folder).pauses.reason("orders"), `the list of pauses cannot be read: ${list}`);
});

Deno.test("a pause holds its database, or all, in each program that shares the folder, and after a restart", async () => {
  await using folder = await Folder.make({});
  const { pauses, told } = pausesIn(folder);
  const other = pausesIn(folder);
  await other.pauses.state();
  await pauses.pause({ database: "orders", reason: "restore", by: "kim" }, 600_000);
  assertEquals(pauses.known("orders"), "restore, by kim, until 2026-11-20T10:10:00Z");
  assertEquals(pauses.known("users"), undefined);
  assertEquals(await other.pauses.reasonNow("orders"), pauses.known("orders"));
  await pauses.pause({ reason: "deploy", by: "lee" }, undefined);
  for (const each of [pauses, pausesIn(folder).pauses]) {
    assertEquals(await each.reason("users"), "deploy, by lee");
    assertEquals(await each.reason("orders"), "deploy, by lee");
  }
  const ended = await other.pauses.resume(undefined, { by: "kim", reason: "deployed" });
  assertEquals(ended.map(({ reason }) => reason), ["deploy"]);
  assertEquals(await pauses.reasonNow("users"), undefined);
  assertEquals(await pauses.reasonNow("orders"), "restore, by kim, until 2026-11-20T10:10:00Z");
  assertEquals(await other.pauses.resume(undefined, { by: "kim" }), [], "the pause of one goes on");
  const words = ({ state, database, by, reason }: PauseChange) => `${state} ${database} ${by}: ${reason}`;
  assertEquals(told.map(words), [
    "paused orders kim: restore",
    "paused undefined lee: deploy",
    "resumed undefined undefined: it was ended",
  ]);
  assertEquals(other.told.map(words).at(-1), "resumed undefined kim: deployed");
  const { mode } = await Deno.stat(pauses.list);
  assertEquals((mode ?? 0) & 0o777, 0o600);
  const left: string[] = [];
  for await (const { name } of Deno.readDir(folder.path)) left.push(name);
  left.sort();
  assertEquals(left, ["pause.json", "pause.json.lock"]);
});

Deno.test("pauses that are asked for at the same moment are all kept", async () => {
  await using folder = await Folder.make({});
  const programs = Array.from({ length: 4 }, () => pausesIn(folder).pauses);
  await Promise.all(
    Array.from(
      { length: 20 },
      (_, index) => programs[index % 4]!.pause({ database: `db-${index}`, reason: "x", by: "y" }, undefined),
    ),
  );
  assertEquals((await pausesIn(folder).pauses.state()).listed.length, 20);
});

Deno.test("a pause ends by itself, which is told also where nobody looks", async () => {
  await using folder = await Folder.make({});
  const clock = new SetClock();
  const { pauses, told } = pausesIn(folder, clock);
  await pauses.pause({ database: "orders", reason: "restore", by: "kim" }, 1000);
  clock.pass(999);
  assertEquals(await pauses.reason("orders"), "restore, by kim, until 2026-11-20T10:00:01Z");
  clock.pass(2);
  clock.sleepers.shift()!();
  for (let wait = 0; told.length < 2 && wait < 100; wait++) await new Promise((done) => setTimeout(done, 10));
  assertEquals(told.map(({ state, reason }) => `${state}: ${reason}`), [
    "paused: restore",
    "resumed: its time is over",
  ]);
  clock.people -= HOUR;
  clock.monotonic += 20;
  assertEquals(await pauses.reason("orders"), undefined, "what was over stays so");
});

Deno.test("no clock that is set shortens a pause", async () => {
  await using folder = await Folder.make({});
  const clock = new SetClock();
  const { pauses } = pausesIn(folder, clock);
  await pauses.pause({ reason: "restore", by: "kim" }, HOUR);
  clock.people += 2 * HOUR;
  assertEquals(
    await pauses.reasonNow("orders"),
    "restore, by kim, until 2026-11-20T11:00:00Z",
    "set forward",
  );
  clock.people -= 4 * HOUR;
  clock.pass(HOUR + 1);
  assertEquals(await pauses.reasonNow("orders"), "restore, by kim, until 2026-11-20T11:00:00Z", "set back");
  clock.pass(2 * HOUR);
  assertEquals(await pauses.reasonNow("orders"), undefined);
});

Deno.test("a check that began before a pause, and ends after it, changes nothing", async () => {
  await using folder = await Folder.make({});
  const { pauses, told } = pausesIn(folder);
  await pauses.state();
  // Who reads a pipe waits for somebody to write.
  const [pipe, other] = [folder.file("pause"), folder.file("other")];
  assertEquals((await new Deno.Command("mkfifo", { args: [pipe] }).output()).code, 0);
  await Deno.link(pipe, other);
  const earlier = pauses.reasonNow("orders");
  await new Promise((done) => setTimeout(done, 50));
  await Deno.remove(pipe);
  await pauses.pause({ database: "orders", reason: "restore", by: "kim" }, undefined);
  await Deno.writeTextFile(other, "by hand");
  assertEquals(await earlier, "restore, by kim");
  assertEquals(pauses.known("orders"), "restore, by kim");
  assertEquals(told.map(({ reason }) => reason), ["restore"]);
});

Deno.test("the commands in docs/journal.md pause, and go on", async () => {
  await using folder = await Folder.make({});
  const [pause, resume, ...rest] = sample("pause-file").trim().split("\n");
  assertEquals(rest, []);
  const found: (string | undefined)[] = [];
  for (const line of [pause!, resume!]) {
    const command = line.replace("/var/lib/query-sniper", folder.path);
    assertEquals((await new Deno.Command("sh", { args: ["-c", command] }).output()).code, 0, command);
    found.push(await pausesIn(folder).pauses.reason("orders"));
  }
  assertEquals(found, ["restore of orders, ask Kim", undefined]);
});
