import { assertEquals } from "@std/assert";
import type { Memory, OutcomeKind, Session } from "../../src/policy/mod.ts";
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

Deno.test("whoever is protected, or too costly to undo, or has cost the budget, keeps the connection", () => {
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

/** What is decided at 5 s, or a later moment, of a session whose statement was killed at `at`. */
function nextStep(
  now: Rest,
  { text = HOLDER, at = 100_000, later = 5000, before = {} }: {
    readonly text?: PolicyText;
    readonly at?: number;
    readonly later?: number;
    readonly before?: Rest;
  } = {},
): readonly string[] {
  const asked = rules([policy(text)]);
  const killed = session({ ...KILLED, ...before });
  const first = look(asked, { now: at, sessions: [killed] });
  assertEquals(brief(first.decisions), [`${text.name ?? "long"} act 1`]);
  const sessions = [session({ ...KILLED, ...before, ...now })];
  return look(asked, { now: at + later, memory: first.memory, sessions }).decisions
    .map(({ verdict, action }) => `${verdict} ${action}`);
}

Deno.test("a next step waits for as long as escalate says after the kill, and not a moment longer", () => {
  const running = {};
  assertEquals(nextStep(running, { later: 4999 }), []);
  assertEquals(nextStep(running), ["act kill connection"]);
  const next = { execution: "9:7", transaction_time: 70_000 };
  assertEquals(nextStep(next, { later: 4999 }), []);
  assertEquals(nextStep(next), ["act kill connection"]);
});

Deno.test("what a session holds is each of these by itself: an old transaction, rows, locks, a view, who waits", () => {
  const held: Readonly<Record<string, Rest>> = {
    "transaction_time > 500ms": { transaction_time: 60_000 },
    "rows_modified > 0": { rows_modified: 1 },
    "rows_locked > 0": { rows_locked: 1 },
    pins_purge: { pins_purge: true },
    "blocking > 0": { blocking: 1 },
    blocks_replication: { blocks_replication: true },
  };
  for (const [where, rest] of Object.entries(held)) {
    const { blocking: _, ...nobody } = KILLED;
    const before = { ...nobody, blocking: 0, ...rest };
    assertEquals(nextStep({ running: false }, { text: { ...HOLDER, where }, before }), [
      "act kill connection",
    ], where);
  }
});

Deno.test("what is judged by the database's values or by limits is so at the next step as well", () => {
  const where = "transaction_time > limits.query_time";
  assertEquals(nextStep({ running: false }, { text: { ...HOLDER, where } }), ["act kill connection"]);
});

Deno.test("a transaction that is as old as the kill is the one before it", () => {
  const before = { transaction: "1@10:00:00" };
  const next = (transaction_time: Rest["transaction_time"]) =>
    nextStep({
      execution: "9:7",
      running: false,
      ...before,
      ...transaction_time !== undefined && { transaction_time },
    }, { before });
  assertEquals(next(5000), ["act kill connection"]);
  assertEquals(next(4999), []);
  assertEquals(next({ unknown: "no right" }), [], "nobody knows");
});

Deno.test("a kill is forgotten with the transaction in which it was made, and with its session", () => {
  const asked = rules([policy(HOLDER)]);
  const { memory } = look(asked, { now: 0, sessions: [session(KILLED)] });
  const kept = (rest: Rest, change: (settled: Memory["settled"]) => Memory["settled"] = (each) => each) => {
    const sessions = [session({ ...KILLED, execution: "9:7", running: false, ...rest })];
    const known = { ...memory, settled: change(memory.settled) };
    return Object.keys(look(asked, { now: 1000, memory: known, sessions }).memory.settled);
  };
  assertEquals(kept({}), ["9:1"], "its transaction goes on");
  assertEquals(kept({ transaction: "9:5" }), [], "there is another one");
  assertEquals(kept({ id: 2 }), [], "another session");
  assertEquals(kept({ execution: "9:1", transaction: "9:5" }), ["9:1"], "nothing was run since");
  assertEquals(kept({}, (all) => ({ "9:1": { ...all["9:1"]!, final: true } })), [], "nothing follows");
  const without = (all: Memory["settled"]) => {
    const { transaction: _, ...rest } = all["9:1"]!;
    return { "9:1": rest };
  };
  assertEquals(kept({}, without), [], "it had none that is known");
  const { transaction: _, ...unread } = KILLED;
  const sessions = [session({ ...unread, execution: "9:7", running: false })];
  assertEquals(
    Object.keys(look(asked, { now: 1000, memory, sessions }).memory.settled),
    ["9:1"],
    "not read at this look",
  );
});

Deno.test("where only the inner statements of a CALL are shown, a kill of one was a kill of the CALL", () => {
  const asked = rules([policy({ escalate: 5000 })]);
  const inner = (execution: string, time: number) => session({ execution, time, perhaps_inner: true });
  const { memory } = look(asked, { now: 100_000, sessions: [inner("1", 60_000)] });
  const at = (now: number, session: Session, known = memory) =>
    look(asked, { now, memory: known, sessions: [session] }).decisions.map(({ action }) => action);
  assertEquals(at(101_000, inner("2", 61_000)), [], "the same CALL: no second kill");
  assertEquals(at(105_000, inner("2", 65_000)), ["kill connection"], "it goes on for too long");
  assertEquals(at(115_000, inner("2", 14_000)), ["kill query"], "it began after the kill");
  const { perhaps_inner: _, ...sure } = inner("2", 61_000);
  assertEquals(at(101_000, sure), ["kill query"], "what the server shows is the statement itself");
  assertEquals(at(101_000, { ...inner("2", 61_000), id: 2 }), ["kill query"], "another session");
  const over = { ...memory, settled: { "1": { ...memory.settled["1"]!, final: true } } };
  assertEquals(at(105_000, inner("2", 65_000), over), [], "nothing follows");
  const both = { ...memory, settled: { ...memory.settled, "3": { ...memory.settled["1"]!, final: true } } };
  assertEquals(at(105_000, inner("2", 65_000), both), [], "the last step counts");
});

Deno.test("where a transaction has a number of its own, its age tells nothing more", () => {
  assertEquals(nextStep({ execution: "9:7", running: false, transaction_time: 1 }), ["act kill connection"]);
  assertEquals(nextStep({ execution: "9:7", running: false, transaction_time: { unknown: "no right" } }), [
    "act kill connection",
  ]);
});

Deno.test("where a transaction was not read at the kill, nothing that is read later is taken for it", () => {
  const { transaction: _, ...unread } = KILLED;
  const asked = rules([policy(HOLDER)]);
  const { memory } = look(asked, { now: 0, sessions: [session(unread)] });
  const other = session({ ...KILLED, execution: "9:7", running: false });
  const known = { ...memory, settled: { ...memory.settled } };
  assertEquals(look(asked, { now: 5000, memory: known, sessions: [other] }).decisions, []);
});
