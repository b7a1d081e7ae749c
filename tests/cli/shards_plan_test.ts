import { assertEquals, assertRejects } from "@std/assert";
import { planText, withMoves } from "../../src/cli/commands/shards/plan.ts";
import { ChangeError, type ChangeRequest } from "../../src/shards/coordinator/mod.ts";
import type { PlannedPolicy } from "../../src/shards/policy/mod.ts";
import { shard, snapshot } from "../shards/policy/fixture.ts";

const SPLIT: PlannedPolicy = {
  ...{ policy: "hot", shard: "s1", mode: "enforce", action: "split", gate: "open", verdict: "acts" },
  because: [],
};

Deno.test("a plan has the slots that a policy would move, or why they are not known", async () => {
  const asked: ChangeRequest[] = [];
  const split = await withMoves(SPLIT, (request) => {
    asked.push(request);
    return Promise.resolve({
      server: { shard: "s2", source: "pool" },
      transfers: [{ from: "s1", to: "s2", slots: [0, 1, 2, 7] }],
    });
  });
  assertEquals(asked, [{ action: "split", policy: "hot", cause: "shards plan", source: "s1" }]);
  assertEquals(split.transfers, [{ from: "s1", to: "s2", slots: [0, 1, 2, 7] }]);
  const { shard: _shard, ...group } = SPLIT;
  const even = await withMoves(
    { ...group, policy: "even", action: "rebalance" },
    () => Promise.resolve({ transfers: [] }),
  );
  const none = await withMoves(SPLIT, () => Promise.reject(new ChangeError("refused", "no standby is free")));
  assertEquals(none, { ...SPLIT, no_moves: "no standby is free" });
  await assertRejects(() => withMoves(SPLIT, () => Promise.reject(new TypeError("a bug"))), TypeError);
  for (const verdict of ["tells", "skipped", "waits"] as const) {
    const nothing = { ...SPLIT, verdict };
    assertEquals(await withMoves(nothing, () => Promise.reject(new TypeError("not asked"))), nothing);
  }
  assertEquals(planText(snapshot(0, [shard("s1", { rows: 150 })]), [split, even, none]).slice(-4), [
    "hot of s1: would add s2, a standby of the pool",
    "hot of s1: would move 4 slots from s1 to s2: 0-2,7",
    "even: would move nothing: the shards are even",
    "hot of s1: no standby is free",
  ]);
});
