import { assert, assertEquals } from "@std/assert";
import { decide, gates, type Memory, NO_MEMORY, verdicts } from "../../src/policy/mod.ts";
import { brief, expression, look, policy, rules, session, settled } from "./fixture.ts";

Deno.test("decide() acts on what `where` selects, with the clauses that held", () => {
  const { decisions } = look(
    rules([policy({ when: "lag > limits.lag", where: "user = 'app' and time > limits.query_time" })]),
    { health: { lag: 42_000 }, sessions: [session({ time: 12_873 }), session({ id: 2, user: "web" })] },
  );
  assertEquals(brief(decisions), ["long act 1"]);
  assertEquals(decisions[0]!.because, [
    { expression: "lag > limits.lag", left: "42s", right: "30s" },
    { expression: "user = 'app'", left: "'app'", right: "'app'" },
    { expression: "time > limits.query_time", left: "12.873s", right: "10s" },
  ]);
});

Deno.test("decide() does nothing while the gate is not open", () => {
  const gated = rules([policy({ when: "lag > 30s" })]);
  assertEquals(look(gated, { health: { lag: 1000 } }).decisions, []);
  assertEquals(look(gated, { health: { lag: { unknown: "no" } } }).decisions, []);
});

Deno.test("decide() does not select what `where` leaves unknown", () => {
  const sessions = [session({ time: { unknown: "the server shows an absurd time" } })];
  assertEquals(look(rules([policy()]), { sessions }).decisions, []);
  assertEquals(look(rules([policy({ where: "not time > 10s" })]), { sessions }).decisions, []);
});

Deno.test("decide() in a dry-run database would kill, once for each execution", () => {
  const rehearsal = rules([policy()], { mode: "dry-run" });
  const first = look(rehearsal, {});
  assertEquals(brief(first.decisions), ["long would-kill 1"]);
  assertEquals(first.decisions[0]!.mode, "dry-run");
  const second = look(rehearsal, { memory: first.memory });
  assertEquals(second.decisions, []);
  const next = look(rehearsal, { memory: second.memory, sessions: [session({ execution: "another" })] });
  assertEquals(brief(next.decisions), ["long would-kill 1"]);
});

Deno.test("decide() lets the first armed policy decide, and the others look on", () => {
  const { decisions } = look(
    rules([
      policy({ name: "log", then: "log" }),
      policy({ name: "shadow", mode: "dry-run" }),
      policy({ name: "first" }),
      policy({ name: "second" }),
    ]),
    {},
  );
  assertEquals(brief(decisions), ["log match 1", "shadow would-kill 1", "first act 1"]);
  assertEquals(decisions.map(({ mode }) => mode), ["enforce", "dry-run", "enforce"]);
});

Deno.test("decide() does not select an execution again that was decided over", () => {
  const armed = rules([policy(), policy({ name: "later" })]);
  const { memory } = look(armed, {});
  assertEquals(look(armed, { memory }).decisions, []);
  assertEquals(brief(look(armed, { memory, sessions: [session({ execution: "next" })] }).decisions), [
    "long act 1",
  ]);
});

Deno.test("decide() spares what `protect` covers, and what it may cover", () => {
  const protect = [expression("user = 'backup'", "session"), expression("time > 1d", "session")];
  const sessions = [
    session({ user: "backup" }),
    session({ id: 2, time: { unknown: "the server shows no time" } }),
    session({ id: 3 }),
  ];
  const { decisions } = look(rules([policy({ where: "running" })], { protect }), { sessions });
  assertEquals(brief(decisions), ["long protected 1", "long protected-unknown 2", "long act 3"]);
  assertEquals(decisions.map(({ because }) => because.at(-1)), [
    { expression: "user = 'backup'", left: "'backup'", right: "'backup'" },
    { expression: "time > 1d", left: "unknown: the server shows no time", right: "1d" },
    { expression: "running", left: "true" },
  ]);
});

Deno.test("decide() does not let a protected session fall through to the next policy", () => {
  const protect = [expression("user = 'app'", "session")];
  const { decisions, memory } = look(rules([policy(), policy({ name: "next" })], { protect }), {});
  assertEquals(brief(decisions), ["long protected 1"]);
  assertEquals(look(rules([policy()], { protect }), { memory }).decisions, [], "told once");
});

Deno.test("decide() takes the oldest victims first, and leaves the others to the next policy", () => {
  const sessions = [10_001, 30_000, 20_000].map((time, index) => session({ id: index + 1, time }));
  const { decisions } = look(
    rules([
      policy({ victims: { limit: 1 } }),
      policy({ name: "next", victims: { order: "newest", limit: 1 } }),
    ]),
    { sessions },
  );
  assertEquals(brief(decisions), [
    "long victims-limit 3",
    "long victims-limit 1",
    "long act 2",
    "next victims-limit 3",
    "next act 1",
  ]);
});

Deno.test("decide() does not let protected sessions use up the victims limit", () => {
  const protect = [expression("user = 'backup'", "session")];
  const sessions = [session({ user: "backup", time: 90_000 }), session({ id: 2 })];
  const { decisions } = look(rules([policy({ victims: { limit: 1 } })], { protect }), { sessions });
  assertEquals(brief(decisions), ["long protected 1", "long act 2"]);
});

Deno.test("decide() stops at the budget, and goes on when its window has moved", () => {
  const limited = rules([policy(), policy({ name: "next" })], {
    budget: { kills: 2, per: 60_000, share: 100, atLeast: 1 },
  });
  const sessions = [1, 2, 3].map((id) => session({ id, time: 60_000 - id }));
  const first = look(limited, { sessions, now: 0 });
  assertEquals(brief(first.decisions), ["long act 1", "long act 2", "long budget 3"]);
  assertEquals(first.memory.exhausted, {
    limit: "kills",
    policy: "long",
    action: "kill query",
    allowed: 2,
  });
  const later = look(limited, { sessions, memory: first.memory, now: 59_999 });
  assertEquals(later.decisions, [], "told once");
  const recovered = look(limited, { sessions, memory: later.memory, now: 60_000 });
  assertEquals(brief(recovered.decisions), ["long act 3"]);
  assertEquals(recovered.memory.exhausted, null);
});

Deno.test("decide() spends a simulated budget in a dry run", () => {
  const limited = rules([policy()], {
    mode: "dry-run",
    budget: { kills: 1, per: 60_000, share: 100, atLeast: 1 },
  });
  const sessions = [session(), session({ id: 2, time: 11_000 })];
  assertEquals(brief(look(limited, { sessions }).decisions), ["long would-kill 1", "long budget 2"]);
});

Deno.test("decide() never sends KILL QUERY to a session that runs nothing", () => {
  const sessions = [session({ running: false })];
  const where = "idle_time > 10s";
  assertEquals(look(rules([policy({ where })]), { sessions }).decisions, []);
  assertEquals(brief(look(rules([policy({ where, then: "kill connection" })]), { sessions }).decisions), [
    "long act 1",
  ]);
});

Deno.test("decide() wants the verb named for what is costly to repeat or worse half done", () => {
  const sessions = [
    session({ sql: "ALTER TABLE t ADD c INT" }),
    session({ id: 2, sql: "SELECT /*!40001 SQL_NO_CACHE */ * FROM `t`" }),
    session({ id: 3, verb: { unknown: "cut" } }),
    session({ id: 4 }),
  ];
  assertEquals(brief(look(rules([policy()]), { sessions }).decisions), [
    "long needs-verb 1",
    "long needs-verb 2",
    "long needs-verb 3",
    "long act 4",
  ]);
  const named = rules([policy({ where: "verb in ('alter', 'dump')" })]);
  assertEquals(brief(look(named, { sessions }).decisions), ["long act 1", "long act 2"]);
  const negated = rules([policy({ where: "verb not in ('select') and time > 10s" })]);
  assertEquals(brief(look(negated, { sessions }).decisions), ["long needs-verb 1", "long needs-verb 2"]);
});

Deno.test("decide() forgets executions that are gone", () => {
  const armed = rules([policy()]);
  const { memory } = look(armed, {});
  assertEquals(Object.keys(memory.settled), ["execution-1"]);
  assertEquals(look(armed, { memory, sessions: [] }).memory.settled, {});
});

Deno.test("decide() keeps nothing but JSON", () => {
  const { decisions, memory } = look(rules([policy()]), {});
  assertEquals(JSON.parse(JSON.stringify(memory)) as Memory, memory);
  const json = JSON.stringify(decisions);
  assert(!json.includes("secret"), "statement text prints as ***");
});

Deno.test("decide() ends the connection of a statement that survived its kill, once", () => {
  const escalating = rules([policy({ escalate: 5000 }), policy({ name: "other", escalate: 1000 })]);
  let { memory } = look(escalating, { now: 0 });
  const decisionsAt = (now: number, rest: Parameters<typeof session>[0] = {}) => {
    const decided = look(escalating, { memory, now, sessions: [session(rest)] });
    memory = decided.memory;
    return decided.decisions.map(({ verdict, action, policy, escalation }) =>
      `${policy} ${verdict} ${action} ${escalation}`
    );
  };
  assertEquals(decisionsAt(4999), [], "not yet, and not by another policy");
  assertEquals(decisionsAt(5000, { state: "rolling back" }), [], "never a rollback");
  assertEquals(decisionsAt(5001, { time: 1 }), [], "a fresh look no longer selects it");
  assertEquals(decisionsAt(5002), ["long act kill connection true"]);
  assertEquals(decisionsAt(20_000), [], "once");
});

Deno.test("decide() does not escalate what was denied or is rolling back, nor in a dry run", () => {
  const escalating = rules([policy({ escalate: 5000 })]);
  const first = look(escalating, { now: 0 });
  for (const outcome of ["denied", "rolling-back"] as const) {
    const memory = settled(first.memory, first.decisions[0], outcome);
    assertEquals(look(escalating, { memory, now: 6000 }).decisions, [], outcome);
  }
  const rehearsal = { ...escalating, mode: "dry-run" as const };
  assertEquals(look(rehearsal, { memory: look(rehearsal, { now: 0 }).memory, now: 6000 }).decisions, []);
});

Deno.test("decide() spends a unit of the budget on an escalation", () => {
  const escalating = rules([policy({ escalate: 5000 })], {
    budget: { kills: 1, per: 60_000, share: 100, atLeast: 1 },
  });
  const { memory } = look(escalating, { now: 0 });
  assertEquals(brief(look(escalating, { memory, now: 5000 }).decisions), ["long budget 1"]);
});

Deno.test("decide() spares what would be costly to undo, or may be, unless the policy says any", () => {
  const sessions = [
    session({ rows_modified: 100_001 }),
    session({ id: 2, rows_modified: { unknown: "no right" } }),
    session({ id: 3, rows_modified: 100_000, time: 20_000 }),
  ];
  const { decisions } = look(rules([policy()]), { sessions });
  assertEquals(brief(decisions), ["long rollback-cost 1", "long rollback-cost 2", "long act 3"]);
  assertEquals(decisions.slice(0, 2).map(({ because }) => because.at(-1)), [
    { expression: "rows_modified > limits.rollback_rows", left: "100001", right: "100000" },
    { expression: "rows_modified > limits.rollback_rows", left: "unknown: no right", right: "100000" },
  ]);
  assertEquals(
    brief(look(rules([policy()], { rollbackRows: 99_999 }), { sessions }).decisions).at(-1),
    "long rollback-cost 3",
  );
  const any = look(rules([policy(), policy({ name: "any", rollback: "any" })]), { sessions });
  assertEquals(
    brief(any.decisions).slice(-2),
    ["any act 1", "any act 2"],
    "it falls through to another policy",
  );
  assertEquals(
    brief(look(rules([policy({ then: "log" })]), { sessions }).decisions).length,
    3,
    "a log undoes nothing",
  );
});

Deno.test("decide() names, and spares, what may hold the oldest read view", () => {
  const pins_purge = { unknown: "the server does not show it" };
  const policies = rules([policy({ where: "pins_purge and user = 'app'", then: "kill connection" })]);
  const sessions = [
    session({ pins_purge, transaction_time: 5000 }),
    session({ id: 2, pins_purge, transaction_time: 999 }),
    session({ id: 3, pins_purge, transaction_time: 5000, user: "other" }),
    session({ id: 4, pins_purge: true, transaction_time: 4000 }),
  ];
  const { decisions, memory } = look(policies, { sessions });
  assertEquals(brief(decisions), ["long unknown 1", "long act 4"]);
  assertEquals(decisions[0]!.because.map(({ left }) => left), ["unknown: the server does not show it"]);
  assertEquals(look(policies, { sessions, memory }).decisions, [], "told once");
});

Deno.test("decide() takes whom most wait for first", () => {
  const sessions = [
    session({ blocking: 1 }),
    session({ id: 2, blocking: { unknown: "no" } }),
    session({ id: 3, blocking: 7 }),
    session({ id: 4, blocking: 1, time: 90_000 }),
  ];
  const victims = { order: "most-blocking" } as const;
  const { decisions } = look(rules([policy({ victims })]), { sessions });
  assertEquals(brief(decisions), ["long act 3", "long act 4", "long act 1", "long act 2"]);
});

Deno.test("decide() names who may hold the oldest read view only once a transaction is worth naming, and of what acts", () => {
  const pins_purge = { unknown: "the server does not show it" };
  const named = (rest: Parameters<typeof session>[0], text: Parameters<typeof policy>[0] = {}) => {
    const asked = policy({ where: "pins_purge and user = 'app'", then: "kill connection", ...text });
    return brief(look(rules([asked]), { sessions: [session({ pins_purge, ...rest })] }).decisions).join();
  };
  assertEquals(named({ transaction_time: 1000 }), "long unknown 1");
  assertEquals(named({ transaction_time: 999 }), "");
  assertEquals(named({ transaction_time: { unknown: "no right" } }), "long unknown 1");
  assertEquals(named({}), "", "it has none");
  assertEquals(named({ transaction_time: 1000 }, { then: "log" }), "");
  assertEquals(named({ transaction_time: 1000, pins_purge: false }), "");
  assertEquals(named({ transaction_time: 1000 }, { where: "pins_purge or user = 'app'" }), "long act 1");
  assertEquals(
    named({ transaction_time: 1000 }, { where: "not pins_purge" }),
    "",
    "holding it would spare it",
  );
  const limits = { where: "pins_purge and time > limits.query_time" };
  assertEquals(named({ transaction_time: 1000 }, limits), "long unknown 1");
});

Deno.test("decide() tells nothing of what a log leaves out, and leaves out whom it does not take", () => {
  const sessions = [session(), session({ id: 2, time: 90_000 })];
  const logged = look(rules([policy({ then: "log", victims: { limit: 1 } })]), { sessions });
  assertEquals(brief(logged.decisions), ["long match 2"]);
});

Deno.test("decide() counts as its own what a policy waits for, and for no other policy's sake", () => {
  const settle = { wait: 10_000, giveUpAfter: 3 };
  const asked = rules([policy({ settle, where: "user = 'app'" }), policy({ name: "other", settle })]);
  const { memory } = look(asked, { sessions: [session()] });
  const next = [session({ id: 2, user: "web" })];
  assertEquals(brief(look(asked, { sessions: next, memory, now: 1000 }).decisions), ["other act 2"]);
  const waiting = look(asked, { sessions: [session({ id: 3 })], memory, now: 1000 });
  assertEquals([waiting.memory.gaveUp, brief(waiting.decisions)], [[], ["long settle 3", "other act 3"]]);
});

Deno.test("decide() says by which way a value of the database was measured", () => {
  const asked = rules([policy({ when: "lag > 30s", where: "lag > 30s and time > 10s" })]);
  const snapshot = {
    at: 0,
    health: { lag: 42_000 },
    methods: { lag: "heartbeat" },
    sessions: [session()],
    counts: { running: 1, connections: 1 },
    server: { server: "one", started: 1 },
    own: { user: "sniper", program: "query-sniper" },
  };
  const found = gates(snapshot, asked, NO_MEMORY, { now: 0, wall: 0 });
  assertEquals(found[0]!.because.map(({ by }) => by), ["heartbeat"]);
  const [decision] = decide(snapshot, found, asked, NO_MEMORY, 0).decisions;
  assertEquals(decision!.because.map(({ expression, by }) => [expression, by]), [
    ["lag > 30s", "heartbeat"],
    ["lag > 30s", "heartbeat"],
    ["time > 10s", undefined],
  ]);
  const [shown] = verdicts(snapshot, found, asked, NO_MEMORY, 0);
  assertEquals(shown!.policies[0]!.because[0]!.by, "heartbeat");
});
