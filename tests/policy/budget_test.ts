import { assertEquals } from "@std/assert";
import { ACTIONS, type Budget, type Memory } from "../../src/policy/mod.ts";
import { exhaustedBy, undecided } from "../../src/policy/budget.ts";
import { brief, look, policy, rules, session } from "./fixture.ts";

const BUDGET: Budget = { kills: 30, per: 60_000, share: 20, atLeast: 1 };

const OWN = { user: "sniper", program: "query-sniper" };

/** So many sessions, of which the first ones run a statement. */
function sessions(running: number, all = running) {
  return Array.from({ length: all }, (_, index) => session({ id: index + 1, running: index < running }));
}

function acted(decisions: Parameters<typeof brief>[0]): number {
  return decisions.filter(({ verdict }) => verdict === "act").length;
}

Deno.test("the share is of the running sessions for kill query, rounded down", () => {
  const limited = rules([policy()], { budget: BUDGET });
  for (const [running, allowed] of [[1, 1], [4, 1], [5, 1], [9, 1], [10, 2], [100, 20], [200, 30]] as const) {
    const { decisions } = look(limited, { sessions: sessions(running, running + 50) });
    assertEquals(acted(decisions), allowed, `of ${running}`);
  }
});

Deno.test("however few sessions there are, the share allows as many as at_least says within per", () => {
  const limited = rules([policy({ escalate: 1000 })], { budget: { ...BUDGET, atLeast: 5 } });
  for (
    const [running, allowed] of [[1, 1], [4, 4], [5, 5], [6, 5], [25, 5], [29, 5], [30, 6], [
      100,
      20,
    ]] as const
  ) {
    const { decisions } = look(limited, { sessions: sessions(running) });
    assertEquals(acted(decisions), allowed, `of ${running}`);
  }
  const first = look(limited, { sessions: sessions(4), now: 0 });
  assertEquals(first.memory.exhausted, null);
  const others = sessions(8).slice(4);
  const second = look(limited, { sessions: others, memory: first.memory, now: 10_000 });
  assertEquals(acted(second.decisions), 1, "four of the five are spent");
  assertEquals(second.memory.exhausted, { limit: "share", policy: "long", action: "kill query", allowed: 5 });
});

Deno.test("at_least holds for a policy's own share as well, and never goes beyond the number of kills", () => {
  const own = rules([policy({ share: 1 })], { budget: { ...BUDGET, atLeast: 3 } });
  assertEquals(acted(look(own, { sessions: sessions(10) }).decisions), 3);
  const few = rules([policy()], { budget: { ...BUDGET, kills: 2, atLeast: 5 } });
  assertEquals(acted(look(few, { sessions: sessions(10) }).decisions), 2);
});

Deno.test("the share is of all connections for kill connection", () => {
  const limited = rules([policy({ then: "kill connection", where: "idle" })], { budget: BUDGET });
  assertEquals(acted(look(limited, { sessions: sessions(10, 50) }).decisions), 10);
});

Deno.test("this program's own sessions are not counted in", () => {
  const own = sessions(10).map((other) => ({
    ...other,
    id: other.id + 100,
    execution: `own-${other.id}`,
    user: "sniper",
  }));
  const { decisions } = look(rules([policy()], { budget: BUDGET }), { sessions: [...sessions(10), ...own] });
  assertEquals(acted(decisions), 2);
});

Deno.test("the share holds over the whole window, and the budget recovers by itself", () => {
  const limited = rules([policy()], { budget: BUDGET });
  const first = look(limited, { sessions: sessions(10), now: 0 });
  assertEquals(first.memory.exhausted, {
    limit: "share",
    policy: "long",
    action: "kill query",
    allowed: 2,
  });
  const left = sessions(10).slice(2);
  const second = look(limited, { sessions: left, memory: first.memory, now: 30_000 });
  assertEquals(acted(second.decisions), 0);
  const third = look(limited, { sessions: left, memory: second.memory, now: 60_000 });
  assertEquals([acted(third.decisions), third.memory.exhausted?.limit], [1, "share"]);
  const calm = look(limited, { sessions: [], memory: third.memory, now: 120_000 });
  assertEquals(calm.memory.exhausted, null);
});

Deno.test("a policy's own share is in place of the budget's, for its own kills", () => {
  const limited = rules(
    [
      policy({ name: "mild", where: "user = 'app'", victims: { limit: 2 } }),
      policy({ name: "storm", share: 50 }),
    ],
    { budget: BUDGET },
  );
  const { decisions } = look(limited, { sessions: sessions(20) });
  const by = (name: string) => decisions.filter((decision) => decision.policy === name);
  assertEquals([acted(by("mild")), acted(by("storm"))], [2, 9], "half of the 18 that are left");
  const kills = rules([policy({ share: 100 })], { budget: { ...BUDGET, kills: 3 } });
  assertEquals(acted(look(kills, { sessions: sessions(20) }).decisions), 3, "the number holds for all");
});

Deno.test("an escalation is of a connection, and takes its own unit", () => {
  const limited = rules([policy({ escalate: 1000 })], { budget: BUDGET });
  const first = look(limited, { sessions: sessions(1), now: 0 });
  const second = look(limited, { sessions: sessions(1), memory: first.memory, now: 1000 });
  assertEquals(brief(second.decisions), ["long act 1"]);
  assertEquals(second.memory.spent.map(({ action }) => action), ["kill query", "kill connection"]);
});

Deno.test("a dry run spends a simulated share", () => {
  const { decisions } = look(rules([policy()], { mode: "dry-run", budget: BUDGET }), {
    sessions: sessions(10),
  });
  assertEquals(
    decisions.map(({ verdict }) => verdict).filter((verdict) => verdict === "would-kill").length,
    2,
  );
});

Deno.test("a budget that held a policy back is forgotten with the policy", () => {
  const memory: Memory = look(rules([policy()], { budget: BUDGET }), { sessions: sessions(10) }).memory;
  assertEquals(look(rules([], { budget: BUDGET }), { sessions: [], memory }).memory.exhausted, null);
});

Deno.test("a running session that was decided over counts among those that were, and an idle one does not", () => {
  // Five run, three of them decided over: of the two that are left and the three kills a share of 80% is four.
  const limited = rules([policy({ victims: { limit: 3 } })], { budget: { ...BUDGET, share: 80 } });
  const first = look(limited, { sessions: sessions(5, 9), now: 0 });
  assertEquals(acted(first.decisions), 3);
  const more = look(limited, { sessions: sessions(5, 9), memory: first.memory, now: 1000 });
  assertEquals([acted(more.decisions), more.memory.exhausted?.allowed], [1, 4]);
  // Once their statements have ended they rest, and are none of the running ones.
  const rested = sessions(5, 9).map((each, index) =>
    index < 3 ? session({ id: each.id, running: false }) : each
  );
  const later = look(limited, { sessions: rested, memory: first.memory, now: 1000 });
  assertEquals([acted(later.decisions), later.memory.exhausted?.allowed], [1, 4]);
});

Deno.test("without a count of sessions nothing but at_least is allowed", () => {
  const none = exhaustedBy(
    { policy: policy(), action: "kill query" },
    [{ at: 0, policy: "long", action: "kill query" }],
    { budget: BUDGET, actions: ACTIONS, there: undecided({ sessions: [], own: OWN }, new Map()) },
  );
  assertEquals(none, { limit: "share", policy: "long", action: "kill query", allowed: 1 });
  assertEquals(undecided({ sessions: [], own: OWN }, new Map()), { running: 0, connections: 0 });
});

Deno.test("who is in the snapshot is there, also where the count has missed it", () => {
  const there = [...sessions(2, 3), session({ id: 9, user: OWN.user })];
  const settled = new Set([there[0]!.execution]);
  const counted = (running: number, connections: number) =>
    undecided({ sessions: there, own: OWN, counts: { running, connections } }, settled);
  assertEquals(counted(1, 1), { running: 1, connections: 2 });
  assertEquals(counted(7, 9), { running: 6, connections: 8 });
});

Deno.test("a kill counts for the budget until it is as old as its window, however late the clock is", () => {
  const limited = rules([policy()], { budget: { ...BUDGET, kills: 1, share: 100 } });
  const { memory } = look(limited, { sessions: sessions(1), now: 1_000_000 });
  const next = [session({ id: 9 })];
  assertEquals(acted(look(limited, { sessions: next, memory, now: 1_059_999 }).decisions), 0);
  assertEquals(acted(look(limited, { sessions: next, memory, now: 1_060_000 }).decisions), 1);
});

Deno.test("a share that is spent stays so, by whose share it was, while nobody is left to kill", () => {
  const limited = rules([policy({ name: "first", where: "user = 'web'" }), policy({ share: 1 })], {
    budget: BUDGET,
  });
  const first = look(limited, { sessions: sessions(10), now: 0 });
  assertEquals([acted(first.decisions), first.memory.exhausted?.policy], [1, "long"]);
  const calm = look(limited, { sessions: [], memory: first.memory, now: 1000 });
  assertEquals(calm.memory.exhausted, { limit: "share", policy: "long", action: "kill query", allowed: 1 });
});
