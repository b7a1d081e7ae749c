import { assertEquals } from "@std/assert";
import type { Clock } from "../../src/clock.ts";
import { type Memory, NO_MEMORY, type Session } from "../../src/policy/mod.ts";
import { everyNeed, needsOf } from "../../src/policy/needs.ts";
import { look, type LookOptions } from "../../src/look/look.ts";
import type {
  CauseOptions,
  CausesFound,
  HealthReport,
  HealthRequest,
  LookSource,
  SessionFilter,
  StatementOptions,
} from "../../src/target/mod.ts";
import { policy, rules, session } from "../policy/fixture.ts";

const REPORT = { identity: { server: "one", started: 1 }, uptime: 3_600_000, readOnly: false };

/** A clock by which each reading takes a second. */
class ReadingTime implements Clock {
  ms = 100_000;
  now = () => this.ms;
  wall = () => 0;
  sleep = () => Promise.resolve();
}

interface Script {
  readonly health?: Partial<HealthReport>;
  readonly sessions?: readonly Session[];
  readonly blind?: boolean;
  /** Whether sessions are read in one round trip with the health, where that is asked for. */
  readonly ahead?: boolean;
  readonly shielded?: LookSource["shielded"];
  /** What reading details comes to. */
  readonly details?: Partial<CausesFound>;
  /** What reading guards makes of each session. */
  readonly guards?: (session: Session) => Session;
}

/** One look at a source that answers as told, and all that it was asked. */
async function lookAt(
  script: Script,
  options: Pick<LookOptions, "rules"> & Partial<LookOptions>,
  memory: Memory = NO_MEMORY,
) {
  const clock = new ReadingTime();
  const asked: { what: string; ids?: readonly number[]; request?: unknown }[] = [];
  const tell = (what: string, rest: { ids?: ReadonlySet<number>; request?: unknown } = {}) => {
    clock.ms += 1000;
    const { ids, ...others } = rest;
    asked.push({ what, ...ids && { ids: [...ids] }, ...others });
  };
  const { sessions = [session()], shielded } = script;
  const source: LookSource = {
    own: { user: "sniper", program: "query-sniper" },
    ...shielded && { shielded },
    blind: script.blind ?? false,
    health(request: HealthRequest) {
      tell("health", { request });
      const ahead = script.ahead && request.sessions !== undefined ? { sessions } : {};
      return Promise.resolve({ health: {}, report: REPORT, ...ahead, ...script.health });
    },
    sessions(filter: SessionFilter) {
      tell("sessions", { request: filter });
      return Promise.resolve(sessions);
    },
    alike: (all) => all.map((each) => ({ ...each, same_user: all.length })),
    counts() {
      tell("counts");
      return Promise.resolve({ running: 10, connections: 20 });
    },
    details(all, options: StatementOptions & CauseOptions) {
      tell("details", { ids: options.ids, request: options });
      return Promise.resolve({ sessions: all, sessionless: [], ...script.details });
    },
    guards(all, ids) {
      tell("guards", { ids });
      return Promise.resolve(all.map(script.guards ?? ((each) => each)));
    },
  };
  const found = await look(
    source,
    {
      needs: needsOf(options.rules),
      hold: undefined,
      ...options,
    },
    memory,
    clock,
  );
  return { ...found, asked, names: asked.map(({ what }) => what) };
}

const LONG = rules([policy()]);

Deno.test("look() reads details of those that are left, and guards of those that are in danger", async () => {
  const sessions = [session(), session({ id: 2, time: 1000 }), session({ id: 3, user: "sniper" })];
  const both = await lookAt({ sessions }, { rules: LONG });
  assertEquals(both.asked.filter(({ ids }) => ids !== undefined).map(({ what, ids }) => [what, ids]), [
    ["details", [1]],
    ["guards", [1]],
  ]);
  const waiting = rules([policy({ where: "blocking > 5 and time > 10s" })]);
  const detailed = await lookAt({ details: { sessions: [{ ...session(), blocking: 1 }] } }, {
    rules: waiting,
  });
  assertEquals(detailed.names, ["health", "sessions", "counts", "details"], "nobody is in danger");
  const nobody = await lookAt({ sessions: [session({ time: 1000 })] }, { rules: LONG });
  assertEquals([nobody.names, nobody.decisions], [["health", "sessions"], []]);
});

Deno.test("look() decides by what details and guards say, and tells what no kill reaches", async () => {
  const sessionless = [{ trx: 7, transaction_time: 1, rows_modified: 2, rows_locked: 3 }];
  const heads = [{ id: 9, blocking: 4 }];
  const waiting = rules([policy({ where: "blocking > 5" })]);
  const blocker = { ...session(), blocking: 9 };
  const found = await lookAt({ details: { sessions: [blocker], sessionless, heads } }, { rules: waiting });
  assertEquals(found.decisions.map(({ verdict }) => verdict), ["act"]);
  assertEquals([found.sessionless, found.heads], [sessionless, heads]);
  const prepared = (each: Session) => ({ ...each, prepared: true });
  const spared = await lookAt({ guards: prepared }, { rules: LONG });
  assertEquals(spared.decisions, [], "who is prepared by XA is never selected");
});

Deno.test("look() counts sessions only where a share may be asked of them", async () => {
  const logging = await lookAt({}, { rules: rules([policy({ then: "log" })]) });
  assertEquals([logging.names.includes("counts"), logging.snapshot?.counts], [false, undefined]);
  const closed = rules([policy({ when: "lag > 30s" }), policy({ name: "log", then: "log" })]);
  const one = await lookAt({ health: { health: { lag: 0 } } }, { rules: closed });
  assertEquals(one.names.includes("counts"), false, "the policy that kills is not asked");
  const kills = rules([policy({ name: "log", then: "log" }), policy()]);
  assertEquals((await lookAt({}, { rules: kills })).snapshot?.counts, { running: 10, connections: 20 });
});

Deno.test("look() holds all kills back without the lease, or for what was seen beside the database", async () => {
  const reasons = async (lease: HealthReport["lease"], hold: LookOptions["hold"]) => {
    const { decisions, memory } = await lookAt({ health: lease === undefined ? {} : { lease } }, {
      rules: LONG,
      hold,
    });
    const told = decisions.map((decision) =>
      decision.verdict === "skip" ? decision.reason : decision.verdict
    );
    return [told.join(), memory.hold?.reason];
  };
  assertEquals(await reasons(undefined, undefined), ["act", undefined]);
  assertEquals(await reasons({ state: "held" }, undefined), ["act", undefined]);
  assertEquals(await reasons({ state: "elsewhere", holder: 7 }, undefined), ["lease", "lease"]);
  assertEquals(await reasons({ state: "unavailable", reason: "x" }, undefined), ["lease", "lease"]);
  assertEquals(await reasons({ state: "held" }, { reason: "paused" }), ["paused", "paused"]);
  assertEquals(await reasons({ state: "elsewhere", holder: 7 }, { reason: "paused" }), ["paused", "paused"]);
});

Deno.test("look() asks for the lease where it is told to, and for what the policies need", async () => {
  const request = async (options: Partial<LookOptions>) => {
    const { asked } = await lookAt({}, { rules: rules([policy({ when: "lag > 30s" })]), ...options });
    return asked[0]!.request as HealthRequest;
  };
  assertEquals([(await request({ lease: true })).lease, (await request({})).lease], [true, false]);
  const { needs, sessions } = await request({});
  assertEquals([needs.has("lag"), sessions], [true, undefined]);
});

Deno.test("look() on another server, or the same in another role, kills nothing for the grace", async () => {
  const memory = { ...NO_MEMORY, server: { ...REPORT, readOnly: true } };
  const { decisions, memory: after } = await lookAt({}, { rules: LONG }, memory);
  assertEquals(decisions.map((decision) => decision.verdict === "skip" && decision.reason), ["grace"]);
  assertEquals([after.server, after.holdUntil], [REPORT, 101_000 + 10_000]);
});

Deno.test("look() says when it decided, and by when what it decided on was read", async () => {
  const { moment, decisions, snapshot, causesAt } = await lookAt({}, { rules: LONG, wall: 5 });
  assertEquals(moment, { now: 101_000, wall: 5 });
  assertEquals([snapshot?.at, decisions[0]!.at, decisions[0]!.decided], [101_000, 101_000, 101_000]);
  assertEquals(causesAt, 101_000, "transactions were read: what is to be undone");
  const any = await lookAt({}, { rules: rules([policy({ rollback: "any" })]) });
  assertEquals([any.causesAt, any.deferred], [undefined, undefined]);
});

Deno.test("look() at a server whose sessions it cannot see keeps the gates, and decides nothing", async () => {
  const gated = rules([policy({ when: "lag > 30s", for: 500 })]);
  const found = await lookAt({ blind: true, health: { health: { lag: 31_000 } } }, {
    rules: gated,
    window: 1000,
  });
  assertEquals([found.names, found.decisions, found.snapshot], [["health"], [], undefined]);
  assertEquals([found.memory.gates["long"]?.state, found.next], ["open", 101_500]);
  const everything = await lookAt({ blind: true }, { rules: LONG, everything: true });
  assertEquals(everything.names, ["health"]);
});

Deno.test("look() reads all of everything where it is told to, whatever the gates, and decides by them", async () => {
  const gated = rules([policy({ when: "lag > 30s" })]);
  const sessions = [session(), session({ id: 2, time: 1000 })];
  const script = { sessions, health: { health: { lag: 0 } }, shielded: [{ user: "root", host: "%" }] };
  const found = await lookAt(script, { rules: gated, everything: true, needs: everyNeed(gated), uptime: 5 });
  assertEquals(found.asked.map(({ what, ids }) => [what, ids]), [
    ["health", undefined],
    ["sessions", undefined],
    ["details", [1, 2]],
    ["counts", undefined],
    ["guards", [1, 2]],
  ]);
  assertEquals(found.asked[1]!.request, { uptime: 3_600_000 });
  assertEquals(found.decisions, []);
  assertEquals(found.snapshot?.sessions.map(({ same_user }) => same_user), [2, 2]);
  assertEquals([found.snapshot?.counts, found.snapshot?.shielded], [
    { running: 10, connections: 20 },
    script.shielded,
  ]);
  const open = await lookAt({ ...script, health: { health: { lag: 31_000 } } }, {
    rules: gated,
    everything: true,
  });
  assertEquals(open.names, found.names, "all of it, although a gate is open");
  assertEquals(open.decisions.map(({ session }) => session.id), [1]);
  const { request } = open.asked.find(({ what }) => what === "details")!;
  const { health, tags } = request as CauseOptions & StatementOptions;
  assertEquals([health, tags], [{ lag: 31_000 }, []]);
});

Deno.test("look() knows who is like whom only where that is asked for, of all sessions", async () => {
  const alike = rules([policy({ where: "same_user > 1 and time > 10s" })]);
  const sessions = [session(), session({ id: 2, time: 1000 })];
  const found = await lookAt({ sessions }, { rules: alike });
  assertEquals(found.decisions.map(({ session }) => session.id), [1]);
  assertEquals(found.asked[1]!.request, { uptime: 3_600_000 }, "all are read");
  const other = await lookAt({ sessions }, { rules: LONG });
  assertEquals(other.snapshot?.sessions.map(({ same_user }) => same_user), [undefined, undefined]);
});

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
  const outlook = { policies: [asked!], until: 999_999, nobody: false };
  assertEquals(await read({}, { window: 1000, outlook }), [1000, undefined], "somebody is old enough soon");
  assertEquals(
    await read({}, { window: 1000, outlook: { ...outlook, until: 101_000 } }),
    [5000, true],
    "no more",
  );
});

Deno.test("look() passes on by what values were measured", async () => {
  const gated = rules([policy({ when: "lag > 30s" })]);
  const health = { health: { lag: 31_000 }, methods: { lag: "heartbeat" } };
  const { gates, snapshot } = await lookAt({ health }, { rules: gated });
  assertEquals([gates[0]!.because[0]!.by, snapshot?.methods], ["heartbeat", { lag: "heartbeat" }]);
  assertEquals(
    (await lookAt({ health: { health: { lag: 31_000 } } }, { rules: gated })).snapshot?.methods,
    {},
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
  assertEquals([found.decisions, found.memory.gates["long"]?.state, found.outlook?.until], [
    [],
    "open",
    106_000,
  ]);
});

Deno.test("look() remembers what it has seen ahead also where somebody was selected", async () => {
  const { outlook, decisions } = await lookAt({}, { rules: LONG, window: 1000 });
  assertEquals([decisions.length, outlook?.until, outlook?.nobody], [1, 106_000, false]);
});

Deno.test("look() with no gate ready waits for nothing that was seen ahead", async () => {
  const gated = rules([policy({ when: "lag > 30s" })]);
  const outlook = { policies: gated.policies, until: 105_000, nobody: true };
  const next = async (lag: number) =>
    (await lookAt({ health: { health: { lag } } }, { rules: gated, window: 1000, outlook })).next;
  assertEquals([await next(0), await next(31_000)], [undefined, 105_000]);
});
