import { assertEquals, assertThrows } from "@std/assert";
import {
  decisionEvent,
  outcomeEvent,
  redact,
  sessionReport,
  statementReading,
} from "../../src/events/mod.ts";
import type { Decision } from "../../src/policy/mod.ts";
import { Secret } from "../../src/text/secret.ts";
import { look, policy, rules, session } from "../policy/fixture.ts";

const SQL = "SELECT secret FROM t WHERE id = 4711 /* job='night' */";

/** The decision of an armed policy on one statement. */
function decision(rest: Partial<Decision> = {}): Decision {
  const [found] = look(rules([policy()]), { sessions: [session({ sql: SQL })] }).decisions;
  return { ...found!, ...rest } as Decision;
}

Deno.test("sessionReport() says null of what is not known, and leaves out what there is none of", () => {
  assertEquals(sessionReport(session({ program: "batch", time: 12_345.6 })), {
    id: 1,
    user: "app",
    host: "10.0.0.5",
    db: "test",
    program: "batch",
    command: "Query",
    time_ms: 12_346,
  });
  const unknown = { unknown: "no right" };
  assertEquals(
    sessionReport(
      session({ running: false, user: unknown, definer: "root", host: unknown, program: unknown }),
    ),
    {
      id: 1,
      user: null,
      host: null,
      definer: "root",
      db: "test",
      command: "Sleep",
      idle_time_ms: 60_000,
    },
  );
  const { definer, user } = sessionReport(session({ user: unknown }));
  assertEquals([definer, user], [undefined, null], "nobody is shown at all");
  assertEquals("program" in sessionReport(session({ program: "" })), false, "it calls itself nothing");
  assertEquals(sessionReport(session({ definer: "root" })).definer, undefined, "who it is, is known");
  assertEquals(sessionReport(session({ waits_for: "813,0,-5" })).waits_for, [813, 0, -5]);
  const told = { proxy: "edge", proxy_session: 17, client_user: "web", client_host: "10.1.1.1" };
  assertEquals(sessionReport(session({ ...told, client_port: 4000, hostgroup: 10 })).client, {
    ...{ proxy: "edge", session: 17, user: "web", host: "10.1.1.1", port: 4000, hostgroup: 10 },
  });
  assertEquals(sessionReport(session({ ...told, client_port: unknown, hostgroup: unknown })).client, {
    ...{ proxy: "edge", session: 17, user: "web", host: "10.1.1.1" },
  });
  assertEquals(sessionReport(session({ ...told, proxy: unknown })).client, undefined);
});

Deno.test("decisionEvent() tells of a session that matched, was spared, or would have been killed", () => {
  const told = (rest: Partial<Decision>) => {
    const event = redact(decisionEvent("shop", decision(rest)), "digest");
    if (event.event !== "kill" && event.event !== "match") throw new Error(event.event);
    return event;
  };
  const match = told({ verdict: "match", action: "log" } as Partial<Decision>);
  assertEquals(Object.keys(match), [
    ...["event", "database", "policy", "mode", "action", "because", "session", "statement"],
  ]);
  assertEquals([match.event, match.database, match.policy], ["match", "shop", "long"]);
  const skip = told({ verdict: "skip", reason: "paused", note: "a migration" } as Partial<Decision>);
  assertEquals(Object.keys(skip), [
    ...["event", "database", "policy", "mode", "action", "outcome", "reason", "note", "because", "session"],
    "statement",
  ]);
  assertEquals({ ...skip, because: [], session: 0, statement: 0 }, {
    event: "kill",
    database: "shop",
    policy: "long",
    mode: "enforce",
    action: "kill query",
    outcome: "skipped",
    reason: "paused",
    note: "a migration",
    because: [],
    session: 0,
    statement: 0,
  } as never);
  assertEquals("note" in told({ verdict: "skip", reason: "budget" } as Partial<Decision>), false);
  const would = told({ verdict: "would-kill", note: "refused" } as Partial<Decision>);
  assertEquals(would.event === "kill" && [would.outcome, would.note, would.reason], [
    "would-kill",
    "refused",
    undefined,
  ]);
  assertEquals("note" in told({ verdict: "would-kill" } as Partial<Decision>), false);
});

Deno.test("a decision to act is told by its outcome alone", () => {
  assertThrows(() => decisionEvent("shop", decision()), TypeError, "a decision to act has an outcome");
});

Deno.test("outcomeEvent() says how long it took where something was tried, that it was a next step, and a note", () => {
  const told = (rest: Partial<Parameters<typeof outcomeEvent>[1]>) =>
    outcomeEvent("shop", { decision: decision(), outcome: "killed", took_ms: 3.2, ...rest });
  const plain = told({});
  assertEquals([plain.outcome, plain.took_ms, "note" in plain, "escalation" in plain], [
    "killed",
    3.2,
    false,
    false,
  ]);
  assertEquals(told({ decision: decision({ escalation: true }) }).escalation, true);
  const stale = told({ outcome: "stale", note: "it runs on" });
  assertEquals([stale.outcome, stale.reason, stale.note, "took_ms" in stale], [
    "skipped",
    "stale",
    "it runs on",
    false,
  ]);
});

Deno.test("redact() lets a statement's digest out, and its text only where that was asked for", () => {
  const event = outcomeEvent("shop", { decision: decision(), outcome: "killed", took_ms: 1 });
  const redacted = redact(event, "digest");
  assertEquals(JSON.stringify(redacted).includes("4711"), false);
  if (redacted.event !== "kill") throw new Error(redacted.event);
  assertEquals(redacted.statement!.digest_text, "SELECT `secret` FROM `t` WHERE `id` = ?");
  assertEquals([redacted.statement!.tables, redacted.statement!.verb], [["t"], "select"]);
  assertEquals("sql" in redacted.statement!, false);
  const raw = redact(event, "raw");
  assertEquals(raw.event === "kill" && raw.statement!.sql, SQL);
  const start = { event: "stop", reason: "done", looks: 1, kills: 0, errors: 0 } as const;
  assertEquals(redact(start, "raw"), start);
  const idle = look(rules([policy({ where: "idle", then: "kill connection" })]), {
    sessions: [session({ running: false })],
  }).decisions[0]!;
  assertEquals(
    "statement" in redact(outcomeEvent("shop", { decision: idle, outcome: "killed", took_ms: 1 }), "raw"),
    false,
  );
});

Deno.test("statementReading() keeps what is known of a statement, and nothing where its text is not", () => {
  const read = (rest: Parameters<typeof session>[0]) => statementReading(session(rest));
  const tagged = {
    "tag.job": "night",
    "tag.empty": "",
    "tag.unknown": { unknown: "cut" },
    "attribute.x": "y",
  };
  const full = read({ sql: SQL, server_digest: "abc", ...tagged })!;
  assertEquals([full.verb, full.serverDigest, full.tags], ["select", "abc", { job: "night" }]);
  assertEquals(full.sql.text.reveal(), SQL);
  const plain = read({ verb: { unknown: "cut" } })!;
  assertEquals(["verb" in plain, "serverDigest" in plain, plain.tags], [false, false, {}]);
  assertEquals(read({ running: false }), undefined);
  assertEquals(statementReading({ ...session(), sql: { unknown: "no right" } }), undefined);
});

Deno.test("redact() adds the server's own digest, and knows a text that was cut", () => {
  const cut = { ...session(), sql: { text: new Secret("SELECT 1, 'half"), cut: true }, server_digest: "abc" };
  const event = outcomeEvent("shop", { decision: decision({ session: cut }), outcome: "killed", took_ms: 1 });
  const redacted = redact(event, "digest");
  if (redacted.event !== "kill") throw new Error(redacted.event);
  assertEquals(redacted.statement!.server_digest, "abc");
  assertEquals(redacted.statement!.digest_text, "SELECT ? , …");
});
