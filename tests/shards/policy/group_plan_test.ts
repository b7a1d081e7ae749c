import { assertEquals } from "@std/assert";
import { NO_GROUP_MEMORY, planGroup } from "../../../src/shards/policy/mod.ts";
import { cold, hot, MINUTE, rules, shard, snapshot } from "./fixture.ts";

Deno.test("a plan says of each policy and shard what would be done, and why not", () => {
  const shards = [
    shard("s1", { rows: 150 }),
    shard("s2", { rows: 500 }),
    shard("s3", { rows: { unknown: "no estimate" } }),
    shard("s4", { rows: 7 }),
  ];
  const policies = [
    hot({ for: MINUTE }),
    cold({ mode: "dry-run" }),
    cold({ name: "told", when: "count(rows > 100) > 2", then: "log" }),
  ];
  const planned = planGroup(snapshot(9, shards), rules(policies), NO_GROUP_MEMORY, { now: 9, wall: 9 });
  assertEquals(
    planned.map(({ policy, shard, gate, verdict, reason }) => [policy, shard, gate, verdict, reason]),
    [
      ["hot", "s2", "open", "acts", undefined],
      ["hot", "s1", "open", "skipped", "changing"],
      ["hot", "s4", "closed", "waits", undefined],
      ["hot", "s3", "unknown", "waits", undefined],
      ["cold", undefined, "open", "acts", undefined],
      ["told", undefined, "unknown", "waits", undefined],
    ],
  );
  assertEquals(planned.map(({ because }) => because.map(({ left }) => left)), [
    ["500"],
    ["150"],
    ["7"],
    ["unknown: no estimate"],
    ["at least 657, unknown beyond: s3: no estimate"],
    ["at least 2, unknown beyond: s3: a value of the condition is unknown"],
  ]);
  assertEquals([planned[0]!.for_ms, planned[4]!.mode, planned[1]!.why], [
    MINUTE,
    "dry-run",
    "another change is under way: one at a time",
  ]);
});
