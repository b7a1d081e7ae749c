// A drain that nobody carries on any more: which one goes on, which one is over, and which one somebody has to look at.

import { assertEquals, assertMatch } from "@std/assert";
import { LeftDrain, type Seen } from "../../../src/app/proxysql/left_drain.ts";
import { Vitals } from "../../../src/app/proxysql/vitals.ts";
import type { ProxysqlEvent } from "../../../src/events/mod.ts";
import { FileLock } from "../../../src/journal/mod.ts";
import type { WorkState } from "../../../src/http/proxysql/mod.ts";
import { Folder } from "../../config/folder.ts";
import { StageClock } from "../../http/stage_clock.ts";

const DELAY = 5000;

/** A left drain, begun at the beginning of the stage's time, and what becomes of it. */
class Stage implements AsyncDisposable {
  readonly clock = new StageClock();
  readonly admin = { connected: 1 };
  readonly told: (readonly [state: string, reason: string])[] = [];
  readonly vitals: Vitals;
  readonly folder: Folder;
  readonly file: string;
  running: WorkState | undefined;
  gone = 0;
  /** When the ProxySQL that answers has begun, by the clock. */
  began = -100_000;
  #left: LeftDrain | undefined;

  private constructor(folder: Folder) {
    this.folder = folder;
    this.file = folder.file("draining");
    this.vitals = new Vitals({ interval: 1000, timeout: 1000, drain: this.#drain }, this.clock);
  }

  static async set({ hasFile = true, isPaused = false } = {}): Promise<Stage> {
    const stage = new Stage(await Folder.make({}));
    if (hasFile) await stage.write();
    if (isPaused) await stage.writePause();
    return stage;
  }

  get #drain() {
    return { file: this.file, delay: DELAY, timeout: 1000, closeIdle: 1000, shutdown: false };
  }

  async write(): Promise<void> {
    const since = new Date(this.clock.wall()).toISOString();
    await Deno.writeTextFile(this.file, `{"draining_since":"${since}"}\n`);
  }

  async writePause(name = "acts.jsonl"): Promise<void> {
    const at = new Date(this.clock.wall() + DELAY).toISOString();
    const line = { at, id: "1", phase: "intent", act: "drain", statements: ["PROXYSQL PAUSE"] };
    await Deno.writeTextFile(this.folder.file(name), `${JSON.stringify(line)}\n`);
  }

  async look(more: Partial<Seen> = {}, { goesOn = true } = {}): Promise<void> {
    this.#left ??= new LeftDrain({
      ...{ proxysql: "here", config: { drain: this.#drain, acts: this.folder.file("acts.jsonl") } },
      ...{ admin: this.admin, clock: this.clock, vitals: this.vitals, isDryRun: false, goesOn },
      works: { running: () => this.running },
      goOn: () => void this.gone++,
      tell: (event: ProxysqlEvent) => {
        if (event.event === "proxysql-drain") this.told.push([event.state, event.reason ?? ""]);
      },
    });
    const uptime = Math.floor((this.clock.now() - this.began) / 1000);
    await this.#left.look({ paused: false, uptime, wall: this.clock.wall(), ...more });
  }

  async isThere(): Promise<boolean> {
    return await Deno.stat(this.file).then(() => true, () => false);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.folder[Symbol.asyncDispose]();
  }
}

const OVER = ["resumed", "the drain was of a ProxySQL that has ended since"] as const;

Deno.test("a drain goes on at the first look where ProxySQL is paused, and at no later one", async () => {
  await using stage = await Stage.set({ isPaused: true });
  await stage.clock.pass(3_600_000);
  for (let time = 0; time < 3; time++) await stage.look({ paused: true });
  assertEquals([stage.gone, stage.told, await stage.isThere()], [1, [], true]);
});

Deno.test("a drain that was interrupted before it paused goes on for a moment, and not once it may have paused", async () => {
  for (
    const [name, wait, isPaused, goesOn] of [
      ["in its delay", DELAY - 1000, false, true],
      ["as long ago as a restart takes", DELAY + 14_000, false, true],
      ["long ago", DELAY + 16_000, false, false],
      ["and it had paused, so somebody resumed", DELAY + 1000, true, false],
    ] as const
  ) {
    await using stage = await Stage.set({ isPaused });
    await stage.clock.pass(wait);
    await stage.look();
    await stage.look();
    assertEquals([stage.gone, await stage.isThere()], [goesOn ? 1 : 0, true], name);
    assertEquals(stage.told.map(([state]) => state), goesOn ? [] : ["trouble"], name);
    if (!goesOn) assertMatch(stage.told[0]![1], /takes connections.*drain --resume/, name);
  }
});

Deno.test("that it had paused is known also from a record that was put aside; one that cannot be read may say so", async () => {
  await using aside = await Stage.set();
  await aside.writePause("acts.jsonl.1");
  await aside.clock.pass(DELAY + 1000);
  await aside.look();
  await using unread = await Stage.set();
  await Deno.mkdir(unread.folder.file("acts.jsonl"));
  await unread.look();
  assertEquals([aside.gone, unread.gone], [0, 0]);
  assertEquals([...aside.told, ...unread.told].map(([state]) => state), ["trouble", "trouble"]);
});

Deno.test("where a version does not tell whether it is paused, a drain that had paused is not done again", async () => {
  await using stage = await Stage.set({ isPaused: true });
  await stage.clock.pass(DELAY + 1000);
  await stage.look({ paused: undefined });
  assertEquals(stage.gone, 0);
  assertMatch(stage.told[0]![1], /whether it is paused is not known/);
});

Deno.test("a ProxySQL that is started anew at any time ends the drain, with its file", async () => {
  await using stage = await Stage.set();
  stage.vitals.isDraining = true;
  await stage.look({ paused: true }, { goesOn: false });
  assertEquals([stage.told, await stage.vitals.drains()], [[], true]);
  // So soon that clocks alone would not tell.
  await stage.clock.pass(1500);
  stage.began = 1500;
  await stage.look();
  await stage.look();
  assertEquals([stage.told, stage.gone, await stage.vitals.drains()], [[OVER], 0, false]);
});

Deno.test("the file stays while a program drains, here or elsewhere, and where it is paused", async () => {
  await using stage = await Stage.set();
  await stage.clock.pass(60_000);
  stage.began = 50_000;
  const lock = await FileLock.ask(`${stage.file}.lock`);
  await lock.isHeldWithin(1000);
  await stage.look();
  lock[Symbol.dispose]();
  stage.running = {
    ...{ id: "1", work: "drain", state: "running", since: "", ended: null, reason: null },
  };
  await stage.look();
  stage.running = undefined;
  await stage.look({ paused: true });
  assertEquals([stage.told, await stage.isThere()], [[], true]);
  await stage.look();
  assertEquals([stage.told, await stage.isThere()], [[OVER], false]);
});

Deno.test("a file that cannot be removed is told once, and the drain is not told to be over", async () => {
  await using stage = await Stage.set();
  await stage.clock.pass(60_000);
  stage.began = 50_000;
  await Deno.mkdir(`${stage.file}.lock`);
  await stage.look();
  await stage.look();
  assertEquals([stage.told.map(([state]) => state), await stage.vitals.drains()], [["trouble"], true]);
  await Deno.remove(`${stage.file}.lock`);
  await stage.look();
  assertEquals([stage.told.at(-1), await stage.vitals.drains()], [OVER, false]);
});

Deno.test("a drain that ended with a shutdown is over once another ProxySQL answers", async () => {
  await using stage = await Stage.set({ hasFile: false });
  await stage.look();
  stage.vitals.isDraining = true;
  stage.vitals.shutDownOver = 1;
  await stage.look({ paused: true });
  assertEquals(await stage.vitals.drains(), true);
  stage.admin.connected = 2;
  await stage.look({ paused: undefined });
  assertEquals([stage.told, await stage.vitals.drains(), stage.vitals.shutDownOver], [
    [OVER],
    false,
    undefined,
  ]);
});
