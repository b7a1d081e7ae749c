import { assertEquals } from "@std/assert";
import { gates, NO_MEMORY } from "../../src/policy/mod.ts";
import { nextMoment } from "../../src/look/next_moment.ts";
import { policy, rules, session } from "../policy/fixture.ts";

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
