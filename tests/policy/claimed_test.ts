// Two policies that would act on the same session at one look: only the first does.

import { assertEquals } from "@std/assert";
import { DATABASE_DOMAIN } from "../../src/mysql/mod.ts";
import { ACTIONS, type Domain, type Rules, type Session } from "../../src/policy/mod.ts";
import { brief, look, policy, rules, session, settled } from "./fixture.ts";

const WHERE = "blocking > 0";
const HOLDING = { blocking: 3, transaction: "9:0", transaction_time: 60_000, execution: "9:1" };
const SECOND = policy({ name: "second", where: WHERE, then: "kill connection" });

/** What two policies decide once the first one may take its next step, 5 s after its kill. */
function decidedAfter(first: string, then: Partial<Omit<Session, "sql">>, domain: Domain = DATABASE_DOMAIN) {
  const holder = policy({ name: "first", where: WHERE, escalate: 5000, then: first });
  const before = look(rules([holder, SECOND], { domain }), { sessions: [session(HOLDING)], now: 0 });
  assertEquals(brief(before.decisions), ["first act 1"]);
  const memory = settled(before.memory, before.decisions[0], "killed");
  const sessions = [session({ ...HOLDING, ...then })];
  const { decisions } = look(rules([holder, SECOND], { domain }), { sessions, memory, now: 5000 });
  return decisions.map(({ policy, verdict, action }) => `${policy} ${verdict} ${action}`);
}

Deno.test("whom a policy takes its next step on, no later policy acts on", () => {
  assertEquals(decidedAfter("kill query", {}), ["first act kill connection"], "its statement runs on");
  assertEquals(decidedAfter("kill query", { running: false }), ["first act kill connection"]);
});

Deno.test("so it is where the next step is one on statements, and the session is idle by then", () => {
  const { "kill query": onStatement } = ACTIONS;
  const actions = {
    ...ACTIONS,
    warn: { ...onStatement, escalates_to: "end" },
    end: { ...onStatement, escalates_to: null },
  };
  const domain = { ...DATABASE_DOMAIN, actions };
  assertEquals(decidedAfter("warn", { running: false }, domain), ["first act end"]);
});

Deno.test("whose statement was ended, another policy may act on once it is idle, and then no third", () => {
  const query = policy({ name: "query", where: "running" });
  const third = policy({ name: "third", where: WHERE, then: "kill connection" });
  const all = rules([query, SECOND, third]);
  const before = look(all, { sessions: [session(HOLDING)] });
  assertEquals(brief(before.decisions), ["query act 1"]);
  const memory = settled(before.memory, before.decisions[0], "killed");
  const { decisions } = look(all, { sessions: [session({ ...HOLDING, running: false })], memory, now: 1000 });
  assertEquals(brief(decisions), ["second act 1"]);
});

/** What two policies decide over two sessions of which the first takes one. */
function decided(rest: Partial<Rules>, settle?: { readonly wait: number; readonly giveUpAfter: number }) {
  const text = { when: "lag > 30s", victims: { limit: 1 }, ...settle && { settle } };
  const both = rules([policy({ ...text, name: "first" }), policy({ ...text, name: "second" })], rest);
  const health = { lag: 60_000 };
  const sessions = [session({ time: 90_000 }), session({ id: 2 })];
  const first = look(both, { sessions, health, now: 0 });
  const again = look(both, { sessions, health, memory: first.memory, now: 1000 });
  return { first: brief(first.decisions), again: brief(again.decisions), memory: first.memory };
}

Deno.test("two policies that wait for their effect do not take the same session, armed or in a dry run", () => {
  for (const mode of ["enforce", "dry-run"] as const) {
    const verdict = mode === "enforce" ? "act" : "would-kill";
    const taken = ["first victims-limit 2", `first ${verdict} 1`, `second ${verdict} 2`];
    const plain = decided({ mode });
    assertEquals([plain.first, plain.again], [taken, []], mode);
    const settling = decided({ mode }, { wait: 10_000, giveUpAfter: 3 });
    assertEquals([settling.first, settling.again], [taken, []], mode);
    assertEquals(Object.keys(settling.memory.settling), ["first", "second"]);
  }
});

Deno.test("a policy that only rehearses keeps no other from a session", () => {
  const shadow = policy({ name: "shadow", mode: "dry-run", where: WHERE, then: "kill connection" });
  const { decisions, memory } = look(rules([shadow, SECOND]), { sessions: [session(HOLDING)] });
  assertEquals(brief(decisions), ["shadow would-kill 1", "second act 1"]);
  assertEquals(memory.spent.map(({ policy }) => policy), ["second"]);
});
