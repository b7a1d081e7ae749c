import { assertEquals } from "@std/assert";
import { type Memory, NO_MEMORY } from "../../src/policy/mod.ts";
import { brief, look, policy, type PolicyText, rules, session } from "./fixture.ts";

/** A database whose sessions are other ones at each look, and what its policy does there. */
class Rehearsal {
  readonly #rules;
  #memory: Memory = NO_MEMORY;
  #id = 0;

  constructor(text: PolicyText, mode: "enforce" | "dry-run" = "enforce") {
    this.#rules = rules([policy({ when: "hll > 1000 or lag > 30s", ...text })], { mode });
  }

  get memory(): Memory {
    return this.#memory;
  }

  /** What becomes of the one session there is; empty where the gate is closed. */
  at(now: number, health: { readonly hll?: number; readonly lag?: number }): string {
    const id = ++this.#id;
    const sessions = [session({ id, execution: `execution-${id}` })];
    const { decisions, memory } = look(this.#rules, { now, health, sessions, memory: this.#memory });
    this.#memory = memory;
    return brief(decisions).map((text) => text.split(" ")[1]).join(" ");
  }
}

const SETTLE = { wait: 10_000, giveUpAfter: 3 };

Deno.test("a policy with settle waits after a round", () => {
  const rehearsal = new Rehearsal({ settle: SETTLE });
  assertEquals(rehearsal.at(0, { hll: 5000 }), "act");
  assertEquals(rehearsal.at(1000, { hll: 5000 }), "settle");
  assertEquals(rehearsal.at(9999, { hll: 5000 }), "settle");
  assertEquals(rehearsal.at(10_000, { hll: 5000 }), "act");
});

Deno.test("it waits longer while what hurts improves", () => {
  const rehearsal = new Rehearsal({ settle: SETTLE });
  assertEquals(rehearsal.at(0, { hll: 5000 }), "act");
  assertEquals(rehearsal.at(9000, { hll: 4000 }), "settle");
  assertEquals(rehearsal.at(18_000, { hll: 4500 }), "settle", "9 s after the improvement");
  assertEquals(rehearsal.at(18_999, { hll: 3999 }), "settle");
  assertEquals(rehearsal.at(28_998, { hll: 3999 }), "settle");
  assertEquals(rehearsal.at(28_999, { hll: 3999 }), "act");
});

Deno.test("what did not hurt does not improve", () => {
  const rehearsal = new Rehearsal({ settle: SETTLE });
  assertEquals(rehearsal.at(0, { hll: 5000, lag: 20_000 }), "act");
  assertEquals(rehearsal.at(9000, { hll: 5000, lag: 10_000 }), "settle");
  assertEquals(rehearsal.at(10_000, { hll: 5000, lag: 5_000 }), "act");
});

Deno.test("after so many rounds without improvement it gives up until its gate has closed", () => {
  const rehearsal = new Rehearsal({ settle: SETTLE });
  for (const now of [0, 10_000, 20_000]) assertEquals(rehearsal.at(now, { hll: 5000 + now }), "act");
  assertEquals(rehearsal.at(30_000, { hll: 50_000 }), "gave-up");
  assertEquals(rehearsal.memory.gaveUp, ["long"]);
  assertEquals(rehearsal.at(3_000_000, { hll: 50_000 }), "gave-up");
  assertEquals(rehearsal.at(3_001_000, { hll: 999, lag: 0 }), "");
  assertEquals(rehearsal.memory.gaveUp, []);
  assertEquals(rehearsal.at(3_002_000, { hll: 5000 }), "act");
});

Deno.test("a gate that closes and opens again does not end the wait, and the rounds count anew", () => {
  const rehearsal = new Rehearsal({ settle: SETTLE });
  for (const now of [0, 10_000]) assertEquals(rehearsal.at(now, { hll: 5000 }), "act");
  assertEquals(rehearsal.at(11_000, { hll: 999, lag: 0 }), "");
  assertEquals(rehearsal.at(12_000, { hll: 5000 }), "settle");
  assertEquals(rehearsal.at(19_999, { hll: 999, lag: 0 }), "");
  assertEquals(rehearsal.at(19_999, { hll: 5000 }), "settle");
  for (const now of [20_000, 30_000, 40_000]) assertEquals(rehearsal.at(now, { hll: 5000 }), "act", `${now}`);
  assertEquals(rehearsal.at(50_000, { hll: 5000 }), "gave-up");
  assertEquals(rehearsal.at(51_000, { hll: 999, lag: 0 }), "");
  assertEquals(
    [rehearsal.memory.settling, rehearsal.memory.gaveUp],
    [{}, []],
    "the wait is over: all is forgotten",
  );
});

Deno.test("an improvement in between counts the rounds anew", () => {
  const rehearsal = new Rehearsal({ settle: SETTLE });
  assertEquals(rehearsal.at(0, { hll: 5000 }), "act");
  assertEquals(rehearsal.at(10_000, { hll: 5000 }), "act");
  assertEquals(rehearsal.at(11_000, { hll: 4000 }), "settle");
  for (const now of [21_000, 31_000, 41_000]) assertEquals(rehearsal.at(now, { hll: 5000 }), "act", `${now}`);
  assertEquals(rehearsal.at(51_000, { hll: 5000 }), "gave-up");
});

Deno.test("a dry run waits, and does not give up: it has proved nothing", () => {
  const rehearsal = new Rehearsal({ settle: SETTLE }, "dry-run");
  for (const now of [0, 10_000, 20_000, 30_000]) assertEquals(rehearsal.at(now, { hll: 5000 }), "would-kill");
  assertEquals(rehearsal.at(31_000, { hll: 5000 }), "settle");
});

Deno.test("a policy whose gate compares no amounts waits, and does not give up", () => {
  const rehearsal = new Rehearsal({ when: "hll is known", settle: SETTLE });
  for (const now of [0, 10_000, 20_000, 30_000]) assertEquals(rehearsal.at(now, { hll: 5000 }), "act");
});

Deno.test("a session that settle spares falls through to the next policy", () => {
  const two = rules([policy({ settle: SETTLE, victims: { limit: 1 } }), policy({ name: "next" })]);
  const first = look(two, { sessions: [session()] });
  const { decisions } = look(two, { sessions: [session({ id: 2 })], memory: first.memory, now: 1 });
  assertEquals(brief(decisions), ["long settle 2", "next act 2"]);
});

Deno.test("an escalation does not wait", () => {
  const escalating = rules([policy({ escalate: 1000, settle: SETTLE })]);
  const first = look(escalating, { now: 0 });
  const { decisions, memory } = look(escalating, { memory: first.memory, now: 1000 });
  assertEquals(brief(decisions), ["long act 1"]);
  assertEquals(memory.settling["long"]?.since, 0, "nor does it begin a round");
});

Deno.test("what has just reached its limit hurts, and may improve; what is below may not", () => {
  const at = (hll: number) => {
    const rehearsal = new Rehearsal({ when: "hll >= 1000 or lag > 30s", settle: SETTLE });
    assertEquals(rehearsal.at(0, { hll, lag: 31_000 }), "act");
    return rehearsal.memory.settling["long"]!.best;
  };
  assertEquals(at(1000), { "hll >= 1000": 0, "lag > 30s": 1000 });
  assertEquals(at(999), { "lag > 30s": 1000 });
});

Deno.test("a value that is not known any more has not improved", () => {
  const rehearsal = new Rehearsal({ settle: SETTLE });
  assertEquals(rehearsal.at(0, { hll: 5000, lag: 40_000 }), "act");
  assertEquals(rehearsal.at(9000, { hll: 5000 }), "settle");
  assertEquals(rehearsal.memory.settling["long"]!.improved, false);
  assertEquals(rehearsal.at(10_000, { hll: 5000 }), "act");
});

Deno.test("what one comparison gained is kept while another one improves", () => {
  const rehearsal = new Rehearsal({ settle: SETTLE });
  assertEquals(rehearsal.at(0, { hll: 5000, lag: 40_000 }), "act");
  assertEquals(rehearsal.at(1000, { hll: 4000, lag: 40_000 }), "settle");
  assertEquals(rehearsal.at(2000, { hll: 4500, lag: 35_000 }), "settle");
  const { best, since, improved } = rehearsal.memory.settling["long"]!;
  assertEquals([best, since, improved], [{ "hll > 1000": 3000, "lag > 30s": 5000 }, 2000, true]);
});

Deno.test("a gate that nobody knows keeps the round; one that closes ends it, and no other's", () => {
  const two = rules([
    policy({ when: "hll > 1000", settle: SETTLE, where: "user = 'app'" }),
    policy({ name: "other", when: "lag > 30s", settle: SETTLE, where: "user = 'web'" }),
  ]);
  const sessions = [session(), session({ id: 2, user: "web" })];
  const health = { hll: 5000, lag: 31_000 };
  const { memory } = look(two, { sessions, health });
  assertEquals(Object.keys(memory.settling), ["long", "other"]);
  const unknown = look(two, { sessions, health: { lag: 31_000 }, memory, now: 1000 });
  assertEquals(Object.keys(unknown.memory.settling), ["long", "other"]);
  const closed = look(two, { sessions, health: { ...health, hll: 0 }, memory, now: SETTLE.wait });
  assertEquals(Object.keys(closed.memory.settling), ["other"]);
});

Deno.test("a policy that only looks on neither waits nor gives up", () => {
  const shadow = rules([policy({ mode: "dry-run", settle: SETTLE })]);
  let { memory } = look(shadow, { now: 0 });
  for (const now of [1000, 20_000, 40_000, 60_000]) {
    const sessions = [session({ id: now, execution: `at-${now}` })];
    const decided = look(shadow, { now, memory, sessions });
    assertEquals(brief(decided.decisions), [`long would-kill ${now}`]);
    memory = decided.memory;
  }
  assertEquals([memory.settling, memory.gaveUp], [{}, []]);
});

Deno.test("a round in which nobody was acted on is none", () => {
  const limited = rules([policy({ settle: SETTLE })], {
    budget: { kills: 0, per: 60_000, share: 100, atLeast: 1 },
  });
  const { decisions, memory } = look(limited, {});
  assertEquals(brief(decisions), ["long budget 1"]);
  assertEquals(memory.settling, {});
});
