import { assertEquals } from "@std/assert";
import { type Memory, NO_MEMORY } from "../../src/policy/mod.ts";
import type { LookOptions } from "../../src/look/look.ts";
import type { HealthReport, HealthRequest, SessionFilter } from "../../src/target/mod.ts";
import { policy, rules, session } from "../policy/fixture.ts";
import { LONG, lookAt } from "./source_stand_in.ts";

/** The filter by which sessions are read. */
async function filterOf(
  text: Parameters<typeof policy>[0],
  { memory = NO_MEMORY, ...options }: Partial<LookOptions> & { readonly memory?: Memory } = {},
) {
  const asked = rules([policy(text)]);
  const { asked: all } = await lookAt(
    { health: { health: { hll: 5 } } },
    { rules: asked, ...options },
    memory,
  );
  return all.find(({ what }) => what === "sessions")!.request as SessionFilter;
}

Deno.test("look() reads those that a policy may select, and those that were decided over", async () => {
  const settled = { x: { policy: "long", id: 9, at: 0, final: false } };
  const { ids, uptime, wanted } = await filterOf({ where: "time > limits.query_time and hll > 3" }, {
    memory: { ...NO_MEMORY, settled },
  });
  assertEquals([ids, uptime], [[9], 3_600_000]);
  const [only] = wanted!;
  assertEquals([wanted!.length, only!.running, only!.window, only!.far], [1, true, 0, undefined]);
  assertEquals(["limits.query_time", "limits.none", "hll", "lag"].map((name) => only!.constants(name)), [
    ...[10_000, undefined, 5, undefined],
  ]);
  const { wanted: idle } = await filterOf({ then: "kill connection" });
  assertEquals(idle![0]!.running, false);
});

Deno.test("look() reads by age as far ahead as nobody can become a victim, and else as far as it looks ahead", async () => {
  const read = async (...args: Parameters<typeof filterOf>) => {
    const { window, far } = (await filterOf(...args)).wanted![0]!;
    return [window, far];
  };
  assertEquals(await read({}, { window: 1000 }), [5000, true]);
  assertEquals(await read({ where: "time > 2s" }, { window: 1000 }), [1000, undefined], "that is no further");
  assertEquals(await read({ where: "time > 2002ms" }, { window: 1000 }), [1001, true]);
  assertEquals(await read({}, {}), [0, undefined]);
  const [asked] = LONG.policies;
  const forecast = { policies: [asked!], until: 999_999, nobody: false };
  assertEquals(await read({}, { window: 1000, forecast }), [1000, undefined], "somebody is old enough soon");
  assertEquals(
    await read({}, { window: 1000, forecast: { ...forecast, until: 101_000 } }),
    [5000, true],
    "no more",
  );
});

/** What a look remembers by which the next one may read ahead. */
async function memoryOf(asked: LookOptions["rules"], health: HealthReport["health"] = {}): Promise<Memory> {
  const { memory } = await lookAt({ sessions: [], health: { health } }, { rules: asked });
  return memory;
}

Deno.test("look() takes what was read ahead for as old as the look itself", async () => {
  const memory = await memoryOf(LONG);
  const ahead = await lookAt({ ahead: true }, { rules: LONG, uptime: 3_600_000 }, memory);
  assertEquals(ahead.names, ["health", "counts", "details", "guards"]);
  assertEquals([ahead.snapshot?.at, ahead.decisions[0]!.at, ahead.moment.now], [100_000, 100_000, 101_000]);
  const not = await lookAt({}, { rules: LONG, uptime: 3_600_000 }, memory);
  assertEquals([not.names[1], not.snapshot?.at], ["sessions", 101_000], "it could not be read in one");
});

Deno.test("look() reads ahead what its policies want, of which all can be told by then", async () => {
  const asked = async (
    texts: readonly Parameters<typeof policy>[0][],
    options: Partial<LookOptions> = {},
  ) => {
    const all = rules(texts.map((text, index) => policy({ name: `p${index}`, ...text })));
    const memory = await memoryOf(all, { hll: 5 });
    const { asked: [first] } = await lookAt(
      { ahead: true },
      { rules: all, uptime: 3_600_000, ...options },
      memory,
    );
    return (first!.request as HealthRequest).sessions;
  };
  const { wanted, uptime } = (await asked([{}, { then: "log" }, { when: "hll > 10" }]))!;
  assertEquals([wanted!.length, uptime], [2, 3_600_000], "whose gates were ready");
  assertEquals(wanted![0]!.constants("hll"), undefined, "no value of the database is known yet");
  assertEquals(await asked([{}], { uptime: undefined }), undefined, "nobody knows what is absurd");
  assertEquals(await asked([{}], { everything: true }), undefined);
  assertEquals(await asked([{}, { where: "hll > 3 and time > 10s" }]), undefined);
  assertEquals(await asked([{ when: "hll > 10" }]), undefined, "no gate was ready");
});

Deno.test("look() says when something is due: a limit that is reached, or what was not read for now", async () => {
  const next = async (options: Partial<LookOptions>, sessions = [session({ time: 9500 })]) => {
    const found = await lookAt({ sessions }, { rules: LONG, ...options });
    return [found.next, found.deferred];
  };
  assertEquals(await next({ window: 1000 }), [101_501, undefined]);
  assertEquals(await next({}), [undefined, undefined], "it is not asked to look ahead");
  assertEquals(await next({ causesFrom: 110_000 }, [session()]), [110_000, true]);
  assertEquals(await next({ causesFrom: 110_000 }, []), [undefined, undefined], "nobody is left");
  const both = [session(), session({ id: 2, time: 9500 })];
  assertEquals(
    await next({ causesFrom: 110_000, window: 1000 }, both),
    [101_501, true],
    "the sooner of both",
  );
});

Deno.test("look() that decides nothing for now keeps the gates, and what it has seen ahead", async () => {
  const gated = rules([policy({ when: "lag > 30s" })]);
  const script = { health: { health: { lag: 31_000 } } };
  const found = await lookAt(script, { rules: gated, causesFrom: 110_000, window: 1000 });
  assertEquals([found.decisions, found.memory.gates["long"]?.state, found.forecast?.until], [
    [],
    "open",
    106_000,
  ]);
});

Deno.test("look() remembers what it has seen ahead also where somebody was selected", async () => {
  const { forecast, decisions } = await lookAt({}, { rules: LONG, window: 1000 });
  assertEquals([decisions.length, forecast?.until, forecast?.nobody], [1, 106_000, false]);
});

Deno.test("look() with no gate ready waits for nothing that was seen ahead", async () => {
  const gated = rules([policy({ when: "lag > 30s" })]);
  const forecast = { policies: gated.policies, until: 105_000, nobody: true };
  const next = async (lag: number) =>
    (await lookAt({ health: { health: { lag } } }, { rules: gated, window: 1000, forecast })).next;
  assertEquals([await next(0), await next(31_000)], [undefined, 105_000]);
});
