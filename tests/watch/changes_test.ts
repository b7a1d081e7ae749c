import { assertEquals } from "@std/assert";
import { parseSchedule } from "../../src/config/schedule.ts";
import type { Schedule } from "../../src/policy/schedule.ts";
import { type Memory, NO_MEMORY } from "../../src/policy/mod.ts";
import { changes } from "../../src/watch/changes.ts";
import { look, policy, rules } from "../policy/fixture.ts";

Deno.test("a policy with hours tells when they begin and end, once, and one without a gate nothing", () => {
  const during = parseSchedule("08:00-20:00") as Schedule;
  const watched = { name: "orders", rules: rules([policy({ during }), policy({ name: "plain" })]) };
  let before: Memory = NO_MEMORY;
  const told = (time: string) => {
    const wall = Date.parse(`2026-11-20T${time}:00Z`);
    const after = look(watched.rules, { sessions: [], memory: before, wall }).memory;
    const events = changes(watched, before, after);
    before = after;
    return events;
  };
  assertEquals(told("07:59"), [], "it begins outside");
  assertEquals(told("08:00"), [
    { event: "gate", database: "orders", policy: "long", state: "open", because: [] },
  ]);
  assertEquals(told("08:01"), []);
  const because = [{ expression: "during 08:00-20:00", left: "Fri 20:00" }];
  assertEquals(told("20:00"), [
    { event: "gate", database: "orders", policy: "long", state: "closed", because },
  ]);
  assertEquals(told("20:01"), []);
});
