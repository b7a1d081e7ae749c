import { assertEquals } from "@std/assert";
import { endangered, gates, narrow, NO_MEMORY, type Session } from "../../src/policy/mod.ts";
import { look, policy, type PolicyText, rules, session } from "./fixture.ts";

const OWN = { user: "sniper", program: "query-sniper" };

/** The ids of the sessions that are left, of one that runs and one that is idle. */
function left(...policies: readonly PolicyText[]): readonly number[] {
  const asked = rules(policies.map((text, index) => policy({ name: `p${index}`, ...text })));
  const { rows_modified: _, ...running } = session();
  const { rows_modified: __, ...idle } = session({ id: 2, running: false });
  const sessions = [running, idle, session({ id: 3, user: "sniper" })];
  const open = gates({ health: { hll: 5 } }, asked, NO_MEMORY, { now: 0, wall: 0 });
  return narrow({ sessions, health: { hll: 5 }, own: OWN }, open, asked, NO_MEMORY).map(({ id }) => id);
}

Deno.test("narrow() leaves those that what is not read yet may select", () => {
  assertEquals(left({ where: "time > 10s" }), [1]);
  assertEquals(left({ where: "time > 10m" }), []);
  assertEquals(left({ where: "pins_purge", then: "kill connection" }), [1, 2]);
  assertEquals(left({ where: "pins_purge and idle", then: "kill connection" }), [2]);
  assertEquals(left({ where: "pins_purge and user = 'other'", then: "kill connection" }), []);
  assertEquals(left({ where: "not pins_purge or time > 10m", then: "kill connection" }), [1, 2]);
  assertEquals(left({ where: "blocking is known", then: "kill connection" }), [1, 2]);
  assertEquals(left({ where: "blocking is unknown and running" }), [1]);
});

Deno.test("narrow() knows that kill query ends running statements only", () => {
  assertEquals(left({ where: "pins_purge" }), [1]);
});

Deno.test("narrow() asks the policies whose gate is ready", () => {
  assertEquals(left({ where: "pins_purge", when: "hll > 10" }), []);
  assertEquals(left({ where: "pins_purge", for: 1000 }), []);
  assertEquals(left({ where: "idle", then: "kill connection" }, { where: "pins_purge" }), [1, 2]);
});

/** The sessions that are asked about after a look that knew all of them, for details and before a kill. */
function askedAgain(
  text: PolicyText,
  { mode = "enforce", first = session(), now = session() }: {
    readonly mode?: "enforce" | "dry-run";
    readonly first?: Session;
    readonly now?: Session;
  } = {},
): string {
  const asked = rules([policy(text)], { mode });
  const { memory } = look(asked, { sessions: [first] });
  const snapshot = { sessions: [now], health: {}, own: OWN };
  const open = gates({ health: {} }, asked, memory, { now: 1000, wall: 0 });
  return [narrow, endangered].map((ask) => ask(snapshot, open, asked, memory).length).join();
}

Deno.test("what was decided over is not asked about again, but for its next step", () => {
  assertEquals(askedAgain({}), "0,0");
  assertEquals(askedAgain({ escalate: 5000 }), "1,1");
  assertEquals(askedAgain({ escalate: 5000 }, { mode: "dry-run" }), "0,0", "a rehearsal has no next step");
  assertEquals(askedAgain({ escalate: 5000 }, { now: session({ execution: "next" }) }), "1,1", "another one");
  assertEquals(askedAgain({}, { now: session({ execution: "next" }) }), "1,1");
  const final = { policy: "long", id: 1, at: 0, final: true };
  const asked = rules([policy({ escalate: 5000 })]);
  const memory = { ...NO_MEMORY, settled: { "execution-1": final } };
  const open = gates({ health: {} }, asked, memory, { now: 1000, wall: 0 });
  assertEquals(narrow({ sessions: [session()], health: {}, own: OWN }, open, asked, memory), []);
});

Deno.test("another policy's next step is none of this one's, and once its statement has ended a session is free", () => {
  const asked = (mode: "enforce" | "dry-run", now: Session) => {
    const idle = policy({
      name: "idle",
      where: "idle_time > 1s or running",
      then: "kill connection",
      escalate: 9,
    });
    const memory = look(rules([policy()], { mode }), {}).memory;
    const both = rules([idle], { mode });
    const open = gates({ health: {} }, both, memory, { now: 1000, wall: 0 });
    return narrow({ sessions: [now], health: {}, own: OWN }, open, both, memory).length;
  };
  assertEquals(asked("enforce", session()), 0, "it still runs");
  assertEquals(asked("enforce", session({ running: false })), 1);
  assertEquals(asked("dry-run", session({ running: false })), 0, "nothing has ended it");
});

Deno.test("who only looks on is not asked about what was told already; who acts is", () => {
  assertEquals(askedAgain({ then: "log" }), "0,0");
  assertEquals(askedAgain({ mode: "dry-run" }), "0,0");
  assertEquals(askedAgain({ then: "log" }, { now: session({ execution: "next" }) }), "1,1");
  assertEquals(askedAgain({ mode: "dry-run", victims: { limit: 0 } }), "1,1", "nothing was told of a kill");
});

Deno.test("what an idle connection holds on purpose is asked about once", () => {
  const text = { where: "always", then: "kill connection" } as const;
  const holding = session({ running: false, holds_user_lock: true });
  assertEquals(askedAgain(text, { first: holding, now: holding }), "0,0");
  const next = session({ running: false, execution: "next" });
  assertEquals(askedAgain(text, { first: holding, now: next }), "1,1");
});

Deno.test("a statement that was killed keeps its session in view where the policy has a next step, also while it rests", () => {
  const text = { where: "transaction_time > 1s or time > 10s", escalate: 5000 };
  const rests = session({ running: false, transaction_time: 60_000 });
  assertEquals(askedAgain(text, { now: rests }), "1,1");
  assertEquals(askedAgain({ where: "transaction_time > 1s or time > 10s" }, { now: rests }), "0,0");
  const other = session({ id: 2, running: false, transaction_time: 60_000 });
  assertEquals(askedAgain(text, { now: other }), "0,0", "KILL QUERY does nothing to a session that rests");
});

Deno.test("endangered() are those that a policy surely selects, by policies whose gate is ready", () => {
  const ids = (...texts: readonly PolicyText[]) => {
    const asked = rules(
      texts.map((text, index) => policy({ name: `p${index}`, then: "kill connection", ...text })),
    );
    const sessions = [session({ pins_purge: true }), session({ id: 2, pins_purge: { unknown: "no right" } })];
    const snapshot = { sessions, health: { hll: 5 }, own: OWN };
    const open = gates(snapshot, asked, NO_MEMORY, { now: 0, wall: 0 });
    return endangered(snapshot, open, asked, NO_MEMORY).map(({ id }) => id);
  };
  assertEquals(ids({ where: "pins_purge" }), [1]);
  assertEquals(ids({ where: "pins_purge", when: "hll > 10" }), []);
  assertEquals(ids({ where: "pins_purge", for: 1000 }), []);
  assertEquals(ids({ where: "running", when: "hll > 10" }, { where: "pins_purge" }), [1]);
  assertEquals(ids({ where: "running and hll > 3" }), [1, 2], "the database's values count");
});
