import { assertEquals } from "@std/assert";
import { gates, type Health, type Memory, NO_MEMORY, type Session } from "../../src/policy/mod.ts";
import { nextMoment } from "../../src/look/next_moment.ts";
import { policy, type PolicyText, rules, session } from "../policy/fixture.ts";

const LONG = rules([policy({ where: "time >= 1s" })]);

/** The next moment after a look that was begun at 5000, by the age of the one session that it showed. */
function after({ age, read }: { readonly age: number; readonly read: number }): number | undefined {
  const found = gates({ health: {} }, LONG, NO_MEMORY, { now: read, wall: 0 });
  const snapshot = {
    at: 5000,
    health: {},
    sessions: [session({ time: age })],
    server: { server: "one", started: 1 },
    own: { user: "sniper", program: "query-sniper" },
  };
  return nextMoment({
    snapshot,
    gates: found,
    rules: LONG,
    memory: NO_MEMORY,
    now: read,
    window: 1000,
  });
}

Deno.test("nextMoment() is when a session has reached a limit, whenever in the reading its age was taken", () => {
  assertEquals(after({ age: 600, read: 5000 }), 5401);
  assertEquals(after({ age: 600, read: 5004 }), 5403);
  assertEquals(after({ age: 600, read: 5300 }), 5421);
});

Deno.test("nextMoment() is at once where the limit was not reached in what was read, and is by now", () => {
  assertEquals(after({ age: 999.5, read: 5000 }), 5001.5);
  assertEquals(after({ age: 999.5, read: 5004 }), 5005);
  assertEquals(after({ age: 999.5, read: 5300 }), 5301);
});

Deno.test("nextMoment() is when a statement that begins after the look could have reached a limit", () => {
  assertEquals(after({ age: 60_000, read: 5004 }), 6002);
});

const OWN = { user: "sniper", program: "query-sniper" };
const SERVER = { server: "one", started: 1 };

/** The next moment after a look at 5000 that took no time. */
function next(
  policies: readonly PolicyText[],
  { sessions = [], health = {}, memory = NO_MEMORY, window = 1000, blind = false }: {
    readonly sessions?: readonly Session[];
    readonly health?: Health;
    readonly memory?: Memory;
    readonly window?: number;
    readonly blind?: boolean;
  } = {},
): number | undefined {
  const asked = rules(policies.map((text, index) => policy({ name: `p${index}`, ...text })));
  const found = gates({ health }, asked, memory, { now: 5000, wall: 0 });
  const snapshot = { at: 5000, health, sessions, server: SERVER, own: OWN };
  return nextMoment({ ...!blind && { snapshot }, gates: found, rules: asked, memory, now: 5000, window });
}

Deno.test("nextMoment() is none that is further ahead than is asked for, or where nothing is", () => {
  const sessions = [session({ time: 9500 })];
  assertEquals(next([{}], { sessions }), 5501);
  assertEquals(next([{}], { sessions, window: 501 }), 5501);
  assertEquals(next([{}], { sessions, window: 500 }), undefined);
  assertEquals(next([{}], { sessions, window: 0 }), undefined);
  assertEquals(next([{}], { sessions: [] }), undefined, "what begins now is not old enough within that time");
  assertEquals(next([]), undefined);
});

Deno.test("nextMoment() is the first of several", () => {
  const sessions = [session({ time: 9500 }), session({ id: 2, time: 9900 }), session({ id: 3, time: 9700 })];
  assertEquals(next([{}], { sessions }), 5101);
  assertEquals(next([{}, { where: "time > 9950ms" }], { sessions }), 5051);
});

Deno.test("nextMoment() is when a gate will have been open for long enough, and nothing where it is closed", () => {
  const policies = [{ when: "lag > 30s", for: 800, where: "time > 1h" }];
  const open = {
    p0: { policy: "p0", state: "open", by: "when", because: [], since: 4500, looks: 1, ready: false },
  } as const;
  const memory = { ...NO_MEMORY, gates: open };
  assertEquals(next(policies, { memory, health: { lag: 31_000 } }), 5300);
  assertEquals(next(policies, { health: { lag: 31_000 } }), 5800, "it opened at this look");
  assertEquals(next(policies, { memory, health: { lag: 0 } }), undefined);
  assertEquals(next(policies, { memory, health: {} }), undefined, "nobody knows");
});

Deno.test("nextMoment() looks at nobody whom the policy does not ask, has selected, or has decided over", () => {
  const young = session({ time: 9500 });
  assertEquals(next([{ where: "time > 10s and user = 'web'" }], { sessions: [young] }), undefined);
  assertEquals(
    next([{ where: "time > 1s or time > 9900ms" }], { sessions: [young], window: 900 }),
    undefined,
    "selected already",
  );
  const settled = { "execution-1": { policy: "p0", id: 1, at: 0, final: true } };
  assertEquals(next([{}], { sessions: [young], memory: { ...NO_MEMORY, settled } }), undefined);
  const resting = session({ running: false, idle_time: 9500 });
  const where = "idle_time > 10s";
  assertEquals(next([{ where, then: "kill connection" }], { sessions: [resting] }), 5501);
  assertEquals(next([{ where, then: "log" }], { sessions: [resting] }), 5501);
  assertEquals(next([{ where }], { sessions: [resting] }), undefined, "KILL QUERY does nothing to it");
});

Deno.test("nextMoment() is when a next step is due, of that policy, and once", () => {
  const settled = { "execution-1": { policy: "p0", id: 1, at: 4600, final: false } };
  const memory = { ...NO_MEMORY, settled };
  const quiet = { where: "time > 1h" };
  assertEquals(next([{ ...quiet, escalate: 1000 }], { memory }), 5600);
  assertEquals(next([{ ...quiet, escalate: 300 }], { memory }), undefined, "it was due before");
  assertEquals(next([quiet], { memory }), undefined);
  assertEquals(next([quiet, { ...quiet, escalate: 1000 }], { memory }), undefined, "another policy's");
  const final = { ...memory, settled: { "execution-1": { ...settled["execution-1"], final: true } } };
  assertEquals(next([{ ...quiet, escalate: 1000 }], { memory: final }), undefined);
});

Deno.test("nextMoment() without sessions knows of gates and next steps alone", () => {
  const settled = { "execution-1": { policy: "p0", id: 1, at: 4600, final: false } };
  assertEquals(next([{ where: "time > 500ms" }], { blind: true }), undefined);
  assertEquals(next([{ where: "time > 500ms" }]), 5500, "what begins right after this look");
  assertEquals(
    next([{ where: "time > 1h", escalate: 1000 }], { memory: { ...NO_MEMORY, settled }, blind: true }),
    5600,
  );
});

Deno.test("nextMoment() judges by limits and the database's values as well", () => {
  const sessions = [session({ time: 9500 })];
  assertEquals(
    next([{ where: "time > limits.query_time and lag > 30s" }], { sessions, health: { lag: 31_000 } }),
    5501,
  );
  assertEquals(
    next([{ where: "time > limits.query_time and lag > 30s" }], { sessions, health: { lag: 0 } }),
    undefined,
  );
});
