import { assertEquals } from "@std/assert";
import { gates, NO_MEMORY } from "../../src/policy/mod.ts";
import { look, policy, rules } from "./fixture.ts";

const START = { now: 0, wall: 0 };
const unknown = { unknown: "replication does not apply" };

Deno.test("gates() opens only on true: neither on false nor on unknown", () => {
  const gated = rules([policy({ when: "lag > limits.lag" })]);
  const stateAt = (lag: number | typeof unknown) =>
    gates({ health: { lag } }, gated, NO_MEMORY, START)[0]!.state;
  assertEquals(stateAt(31_000), "open");
  assertEquals(stateAt(30_000), "closed");
  assertEquals(stateAt(unknown), "unknown");
});

Deno.test("gates() treats a value that was not read as unknown", () => {
  assertEquals(
    gates({ health: {} }, rules([policy({ when: "lag > 0s" })]), NO_MEMORY, START)[0]!.state,
    "unknown",
  );
});

Deno.test("gates() says which clause opened it, with both values", () => {
  const gated = rules([policy({ when: "lag > limits.lag or hll > 1M" })]);
  assertEquals(gates({ health: { lag: 42_000, hll: 5 } }, gated, NO_MEMORY, START)[0]!.because, [
    { expression: "lag > limits.lag", left: "42s", right: "30s" },
  ]);
});

Deno.test("gates() without `when` is always open", () => {
  const [gate] = gates({ health: {} }, rules([policy()]), NO_MEMORY, START);
  assertEquals([gate!.state, gate!.ready], ["open", true]);
});

Deno.test("gates() with `for` is ready after that time and at two looks at least", () => {
  const gated = rules([policy({ when: "lag > 30s", for: 5000 })]);
  let memory = NO_MEMORY;
  const readyAt = (now: number, lag: number) => {
    const [gate] = gates({ health: { lag } }, gated, memory, { now, wall: 0 });
    memory = look(gated, { sessions: [], health: { lag }, memory, now }).memory;
    return gate!.ready;
  };
  assertEquals(readyAt(0, 31_000), false);
  assertEquals(readyAt(4999, 31_000), false);
  assertEquals(readyAt(5000, 31_000), true);
  assertEquals(readyAt(6000, 1000), false, "closed");
  assertEquals(readyAt(7000, 31_000), false, "it begins anew");
  assertEquals(readyAt(20_000, 31_000), true);
});

Deno.test("gates() with `for` begins anew after an unknown look", () => {
  const gated = rules([policy({ when: "lag > 30s", for: 5000 })]);
  let memory = look(gated, { sessions: [], health: { lag: 31_000 }, now: 0 }).memory;
  memory = look(gated, { sessions: [], health: { lag: unknown }, memory, now: 3000 }).memory;
  assertEquals(gates({ health: { lag: 31_000 } }, gated, memory, { now: 6000, wall: 0 })[0]!.ready, false);
});

Deno.test("gates() keeps a gate open until `until` is true", () => {
  const policies = rules([policy({ when: "lag > 30s", until: "lag < 5s" })]);
  let memory = NO_MEMORY;
  const at = (now: number, lag: number | typeof unknown): string => {
    const decided = look(policies, { now, memory, health: { lag } });
    memory = decided.memory;
    const { state, because } = memory.gates["long"]!;
    return `${state} ${because.map(({ expression }) => expression)}`;
  };
  assertEquals(at(0, 10_000), "closed lag > 30s");
  assertEquals(at(1000, 31_000), "open lag > 30s");
  assertEquals(at(2000, 10_000), "open lag < 5s");
  assertEquals(at(3000, { unknown: "no" }), "unknown lag < 5s");
  assertEquals(at(4000, 10_000), "closed lag > 30s", "what was not known has to open anew");
  assertEquals(at(5000, 31_000), "open lag > 30s");
  assertEquals(at(6000, 4000), "closed lag < 5s");
});

Deno.test("gates() counts the looks at which one was open without a break, and since when", () => {
  const gated = rules([policy({ when: "lag > 30s" })]);
  let memory = NO_MEMORY;
  const at = (now: number, lag: number | typeof unknown) => {
    memory = look(gated, { sessions: [], health: { lag }, memory, now }).memory;
    const { looks, since, by } = memory.gates["long"]!;
    return [looks, since, by];
  };
  assertEquals(at(1000, 31_000), [1, 1000, "when"]);
  assertEquals(at(2000, 31_000), [2, 1000, "when"]);
  assertEquals(at(3000, unknown), [0, undefined, "when"]);
  assertEquals(at(4000, 31_000), [1, 4000, "when"]);
  assertEquals(at(5000, 0), [0, undefined, "when"]);
});

Deno.test("gates() outside the hours of a policy is closed by them, whatever it was", () => {
  const during = { text: "Fri 08:00-20:00", windows: [{ days: [4], from: 480, to: 1200, zone: "UTC" }] };
  const gated = rules([policy({ during })]);
  const [closed] = gates({ health: {} }, gated, NO_MEMORY, { now: 0, wall: Date.UTC(2026, 10, 21) });
  const { state, by, looks, ready, since } = closed!;
  assertEquals({ state, by, looks, ready, since }, {
    state: "closed",
    by: "during",
    looks: 0,
    ready: false,
    since: undefined,
  });
  assertEquals(Object.hasOwn(closed!, "since"), false, "it is left out of JSON");
});

Deno.test("gates() with `for` is judged by how long it was open, however late the clock is", () => {
  const gated = rules([policy({ when: "lag > 30s", for: 5000 })]);
  const health = { lag: 31_000 };
  const { memory } = look(gated, { sessions: [], health, now: 1_000_000 });
  const ready = (now: number) => gates({ health }, gated, memory, { now, wall: 0 })[0]!.ready;
  assertEquals([ready(1_004_999), ready(1_005_000)], [false, true]);
});
