import { assertEquals } from "@std/assert";
import { NO_MEMORY, recognize, type SelfReport } from "../../src/policy/mod.ts";
import { brief, look, policy, rules, session } from "./fixture.ts";

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
