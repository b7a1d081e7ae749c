// Two that want to drain a ProxySQL, or to undo that, at once. Files are locked for each opening of them, so both can be of
// one process.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { AdminError, drain, type DrainOptions, resume } from "../../src/proxysql/mod.ts";
import { takeTurn } from "../../src/proxysql/drain_turn.ts";
import { Folder } from "../config/folder.ts";
import { StageClock } from "../http/stage_clock.ts";
import { ProxysqlStandIn } from "../lab/proxysql/stand_in.ts";
import { waitFor } from "../lab/wait_for.ts";
import { accountOf, adminOf, recordOf } from "./fixture.ts";

/** A ProxySQL with somebody who works, whom each drain waits for. */
async function stageOf() {
  const proxy = await ProxysqlStandIn.start();
  const folder = await Folder.make({});
  const file = folder.file("state/draining");
  const session = proxy.addSession({ command: "Query" });
  const clock = new StageClock();
  const begin = (by: string, options: Partial<DrainOptions> = {}) => {
    const { admin } = adminOf(proxy, { account: accountOf() });
    const [record, steps] = [recordOf(), [] as string[]];
    const ended = drain(admin, {
      ...{ config: { file, delay: 2000, timeout: 10_000, closeIdle: 1000, shutdown: false }, clock, by },
      tell: (step) => steps.push(step.step === "waiting" ? `waiting: ${step.who}` : step.step),
      intend: record.intend,
      ...options,
    }).finally(() => admin[Symbol.asyncDispose]());
    ended.catch(() => {});
    const until = (step: string) =>
      waitFor(step, async () => {
        if (steps.some((each) => each.startsWith(step))) return true;
        await clock.pass(100);
        return false;
      });
    return { ended, steps, record, until };
  };
  return {
    ...{ proxy, file, clock, session, begin },
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const pauses = (proxy: ProxysqlStandIn) => proxy.statements.filter((sql) => sql === "PROXYSQL PAUSE").length;

Deno.test("who drains while another one does waits for it, sends nothing until then, and takes no longer in all", async () => {
  await using stage = await stageOf();
  const { proxy, clock } = stage;
  const first = stage.begin("the agent");
  await first.until("paused");
  const second = stage.begin("a hook");
  await second.until("waiting");
  const [, who] = second.steps[0]!.split(": ");
  assertEquals(
    who!.replace(/since .*/, "since"),
    `the agent (process ${Deno.pid}) drains it already, since`,
  );
  assertEquals([second.steps.length, second.record.acts, pauses(proxy)], [1, [], 1]);
  // The first one ends by its time, and the second one has used most of its own.
  let isOver = false;
  void first.ended.then(() => isOver = true);
  while (!isOver) await clock.pass(100);
  const began = clock.now();
  let isDone = false;
  void second.ended.then(() => isDone = true);
  while (!isDone) await clock.pass(100);
  assert(clock.now() - began <= 5000, `${clock.now() - began} ms`);
  assertEquals(second.steps.slice(1), ["draining", "paused"]);
  for (const { left } of [await first.ended, await second.ended]) {
    assertEquals(left?.map(({ id }) => id), [stage.session]);
  }
});

Deno.test("who waits for longer than a drain may take does nothing, and says who drains", async () => {
  await using stage = await stageOf();
  const { file, proxy, clock } = stage;
  using _turn = await takeTurn({ file, work: "drain", by: "the agent", clock, patience: 0 });
  const late = stage.begin("a hook", { isLastChance: true });
  await late.until("waiting");
  await clock.pass(12_000);
  const error = await late.ended.catch((error) => error);
  assert(error instanceof AdminError);
  assertEquals([error.kind, late.record.acts, proxy.paused], ["busy", [], false]);
  assertStringIncludes(
    error.withAdvice,
    "drains it already, since 2026-11-20T10:00:00.000Z: two programs must not do that at once",
  );
});

Deno.test("a resume is refused while another program drains, and done once that has ended", async () => {
  await using stage = await stageOf();
  const { file, proxy, clock } = stage;
  const first = stage.begin("the agent");
  await first.until("paused");
  const { admin } = adminOf(proxy, { account: accountOf() });
  await using _admin = admin;
  const record = recordOf();
  const undo = () => resume(admin, { file, clock: systemClock, intend: record.intend, by: "a person" });
  const error = await assertRejects(undo, AdminError);
  assertStringIncludes(error.message, `the agent (process ${Deno.pid}) drains it already`);
  assertEquals([record.acts, proxy.paused], [[], true]);
  proxy.endSession(stage.session);
  let isOver = false;
  void first.ended.then(() => isOver = true);
  while (!isOver) await clock.pass(100);
  await undo();
  assertEquals(proxy.paused, false);
});

Deno.test("a drain that is called off while it waits has done nothing", async () => {
  await using stage = await stageOf();
  const { file, proxy, clock } = stage;
  using _turn = await takeTurn({ file, work: "resume", by: "a person", clock, patience: 0 });
  const stop = new AbortController();
  const waiting = stage.begin("a hook", { signal: stop.signal });
  await waiting.until("waiting");
  assertStringIncludes(waiting.steps[0]!, "a person (process");
  assertStringIncludes(waiting.steps[0]!, "takes it out of a drain already");
  stop.abort();
  assertEquals(await waiting.ended, { closed: 0, left: undefined });
  assertEquals([waiting.steps.length, proxy.paused], [1, false]);
});

Deno.test("who waits while the other one shuts ProxySQL down writes nothing of a drain then", async () => {
  await using stage = await stageOf();
  const config = { file: stage.file, delay: 0, timeout: 10_000, closeIdle: 1000, shutdown: true };
  const first = stage.begin("the agent", { config });
  await first.until("paused");
  const second = stage.begin("a hook", { config });
  await second.until("waiting");
  stage.proxy.endSession(stage.session);
  await first.until("shut down");
  await assertRejects(() => second.ended, AdminError);
  assertEquals([second.steps.length, second.record.acts], [1, []]);
  await assertRejects(() => Deno.stat(stage.file), Deno.errors.NotFound);
});
