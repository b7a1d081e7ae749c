import { assertEquals } from "@std/assert";
import { type Memory, NO_MEMORY, type Rules, withNewRules } from "../../src/policy/mod.ts";
import { policy, rules } from "./fixture.ts";

const GATE = { policy: "", state: "open", by: "when", because: [], looks: 3, ready: true, since: 0 } as const;
const SETTLING = { since: 0, best: {}, improved: false, fruitless: 0 };

/** What is remembered of two policies. */
const KNOWN: Memory = {
  ...NO_MEMORY,
  gates: { slow: { ...GATE, policy: "slow" }, idle: { ...GATE, policy: "idle" } },
  settling: { slow: SETTLING, idle: SETTLING },
  gaveUp: ["slow", "idle"],
  told: ["slow protected 9:1", "idle match 9:2"],
  settled: { "9:3": { policy: "slow", id: 3, at: 0, final: false } },
  spent: [{ at: 1, policy: "slow", action: "kill query" }],
};

/** The policies of which all is still known after a change of the rules. */
function kept(before: Rules, after: Rules): string {
  const { gates, settling, gaveUp, told, ...rest } = withNewRules(KNOWN, before, after);
  const names = [Object.keys(gates), Object.keys(settling), gaveUp, told.map((text) => text.split(" ")[0])];
  assertEquals(new Set(names.map((each) => each.join())).size, 1, "all of it, or nothing");
  const { gates: _, settling: __, gaveUp: ___, told: ____, ...known } = KNOWN;
  assertEquals(rest, known, "what was decided over executions and spent stays");
  return gaveUp.join();
}

const A = { name: "slow", when: "lag > limits.lag", until: "lag < 5s", where: "time > limits.query_time" };
const B = { name: "idle", where: "time > 10s" };
const BEFORE = rules([policy(A), policy(B)]);

Deno.test("what is known of a policy outlives a change of the rules that does not concern it", () => {
  assertEquals(kept(BEFORE, rules([policy(A), policy(B)])), "slow,idle");
  assertEquals(
    kept(BEFORE, rules([policy(B), policy({ name: "c" }), policy(A)])),
    "slow,idle",
    "their order",
  );
  assertEquals(kept(BEFORE, rules([policy(A), policy({ ...B, where: "time > 11s" })])), "slow");
  assertEquals(kept(BEFORE, rules([policy({ ...A, for: 1 }), policy(B)])), "idle");
  for (const change of [{ when: "lag > 1s" }, { until: "lag < 4s" }, { where: "time > 1s" }]) {
    assertEquals(
      kept(BEFORE, rules([policy({ ...A, ...change }), policy(B)])),
      "idle",
      JSON.stringify(change),
    );
  }
  assertEquals(kept(BEFORE, rules([policy(B)])), "idle", "it is gone");
  assertEquals(kept(rules([policy(B)]), BEFORE), "idle", "it is new");
  assertEquals(kept(BEFORE, rules([])), "");
});

Deno.test("a policy is another one once a limit that it names has another value, and no other limit", () => {
  const after = (limits: Rules["limits"]) => rules([policy(A), policy(B)], { limits });
  assertEquals(kept(BEFORE, after({ ...BEFORE.limits, lag: 31_000 })), "idle", "in its when");
  assertEquals(kept(BEFORE, after({ ...BEFORE.limits, query_time: 1 })), "idle", "in its where");
  assertEquals(kept(BEFORE, after({ ...BEFORE.limits, other: 1 })), "slow,idle");
  const until = { ...A, when: "hll > 1M", until: "lag < limits.lag", where: "time > 10s" };
  const [old, next] = [10, 20].map((lag) => rules([policy(until), policy(B)], { limits: { lag } }));
  assertEquals(kept(old!, next!), "idle", "in its until");
  assertEquals(kept(BEFORE, after({ ...BEFORE.limits, "": 5, ime: 7 })), "slow,idle");
});
