// The policy engine with another kind of target than the one that there is.

import { assertEquals } from "@std/assert";
import { DATABASE_DOMAIN } from "../../src/mysql/mod.ts";
import { type Domain, everyNeed, needsOf, NO_MEMORY, verdicts } from "../../src/policy/mod.ts";
import { brief, look, policy, rules, session } from "./fixture.ts";

const DOMAIN: Domain = {
  ...DATABASE_DOMAIN,
  name: "made up",
  whyNever: ({ id }) => id === 1 ? "it is the first" : undefined,
  consent: { name: "state", free: [], isMissing: (_where, { id }) => id === 2 },
  orders: {
    ...DATABASE_DOMAIN.orders,
    oldest: { compare: (a, b) => b.id - a.id, needs: ["rows_locked"] },
  },
  holds: ["holds_user_lock"],
};

const sessions = [1, 2, 3, 4, 5].map((id) => session({ id }));

Deno.test("whom nobody selects, what has to be named and who comes first are the domain's", () => {
  const limited = policy({ victims: { limit: 2 } });
  assertEquals(brief(look(rules([limited], { domain: DOMAIN }), { sessions }).decisions), [
    "long needs-verb 2",
    "long victims-limit 3",
    "long act 5",
    "long act 4",
  ]);
  const snapshot = {
    at: 0,
    health: {},
    sessions,
    server: { server: "one", started: 1 },
    own: { user: "sniper", program: "query-sniper" },
  };
  const told = verdicts(snapshot, [], rules([], { domain: DOMAIN }), NO_MEMORY, 0);
  assertEquals(told.map(({ never }) => never), [
    "it is the first",
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("what a domain's idle items hold spares them, and nothing else does", () => {
  const idle = (id: number, holds: Parameters<typeof session>[0]) =>
    session({ id, running: false, ...holds });
  const set = rules([policy({ where: "idle", then: "kill connection" })], { domain: DOMAIN });
  const holding = [
    idle(3, { holds_user_lock: true }),
    idle(4, { holds_handler: true }),
    idle(5, { holds_user_lock: { unknown: "it was refused" } }),
  ];
  assertEquals(brief(look(set, { sessions: holding }).decisions), [
    "long holds 3",
    "long unknown 5",
    "long act 4",
  ]);
});

Deno.test("what the domain's orders and names ask for is read", () => {
  const needs = needsOf(rules([policy()], { domain: DOMAIN }));
  assertEquals(needs.causes.has("rows_locked"), true);
  assertEquals(needsOf(rules([policy()])).causes.has("rows_locked"), false);
  const few = { ...DATABASE_DOMAIN.vocabulary, rows: DATABASE_DOMAIN.vocabulary.rows.slice(0, 2) };
  const all = everyNeed(rules([], { domain: { ...DOMAIN, vocabulary: few } }));
  assertEquals([...all.health], few.rows.map(({ name }) => name));
  const alike = (where: string) => needsOf(rules([policy({ where })])).alike;
  assertEquals([alike("same_user > 1"), alike("same_digest > 1"), alike("time > 1s")], [true, true, false]);
});
