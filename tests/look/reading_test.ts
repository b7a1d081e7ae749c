import { assertEquals } from "@std/assert";
import { NO_MEMORY, type Session } from "../../src/policy/mod.ts";
import { everyNeed } from "../../src/policy/needs.ts";
import type { LookOptions } from "../../src/look/look.ts";
import type { CauseOptions, HealthReport, HealthRequest, StatementOptions } from "../../src/target/mod.ts";
import { policy, rules, session } from "../policy/fixture.ts";
import { LONG, lookAt, REPORT } from "./source_stand_in.ts";

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
