import { assertEquals } from "@std/assert";
import {
  decideGroup,
  gateChanges,
  type GroupMemory,
  NO_GROUP_MEMORY,
} from "../../../src/shards/policy/mod.ts";
import { cold, hot, rules, shard, snapshot } from "./fixture.ts";

Deno.test("what becomes of gates is told when it changes", () => {
  let memory: GroupMemory = NO_GROUP_MEMORY;
  const all = rules([hot({ then: "log" }), cold({ then: "log" })]);
  const look = (at: number, rows: number | undefined) => {
    const values = rows === undefined ? { rows: { unknown: "not counted" } } : { rows };
    const found = decideGroup(snapshot(at, [shard("s1", values), shard("s2", { rows: 1 })]), all, memory, {
      now: at,
      wall: 0,
    });
    const changes = gateChanges(found.gates, memory);
    memory = found.memory;
    return changes.map(({ policy, shard, state, because }) =>
      [policy, shard ?? "-", state, because[0]!.left].join(" ")
    );
  };
  assertEquals(look(0, 50), []);
  assertEquals(look(1, 150), ["hot s1 open 150"]);
  assertEquals(look(2, 160), []);
  assertEquals(look(3, undefined), [
    "hot s1 unknown unknown: not counted",
    "cold - unknown at least 1, unknown beyond: s1: not counted",
  ]);
  assertEquals(look(4, undefined), []);
  assertEquals(look(5, 400), ["hot s1 open 400", "cold - open 401"]);
  assertEquals(look(6, 4), ["hot s1 closed 4", "cold - closed 5"]);
});
