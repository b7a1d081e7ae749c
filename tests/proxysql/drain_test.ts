import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Clock, systemClock } from "../../src/clock.ts";
import type { DrainConfig } from "../../src/config/mod.ts";
import {
  type Act,
  AdminError,
  drain,
  type Drained,
  type DrainOptions,
  drainStatements,
  type DrainStep,
  resume,
} from "../../src/proxysql/mod.ts";
import { isIdle, type ProxySession } from "../../src/proxysql/session.ts";
import { Folder } from "../config/folder.ts";
import { type ProxyOptions } from "../lab/proxysql/proxy_state.ts";
import { ProxysqlStandIn } from "../lab/proxysql/stand_in.ts";
import { accountOf, adminOf, recordOf, STATS } from "./fixture.ts";

/** A ProxySQL with a folder for its draining file, and time that passes only while somebody sleeps. */
class Stage implements AsyncDisposable {
  readonly proxy: ProxysqlStandIn;
  readonly folder: Folder;
  readonly steps: string[] = [];
  readonly record = recordOf();
  file: string;
  /** From this act on none can be written down. */
  refuseFrom = Infinity;
  /** Called before each act is written down. */
  onAct: (act: Act) => Promise<void> = () => Promise.resolve();
  /** Called after each act, before its outcome is written down. */
  afterAct: (act: Act) => Promise<void> = () => Promise.resolve();
  /** Called at each second. */
  onSecond: (second: number) => unknown = () => {};
  #now = 0;

  private constructor(proxy: ProxysqlStandIn, folder: Folder) {
    this.proxy = proxy;
    this.folder = folder;
    this.file = folder.file("state/draining");
  }

  static async set(options: ProxyOptions = {}): Promise<Stage> {
    return new Stage(await ProxysqlStandIn.start(options), await Folder.make({}));
  }

  get config(): DrainConfig {
    return { file: this.file, delay: 0, timeout: 10_000, closeIdle: 1000, shutdown: false };
  }

  get killed(): readonly number[] {
    return this.proxy.statements.flatMap((sql) => /^KILL CONNECTION (\d+)/.exec(sql)?.[1] ?? []).map(Number);
  }

  async drain(
    more: Partial<DrainConfig> = {},
    account = accountOf(),
    options: Pick<DrainOptions, "isLastChance" | "signal"> = {},
  ): Promise<Drained> {
    const { admin } = adminOf(this.proxy, { account });
    await using _admin = admin;
    const clock: Clock = {
      now: () => this.#now,
      wall: () => 1_800_000_000_000 + this.#now,
      sleep: async (milliseconds) => {
        for (const end = this.#now + milliseconds; this.#now < end;) {
          this.#now = Math.min(end, this.#now + 1000);
          await this.onSecond(this.#now / 1000);
        }
      },
    };
    const tell = (step: DrainStep) =>
      this.steps.push("sessions" in step ? `${step.step} ${step.sessions}` : step.step);
    return await drain(admin, {
      ...{ config: { ...this.config, ...more }, clock, tell, by: "a test" },
      intend: async (act) => {
        await this.onAct(act);
        if (this.record.acts.length / 2 + 1 >= this.refuseFrom) throw new Error("the disk is full");
        const conclude = await this.record.intend(act);
        return async (outcome, reason) => {
          await this.afterAct(act);
          await conclude(outcome, reason);
        };
      },
      ...options,
    });
  }

  async isDraining(): Promise<boolean> {
    return await Deno.stat(this.file).then(() => true, () => false);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy[Symbol.asyncDispose]();
    await this.folder[Symbol.asyncDispose]();
  }
}

const WITH = (active: number) => JSON.stringify({ active_transactions: active, backends: [] });

Deno.test("a drain writes its file, pauses, closes who is idle, and ends when nobody is left", async () => {
  await using stage = await Stage.set();
  const { proxy } = stage;
  const idle = [proxy.addSession(), proxy.addSession({ extended_info: WITH(0), srv_host: "10.0.0.1" })];
  const { closed, left } = await stage.drain();
  assertEquals([closed, left, stage.killed], [2, [], idle]);
  assertEquals(stage.steps, ["draining", "paused", "closed 2"]);
  assertEquals([proxy.paused, await stage.isDraining(), proxy.isUp], [true, true, true]);
  const order = proxy.statements.filter((sql) => /^(?:PROXYSQL|KILL)/.test(sql));
  assertEquals(order[0], "PROXYSQL PAUSE");
});

Deno.test("each statement of a drain is written down before it is sent, and where it cannot be nothing is", async () => {
  await using stage = await Stage.set();
  const id = stage.proxy.addSession();
  await stage.drain({ shutdown: true });
  const session = { id, user: "app", client: `10.0.0.9:${40_000 + id}` };
  assertEquals(
    stage.record.acts,
    [
      ...[{ act: "drain", statements: ["PROXYSQL PAUSE"] }, "done"],
      ...[{ act: "drain", statements: [`KILL CONNECTION ${id}`], sessions: [session] }, "done"],
      ...[{ act: "drain", statements: ["PROXYSQL SHUTDOWN"] }, "done"],
    ] as typeof stage.record.acts,
  );

  await using other = await Stage.set();
  other.proxy.addSession();
  other.refuseFrom = 2;
  await assertRejects(() => other.drain({ shutdown: true }), Error, "the disk is full");
  assertEquals([other.proxy.paused, other.killed, other.proxy.isUp], [true, [], true]);

  await using first = await Stage.set();
  first.refuseFrom = 1;
  await assertRejects(() => first.drain({ shutdown: true }), Error, "the disk is full");
  assertEquals([first.proxy.paused, first.proxy.isUp], [false, true]);
});

Deno.test("where ProxySQL was started anew since it showed who is idle, nobody of the new one is ended by that", async () => {
  await using stage = await Stage.set();
  const { proxy } = stage;
  const id = proxy.addSession();
  let isNew = false;
  stage.onAct = async ({ sessions }) => {
    if (sessions === undefined || isNew) return;
    isNew = true;
    await proxy.crash();
    await proxy.listen();
    // Somebody else has that id there, and works.
    proxy.changeSession(id, { command: "Query", time_ms: 10 });
    await systemClock.sleep(200);
  };
  const { closed, left } = await stage.drain();
  assertEquals([isNew, closed, left?.map((each) => each.id), stage.killed], [true, 0, [id], []]);
  assert(stage.steps.includes("trouble"));
});

Deno.test("where ProxySQL is started anew in a drain, it is paused again, and who has an id anew is ended or named", async () => {
  await using stage = await Stage.set();
  const { proxy } = stage;
  const worker = proxy.addSession({ command: "Query" });
  const idle = proxy.addSession();
  stage.onSecond = async (second) => {
    if (second !== 2) return;
    assertEquals([stage.killed, proxy.sessionIds()], [[idle], [worker]]);
    await proxy.crash();
    proxy.paused = false;
    proxy.endSession(worker);
    // The ids of the process before, the other way round.
    proxy.addSession({ SessionID: worker });
    proxy.addSession({ SessionID: idle, command: "Query" });
    await proxy.listen();
    await systemClock.sleep(200);
  };
  const { closed, left } = await stage.drain();
  assertEquals([closed, stage.killed, proxy.paused], [2, [idle, worker], true]);
  assertEquals(left?.map(({ id, command }) => [id, command]), [[idle, "Query"]]);
  assertEquals(stage.steps.filter((step) => step !== "trouble"), [
    ...["draining", "paused", "closed 1", "paused", "closed 1"],
  ]);
});

Deno.test("where ProxySQL is started anew between its pause and the first list of sessions, it is paused again", async () => {
  await using stage = await Stage.set();
  const { proxy } = stage;
  proxy.addSession();
  let restarts = 0;
  stage.afterAct = async ({ statements }) => {
    if (!statements.includes("PROXYSQL PAUSE") || restarts++ > 0) return;
    await proxy.crash();
    proxy.restart();
    await proxy.listen();
    proxy.addSession();
    await systemClock.sleep(200);
  };
  const { closed, left } = await stage.drain();
  assertEquals([closed, left, proxy.paused], [1, [], true]);
  assertEquals(stage.steps.filter((step) => step !== "trouble"), [
    "draining",
    "paused",
    "paused",
    "closed 1",
  ]);
});

Deno.test("at the last chance a drain goes on where nothing can be written down, and says so", async () => {
  await using stage = await Stage.set();
  const id = stage.proxy.addSession();
  stage.refuseFrom = 1;
  stage.file = "/proc/nowhere/draining";
  const { left } = await stage.drain({}, accountOf(), { isLastChance: true });
  assertEquals([left, stage.killed, stage.proxy.paused], [[], [id], true]);
  assertEquals(stage.steps, [
    ...["unwritten", "unwritten", "draining", "unwritten", "paused", "unwritten", "closed 1"],
  ]);
});

Deno.test("a drain that is called off ends where it is, and shuts nothing down", async () => {
  await using stage = await Stage.set();
  stage.proxy.addSession({ command: "Query" });
  const stop = new AbortController();
  stage.onSecond = (second) => second === 3 && stop.abort();
  const { left } = await stage.drain({ shutdown: true }, accountOf(), { signal: stop.signal });
  assertEquals([left?.length, stage.proxy.paused, stage.proxy.isUp], [1, true, true]);
  await using early = await Stage.set();
  early.onSecond = () => stop.abort();
  await early.drain({ delay: 5000 }, accountOf(), { signal: stop.signal });
  assertEquals(early.proxy.paused, false);
});

Deno.test("who works, is in a transaction or may be in one is not closed but waited for", async () => {
  await using stage = await Stage.set();
  const { proxy } = stage;
  const query = proxy.addSession({ command: "Query", time_ms: 90_000, extended_info: WITH(0) });
  const inTransaction = proxy.addSession({ extended_info: WITH(1) });
  const unknown = proxy.addSession({ srv_host: "10.0.0.1" });
  const doubtful = proxy.addSession({ srv_host: "10.0.0.1", extended_info: "{broken" });
  const young = proxy.addSession({ time_ms: 999 });
  const { closed, left } = await stage.drain();
  assertEquals([closed, stage.killed], [0, []]);
  assertEquals(left?.map(({ id }) => id), [query, inTransaction, unknown, doubtful, young]);
  assertEquals(left?.map(({ transaction }) => transaction), [false, true, undefined, undefined, false]);
});

Deno.test("a session is closed once it becomes idle outside of a transaction", async () => {
  await using stage = await Stage.set();
  const { proxy } = stage;
  const one = proxy.addSession({ command: "Query", extended_info: WITH(1) });
  const two = proxy.addSession({ command: "Query" });
  stage.onSecond = (second) => {
    if (second === 2) proxy.changeSession(one, { command: "Sleep", time_ms: 0 });
    if (second === 3) proxy.endSession(two);
    if (second === 4) proxy.changeSession(one, { time_ms: 2000 });
    if (second === 6) proxy.changeSession(one, { extended_info: WITH(0) });
    if (second < 6) assertEquals(stage.killed, []);
  };
  assertEquals(await stage.drain(), { closed: 1, left: [] });
  assertEquals(stage.killed, [one]);
});

Deno.test("many sessions are closed by looks that are not old, and nobody twice", async () => {
  await using stage = await Stage.set();
  for (let at = 0; at < 90; at++) stage.proxy.addSession();
  const { closed } = await stage.drain();
  assertEquals([closed, new Set(stage.killed).size, stage.killed.length], [90, 90, 90]);
  const looks = stage.proxy.statements.filter((sql) => sql.includes("AS id, user, db"));
  assert(looks.length >= 5, `${looks.length} looks`);
});

Deno.test("a drain that was interrupted goes on, whatever it had done by then", async () => {
  await using stage = await Stage.set();
  stage.proxy.paused = true;
  stage.proxy.addSession();
  await stage.drain();
  stage.proxy.addSession();
  assertEquals((await stage.drain()).closed, 1);
  assertEquals(stage.steps, ["draining", "paused", "closed 1", "draining", "paused", "closed 1"]);
});

Deno.test("PAUSE with two answers, and one that this version does not show, are taken as done", async () => {
  await using twice = await Stage.set();
  twice.proxy.behaviour.twice = true;
  twice.proxy.addSession();
  assertEquals((await twice.drain()).closed, 1);
  await using old = await Stage.set({ version: "2.5.5" });
  old.proxy.addSession();
  assertEquals((await old.drain()).closed, 1);
  assert(old.proxy.paused);
});

Deno.test("where PAUSE does not work nobody is closed", async () => {
  await using stage = await Stage.set();
  stage.proxy.addSession();
  stage.proxy.command = () => ({ kind: "ok" });
  const error = await assertRejects(() => stage.drain(), AdminError);
  assertEquals(error.message, "ProxySQL says OK and is not paused");
  assertEquals(stage.killed, []);
});

Deno.test("who may read statistics only drains nothing, and writes no file", async () => {
  await using stage = await Stage.set();
  stage.proxy.addSession();
  const error = await assertRejects(() => stage.drain({}, accountOf(STATS)), AdminError);
  assertEquals(error.message, "a drain needs an administrator of ProxySQL");
  assertEquals([await stage.isDraining(), stage.proxy.paused, stage.killed], [false, false, []]);
});

Deno.test("with shutdown ProxySQL ends, also if somebody is left, and the file with it", async () => {
  await using stage = await Stage.set();
  const id = stage.proxy.addSession({ command: "Query" });
  const { left } = await stage.drain({ shutdown: true });
  assertEquals([left?.map((session) => session.id), stage.proxy.isUp, await stage.isDraining()], [
    [id],
    false,
    false,
  ]);
  assertEquals(stage.steps, ["draining", "paused", "shut down"]);
});

Deno.test("a ProxySQL that hangs in a drain is asked again until the time is over", async () => {
  await using stage = await Stage.set();
  stage.proxy.addSession({ command: "Query" });
  stage.onSecond = (second) => stage.proxy.behaviour.silent = second >= 1;
  const { left } = await stage.drain({ timeout: 5000 });
  assertEquals(left, undefined);
  assert(stage.steps.filter((step) => step === "trouble").length >= 2);
});

Deno.test("a drain is undone by a resume, as often as one likes", async () => {
  await using stage = await Stage.set();
  await stage.drain();
  const { admin } = adminOf(stage.proxy);
  await using _admin = admin;
  for (let time = 0; time < 2; time++) {
    await resume(admin, { ...stage.config, ...stage.record, clock: systemClock, by: "a test" });
    assertEquals([stage.proxy.paused, await stage.isDraining()], [false, false]);
  }
});

Deno.test("what a drain would do is told without doing it", async () => {
  await using stage = await Stage.set();
  const id = stage.proxy.addSession();
  stage.proxy.addSession({ command: "Query" });
  const { admin } = adminOf(stage.proxy, { account: accountOf(STATS) });
  await using _admin = admin;
  const statements: readonly string[] = await drainStatements(admin, { ...stage.config, shutdown: true });
  assertEquals(statements, ["PROXYSQL PAUSE", `KILL CONNECTION ${id}`, "PROXYSQL SHUTDOWN"]);
  assertEquals([stage.proxy.paused, stage.killed, await stage.isDraining()], [false, [], false]);
});

Deno.test("idle is who sleeps for long enough in no transaction, and nobody of whom less is known", () => {
  const idle: ProxySession = {
    id: 1,
    user: "a",
    client: "c",
    command: "Sleep",
    time: 1000,
    transaction: false,
  };
  const others: readonly Partial<ProxySession>[] = [
    ...["Query", "sleep", "", "Connect"].map((command) => ({ command })),
    { time: 999 },
    { transaction: true },
  ];
  assert(isIdle(idle, 1000));
  for (const other of others) assert(!isIdle({ ...idle, ...other }, 1000), JSON.stringify(other));
  assert(!isIdle({ ...idle, time: undefined }, 1000));
  assert(!isIdle({ ...idle, transaction: undefined }, 1000));
});
