import { assert, assertEquals } from "@std/assert";
import { parseSchedule } from "../../src/config/schedule.ts";
import type { Schedule } from "../../src/policy/mod.ts";
import { needsByHour } from "../../src/policy/needs.ts";
import { policy, rules } from "./fixture.ts";

const NIGHT = Date.UTC(2026, 10, 20, 3);
const NOON = Date.UTC(2026, 10, 20, 12);

Deno.test("needsByHour() asks for nothing that only policies outside their hours want to know", () => {
  const during = parseSchedule("08:00-20:00") as Schedule;
  const needs = needsByHour(rules([
    policy({ when: "hll > 1M", where: "running" }),
    policy({ name: "by day", during, when: "lag > 30s", where: "blocking > 0" }),
  ]));
  assert(needs(NIGHT).health.has("hll"));
  assertEquals(needs(NIGHT).health.has("lag"), false);
  assertEquals(needs(NIGHT).causes.has("blocking"), false);
  assert(needs(NOON).health.has("lag"));
  assert(needs(NOON).causes.has("blocking"));
});

Deno.test("needsByHour() gives the same object as long as the same is needed, so that what it is made into is kept", () => {
  const plain = needsByHour(rules([policy({ where: "running" })]));
  assert(plain(NIGHT) === plain(NOON));
  const during = parseSchedule("08:00-20:00") as Schedule;
  const timed = needsByHour(rules([policy({ during, where: "running" })]));
  assert(timed(NOON) === timed(NOON + 60_000));
});
