import { assert, assertEquals } from "@std/assert";
import { parseSchedule } from "../../src/config/schedule.ts";
import type { Schedule } from "../../src/policy/mod.ts";
import { everyNeed, needsByHour, needsOf } from "../../src/policy/needs.ts";
import { expression, policy, rules } from "./fixture.ts";

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

Deno.test("needsOf() are the names that policies and protections refer to, in each of their keys", () => {
  const { health, causes, alike } = needsOf(rules(
    [policy({ when: "hll > 1M", until: "lag < 5s", where: "blocking > 0", rollback: "any" })],
    { protect: [expression("rows_locked > 5", "session")] },
  ));
  for (const name of ["hll", "lag", "blocking", "rows_locked"]) {
    assert(health.has(name) && causes.has(name), name);
  }
  assertEquals([causes.has("rows_modified"), causes.has("transaction_time"), alike], [false, false, false]);
});

Deno.test("needsOf() has what kills imply: what is to be undone, whom most wait for, whether a transaction goes on", () => {
  const needs = (text: Parameters<typeof policy>[0], mode: "enforce" | "dry-run" = "enforce") =>
    [
      ...needsOf(rules([policy(text), policy({ name: "log", then: "log", where: "running" })], { mode }))
        .causes,
    ].toSorted();
  assertEquals(needs({ where: "running" }), ["rows_modified", "running"]);
  assertEquals(needs({ where: "running", then: "log" }), ["running"]);
  assertEquals(needs({ where: "running", rollback: "any" }), ["running"]);
  const plain = { where: "running", rollback: "any" } as const;
  assertEquals(needs({ ...plain, victims: { order: "most-blocking" } }), ["blocking", "running"]);
  assertEquals(needs({ ...plain, victims: { order: "newest" } }), ["running"]);
  assertEquals(needs({ ...plain, escalate: 5000 }), ["running", "transaction_time"]);
  assertEquals(needs({ ...plain, escalate: 5000, mode: "dry-run" }), ["running"], "it only looks on");
  assertEquals(needs({ ...plain, escalate: 5000 }, "dry-run"), ["running"]);
});

Deno.test("needsOf() knows whether it matters who is like whom", () => {
  const alike = (where: string) => needsOf(rules([policy({ where })])).alike;
  assertEquals(["same_digest > 5", "same_user > 5", "running"].map(alike), [true, true, false]);
});

Deno.test("everyNeed() is all that there is, and the names that the policies make", () => {
  const { health, causes, alike } = everyNeed(rules([policy({ where: "tag.job = 'x'" })]));
  for (const name of ["lag", "hll", "blocking", "digest", "tag.job"]) {
    assert(health.has(name) && causes.has(name), name);
  }
  assert(causes.has("rows_modified") && alike);
});

Deno.test("needsByHour() tells policies apart whose names run together", () => {
  const [morning, evening] = ["00:00-12:00", "12:00-24:00"].map((text) => parseSchedule(text) as Schedule);
  const needs = needsByHour(rules([
    policy({ name: "ab", during: morning!, where: "blocking > 0" }),
    policy({ name: "a", during: evening!, where: "running" }),
    policy({ name: "b", during: evening!, where: "running" }),
  ]));
  assertEquals([needs(NIGHT), needs(NOON)].map(({ causes }) => causes.has("blocking")), [true, false]);
});
