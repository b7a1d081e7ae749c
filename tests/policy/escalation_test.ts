import { assertEquals } from "@std/assert";
import type { OutcomeKind, Session } from "../../src/policy/mod.ts";
import { brief, expression, look, policy, type PolicyText, rules, session, settled } from "./fixture.ts";

const HOLDER: PolicyText = { name: "holder", where: "blocking > 0 and not waiting", escalate: 5000 };
const KILLED = {
  execution: "9:1",
  blocking: 3,
  waiting: false,
  transaction: "9:0",
  transaction_time: 60_000,
};

type Rest = Partial<Omit<Session, "sql">>;

/** What is decided 5 s after `kill query` of a holder of locks, of what its session is by then. */
function decidedThen(
  then: Rest,
  { text = HOLDER, before = {}, protect = "id = 99", outcome = "killed" }: {
    readonly text?: PolicyText;
    readonly before?: Rest;
    readonly protect?: string;
    readonly outcome?: OutcomeKind;
  } = {},
) {
  const asked = rules([policy(text)], { protect: [expression(protect, "session")] });
  const killed = { ...KILLED, ...before };
  const first = look(asked, { now: 0, sessions: [session(killed)] });
  assertEquals(brief(first.decisions), ["holder act 1"]);
  // The look at which its statement has ended.
  const between = look(asked, {
    now: 1000,
    memory: first.memory,
    sessions: [session({ ...killed, ...then })],
  });
  assertEquals(between.decisions, []);
  const memory = settled(between.memory, first.decisions[0], outcome);
  const sessions = [session({ ...KILLED, transaction_time: 65_000, ...before, ...then })];
  return look(asked, { now: 5000, memory, sessions });
}

const actions = (...args: Parameters<typeof decidedThen>) =>
  decidedThen(...args).decisions.map(({ verdict, action, escalation, session: { execution } }) =>
    [verdict, action, escalation, execution].join(" ")
  );

const IDLE = { running: false } as const;
const FOLLOWED = ["act kill connection true 9:1"];

Deno.test("after kill query the connection goes whose transaction still holds what it was selected for", () => {
  assertEquals(actions(IDLE), FOLLOWED);
  assertEquals(actions({ execution: "9:7" }), ["act kill connection true 9:7"], "it runs something else");
  assertEquals(actions({ ...IDLE, execution: "9:7" }), ["act kill connection true 9:7"], "it ran, and rests");
  const [decision] = decidedThen(IDLE).decisions;
  assertEquals(
    decision?.verdict === "act" && decision.note,
    "its statement was ended, and its transaction still holds what it was selected for",
  );
});

Deno.test("nobody's connection goes but for the same transaction", () => {
  const { transaction: _, ...none } = KILLED;
  assertEquals(actions({ ...IDLE, execution: "9:7", transaction: "9:5" }), [], "another one");
  assertEquals(actions({ ...IDLE, blocking: 0 }), [], "it holds up nobody any more");
  assertEquals(actions({ ...IDLE, blocking: { unknown: "not shown" } }), [], "nobody knows");
  const other = session({ ...none, running: false, blocking: 3 });
  const asked = rules([policy(HOLDER)]);
  const { memory } = look(asked, { now: 0, sessions: [session(KILLED)] });
  assertEquals(look(asked, { now: 5000, memory, sessions: [other] }).decisions, [], "it was committed");
});

Deno.test("where a transaction is known by its second alone, it has to be older than the kill", () => {
  const before = { transaction: "1@10:00:00" };
  const later = { ...IDLE, execution: "9:7", ...before };
  assertEquals(actions({ ...later, transaction_time: 5001 }, { before }), ["act kill connection true 9:7"]);
  assertEquals(actions({ ...later, transaction_time: 4999 }, { before }), [], "it may be the next one");
  const idle = actions({ ...IDLE, ...before, transaction_time: 4999 }, { before });
  assertEquals(idle, FOLLOWED, "nothing was run since");
});

Deno.test("a connection goes only for what is held, and not for what was run", () => {
  const then = { ...IDLE };
  assertEquals(actions(then, { text: { ...HOLDER, where: "running and blocking > 0" } }), []);
  assertEquals(actions(then, { text: { ...HOLDER, where: "blocking > 0 and verb = 'select'" } }), []);
  assertEquals(actions(then, { text: { ...HOLDER, where: "user = 'app'" } }), [], "it holds nothing of that");
  assertEquals(actions(then, { text: { ...HOLDER, where: "transaction_time > 50s" } }), FOLLOWED);
  const either = { ...HOLDER, where: "time > 10s or transaction_time > 50s" };
  assertEquals(actions({ execution: "9:1" }, { text: either }), ["act kill connection true 9:1"], "survived");
});

Deno.test("a statement that a policy selects by its own age is its next victim, and not the end of its session", () => {
  const text = { ...HOLDER, where: "time > 10s or transaction_time > 50s" };
  const asked = rules([policy(text)]);
  const { memory } = look(asked, { now: 0, sessions: [session(KILLED)] });
  const { decisions } = look(asked, {
    now: 5000,
    memory,
    sessions: [session({ ...KILLED, execution: "9:7" })],
  });
  assertEquals(decisions.map(({ action, escalation }) => [action, escalation]), [["kill query", undefined]]);
});

Deno.test("whoever is protected, or too dear to undo, or has cost the budget, keeps the connection", () => {
  assertEquals(brief(decidedThen(IDLE, { protect: "idle" }).decisions), ["holder protected 1"]);
  assertEquals(
    brief(decidedThen({ ...IDLE, rows_modified: 100_001 }).decisions),
    ["holder rollback-cost 1"],
  );
  const asked = rules([policy(HOLDER)], { budget: { kills: 1, per: 60_000, share: 100, atLeast: 1 } });
  const { memory } = look(asked, { now: 0, sessions: [session(KILLED)] });
  const sessions = [session({ ...KILLED, running: false })];
  assertEquals(brief(look(asked, { now: 5000, memory, sessions }).decisions), ["holder budget 1"]);
});

Deno.test("nothing follows what ended by itself, was denied, or was followed already; nor in a dry run", () => {
  for (const outcome of ["gone", "changed", "denied", "rolling-back"] as const) {
    assertEquals(actions(IDLE, { outcome }), [], outcome);
    assertEquals(actions({ ...IDLE, execution: "9:7" }, { outcome }), [], outcome);
  }
  const { memory, decisions: [followed] } = decidedThen(IDLE);
  const asked = rules([policy(HOLDER)]);
  const sessions = [session({ ...KILLED, running: false })];
  assertEquals(look(asked, { now: 20_000, memory, sessions }).decisions, []);
  const released = settled(memory, followed, "stale");
  assertEquals(brief(look(asked, { now: 20_000, memory: released, sessions }).decisions), ["holder act 1"]);
  const rehearsal = rules([policy(HOLDER)], { mode: "dry-run" });
  const told = look(rehearsal, { now: 0, sessions: [session(KILLED)] });
  assertEquals(look(rehearsal, { now: 5000, memory: told.memory, sessions }).decisions, []);
});

Deno.test("once its statement has ended, another policy may end a session that rests", () => {
  const asked = rules([
    policy({ name: "long" }),
    policy({ name: "idle", where: "idle_time > 30s", then: "kill connection" }),
  ]);
  const { memory } = look(asked, { now: 0, sessions: [session({ execution: "9:1" })] });
  const sessions = [session({ execution: "9:1", running: false })];
  assertEquals(brief(look(asked, { now: 5000, memory, sessions }).decisions), ["idle act 1"]);
});

Deno.test("what was read torn is still what was decided over", () => {
  const asked = rules([policy()]);
  const torn = session({ execution: "" });
  const { memory } = look(asked, { now: 0, sessions: [session({ execution: "9:1" })] });
  const between = look(asked, { now: 100, memory, sessions: [torn] });
  assertEquals(between.decisions, []);
  const again = look(asked, { now: 200, memory: between.memory, sessions: [session({ execution: "9:1" })] });
  assertEquals(again.decisions, [], "not a second time");
});
