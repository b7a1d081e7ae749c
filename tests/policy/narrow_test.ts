import { assertEquals } from "@std/assert";
import { gates, narrow, NO_MEMORY } from "../../src/policy/mod.ts";
import { policy, type PolicyText, rules, session } from "./fixture.ts";

const OWN = { user: "sniper", program: "query-sniper" };

/** The ids of the sessions that are left, of one that runs and one that is idle. */
function left(...policies: readonly PolicyText[]): readonly number[] {
  const asked = rules(policies.map((text, index) => policy({ name: `p${index}`, ...text })));
  const { rows_modified: _, ...running } = session();
  const { rows_modified: __, ...idle } = session({ id: 2, running: false });
  const sessions = [running, idle, session({ id: 3, user: "sniper" })];
  const open = gates({ health: { hll: 5 } }, asked, NO_MEMORY, { now: 0, wall: 0 });
  return narrow({ sessions, health: { hll: 5 }, own: OWN }, open, asked, NO_MEMORY).map(({ id }) => id);
}

Deno.test("narrow() leaves those that what is not read yet may select", () => {
  assertEquals(left({ where: "time > 10s" }), [1]);
  assertEquals(left({ where: "time > 10m" }), []);
  assertEquals(left({ where: "pins_purge", then: "kill connection" }), [1, 2]);
  assertEquals(left({ where: "pins_purge and idle", then: "kill connection" }), [2]);
  assertEquals(left({ where: "pins_purge and user = 'other'", then: "kill connection" }), []);
  assertEquals(left({ where: "not pins_purge or time > 10m", then: "kill connection" }), [1, 2]);
  assertEquals(left({ where: "blocking is known", then: "kill connection" }), [1, 2]);
  assertEquals(left({ where: "blocking is unknown and running" }), [1]);
});

Deno.test("narrow() knows that kill query ends running statements only", () => {
  assertEquals(left({ where: "pins_purge" }), [1]);
});

Deno.test("narrow() asks the policies whose gate is ready", () => {
  assertEquals(left({ where: "pins_purge", when: "hll > 10" }), []);
  assertEquals(left({ where: "pins_purge", for: 1000 }), []);
  assertEquals(left({ where: "idle", then: "kill connection" }, { where: "pins_purge" }), [1, 2]);
});
