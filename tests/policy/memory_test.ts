import { assertEquals } from "@std/assert";
import {
  forget,
  type Memory,
  NO_MEMORY,
  recognize,
  remembersNothing,
  type SelfReport,
  settle,
} from "../../src/policy/mod.ts";
import { brief, look, policy, rules, session, settled } from "./fixture.ts";

const REPORT: SelfReport = { identity: { server: "one", started: 1000 }, uptime: 5000, readOnly: false };
const SETTLED = { policy: "long", id: 1, at: 0, final: false };
const SPENT = [{ at: 1, policy: "long", action: "kill query" }] as const;
const AT = { now: 60_000, grace: 10_000 };

Deno.test("recognize() keeps what is known of the same server, whose start is rounded to a second", () => {
  const known = recognize({ ...NO_MEMORY, settled: { a: SETTLED } }, REPORT, AT);
  assertEquals([known.settled, known.holdUntil], [{ a: SETTLED }, 0]);
  const later = { ...REPORT, uptime: 9000, identity: { server: "one", started: 1001 } };
  assertEquals(recognize(known, later, AT).settled, { a: SETTLED });
});

Deno.test("recognize() forgets everything but what was spent on another server, a restart, or a change of role", () => {
  const known = { ...recognize(NO_MEMORY, REPORT, AT), settled: { a: SETTLED }, told: ["b"], spent: SPENT };
  const others: readonly SelfReport[] = [
    { ...REPORT, identity: { server: "two", started: 1000 } },
    { ...REPORT, identity: { server: "one", started: 1060 }, uptime: 1000 },
    { ...REPORT, readOnly: true },
  ];
  for (const server of others) {
    assertEquals(recognize(known, server, AT), { ...NO_MEMORY, spent: SPENT, server, holdUntil: 70_000 });
  }
});

Deno.test("decide() kills nothing during the grace, and then does", () => {
  const held = { ...NO_MEMORY, holdUntil: 10_000 };
  const first = look(rules([policy(), policy({ name: "next" })]), { memory: held, now: 9999 });
  assertEquals(brief(first.decisions), ["long grace 1"]);
  const second = look(rules([policy()]), { memory: first.memory, now: 10_000, sessions: [session()] });
  assertEquals(brief(second.decisions), ["long act 1"]);
});

Deno.test("what was told of an execution is forgotten with it, and kept while it may be there", () => {
  const logging = rules([policy({ then: "log" })]);
  const { memory } = look(logging, { sessions: [session(), session({ id: 2 })] });
  assertEquals(memory.told, ["long match execution-1", "long match execution-2"]);
  const later = look(logging, { memory, sessions: [session({ id: 2 })] });
  assertEquals(later.memory.told, ["long match execution-2"]);
  assertEquals(look(logging, { memory, sessions: [] }).memory.told, []);
  const torn = look(logging, { memory, sessions: [session({ id: 9, execution: "" })] });
  assertEquals(torn.memory.told, memory.told, "what was read torn may be any of them");
});

Deno.test("settle() frees one unit: of the policy, the action and the moment of that kill", () => {
  const { decisions, memory } = look(rules([policy()]), { now: 1 });
  const kill = { at: 1, policy: "long", action: "kill query" } as const;
  const others = [
    { ...kill, at: 2 },
    { ...kill, policy: "other" },
    { ...kill, action: "kill connection" },
  ] as const;
  const freed = (spent: Memory["spent"]) => settled({ ...memory, spent }, decisions[0], "gone").spent;
  assertEquals(freed([...others, kill]), others);
  assertEquals(freed([kill, ...others]), others);
  assertEquals(freed([kill, kill]), [kill], "one of two alike");
  assertEquals(freed(others), others, "it is too old to count");
});

Deno.test("settle() leaves alone what is known of other executions", () => {
  const sessions = [session(), session({ id: 2 })];
  const { decisions, memory } = look(rules([policy()]), { sessions });
  const second = memory.settled["execution-2"];
  for (const outcome of ["gone", "stale", "denied", "killed"] as const) {
    assertEquals(settled(memory, decisions[0], outcome).settled["execution-2"], second, outcome);
  }
});

Deno.test("an account that a kill did not reach is asked for no other one, and is remembered once", () => {
  const [decision] = look(rules([policy()]), { sessions: [session()] }).decisions;
  const outcome = { decision: decision!, outcome: "denied", took_ms: 1, shielded: true } as const;
  const refused = settle(NO_MEMORY, outcome);
  assertEquals(refused.shielded.length, 1);
  assertEquals(settle(refused, outcome), refused);
  const sessions = [
    session(),
    session({ id: 2, host: "10.0.0.6", time: 50_000 }),
    session({ id: 3, user: "web", time: 40_000 }),
  ];
  const { decisions, memory } = look(rules([policy()]), { memory: refused, sessions });
  assertEquals(brief(decisions), ["long denied 1", "long act 2", "long act 3"]);
  const [denied] = decisions;
  assertEquals(
    denied?.verdict === "skip" && denied.note,
    "the server would refuse that: the account has SYSTEM_USER",
  );
  assertEquals(memory.spent.length, 2, "what is not asked for costs nothing");
});

Deno.test("forget() keeps what was spent and why nothing is killed, and kills nothing for a while", () => {
  const exhausted = { limit: "kills", policy: "long", action: "kill query", allowed: 1 } as const;
  const hold = { reason: "paused" } as const;
  const known: Memory = {
    ...recognize(NO_MEMORY, REPORT, AT),
    spent: SPENT,
    exhausted,
    settled: { a: SETTLED },
    told: ["x"],
    shielded: ["y"],
    gaveUp: ["z"],
  };
  const forgotten = { ...NO_MEMORY, spent: SPENT, exhausted, holdUntil: 70_000 };
  assertEquals(forget(known, AT), forgotten);
  assertEquals(forget({ ...known, hold }, AT), { ...forgotten, hold });
});

Deno.test("remembersNothing() while there is nothing but gates to bring up to date", () => {
  const gated =
    look(rules([policy({ when: "lag > 30s" })]), { sessions: [], health: { lag: 31_000 } }).memory;
  assertEquals(remembersNothing(gated), true);
  const settling = { since: 0, best: {}, improved: false, fruitless: 0 };
  const some: readonly Partial<Memory>[] = [
    { spent: SPENT },
    { exhausted: { limit: "kills", policy: "long", action: "kill query", allowed: 1 } },
    { settling: { long: settling } },
    { settled: { a: SETTLED } },
    { told: ["long match a"] },
  ];
  for (const part of some) {
    assertEquals(remembersNothing({ ...NO_MEMORY, ...part }), false, Object.keys(part)[0]);
  }
});

Deno.test("what is remembered changes at a look without sessions too", () => {
  const limited = rules([policy()], { budget: { kills: 1, per: 60_000, share: 100, atLeast: 1 } });
  const { memory } = look(limited, { now: 0 });
  assertEquals(look(limited, { memory, sessions: [], now: 59_999 }).memory.spent.length, 1);
  assertEquals(look(limited, { memory, sessions: [], now: 60_000 }).memory.spent, []);
});

Deno.test("a gate keeps the clauses by which it came to be so, until that changes", () => {
  const gated = rules([policy({ when: "lag > 30s or hll > 1M", until: "lag < 5s" })]);
  let memory = NO_MEMORY;
  const at = (health: { readonly lag: number; readonly hll: number }) => {
    memory = look(gated, { memory, health, sessions: [] }).memory;
    return memory.gates["long"]!.because.map(({ expression, left }) => `${expression} ${left}`);
  };
  assertEquals(at({ lag: 31_000, hll: 0 }), ["lag > 30s 31s"]);
  assertEquals(at({ lag: 99_000, hll: 2_000_000 }), ["lag > 30s 31s"], "as it opened");
  assertEquals(at({ lag: 20_000, hll: 0 }), ["lag < 5s 20s"], "another key of the policy holds it open");
});

Deno.test("of a policy that gave up, the gate says what it is now", () => {
  const gated = rules([policy({ when: "hll > 1k", settle: { wait: 1000, giveUpAfter: 1 } })]);
  let memory = NO_MEMORY;
  const at = (now: number, hll: number) => {
    const sessions = [session({ execution: `at-${now}` })];
    memory = look(gated, { now, memory, health: { hll }, sessions }).memory;
    return memory.gates["long"]!.because.map(({ left }) => left).join();
  };
  assertEquals(at(0, 2000), "2k");
  assertEquals(at(1000, 5000), "5k", "it gives up at this look");
  assertEquals(memory.gaveUp, ["long"]);
});

Deno.test("decide() acts on nobody while something holds all kills, and says why with its note", () => {
  for (const hold of [{ reason: "lease" }, { reason: "paused", note: "a migration" }] as const) {
    const { decisions, memory } = look(rules([policy(), policy({ name: "next" })]), {
      memory: { ...NO_MEMORY, hold },
    });
    assertEquals(
      decisions.map(({ policy, action, session: _, ...rest }) => ({
        policy,
        action,
        verdict: rest.verdict,
        ...rest.verdict === "skip" && { reason: rest.reason },
        ...rest.verdict === "skip" && rest.note !== undefined && { note: rest.note },
      })),
      [{ policy: "long", action: "kill query", verdict: "skip", ...hold }],
    );
    assertEquals([memory.spent, memory.settled], [[], {}], "nothing was decided over");
  }
});

Deno.test("recognize() allows for a second of rounding, and not for two", () => {
  const known = { ...recognize(NO_MEMORY, REPORT, AT), settled: { a: SETTLED } };
  for (const [started, expected] of [[999, 1], [1001, 1], [998, 0], [1002, 0]] as const) {
    const later = { ...REPORT, identity: { server: "one", started } };
    assertEquals(Object.keys(recognize(known, later, AT).settled).length, expected, `${started}`);
  }
});

Deno.test("settle() adds to the accounts that kills do not reach, and keeps what it knows of an execution", () => {
  const { decisions, memory } = look(rules([policy({ escalate: 5000 })]), {
    sessions: [session({ transaction: "9:0" })],
  });
  const outcome = { decision: decisions[0]!, outcome: "denied", took_ms: 1, shielded: true } as const;
  const known = { ...memory, shielded: ["another"] };
  const after = settle(known, outcome);
  assertEquals(after.shielded.length, 2);
  assertEquals(after.settled["execution-1"], { ...memory.settled["execution-1"]!, final: true });
});

Deno.test("settle() after an escalation that was not tried keeps the kills of other executions", () => {
  const asked = rules([policy({ escalate: 5000 })]);
  const sessions = [session(), session({ id: 2 })];
  const first = look(asked, { sessions });
  const second = look(asked, {
    now: 5000,
    memory: first.memory,
    sessions: [session(), session({ id: 2, time: 1 })],
  });
  assertEquals(second.decisions.map(({ session }) => session.id), [1]);
  assertEquals(settled(second.memory, second.decisions[0], "stale").settled, first.memory.settled);
});
