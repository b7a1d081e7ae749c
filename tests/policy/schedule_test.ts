import { assertEquals } from "@std/assert";
import { parseSchedule } from "../../src/config/schedule.ts";
import { isWithin, type Schedule, shownTime } from "../../src/policy/schedule.ts";
import { gates, NO_MEMORY } from "../../src/policy/mod.ts";
import { brief, look, policy, rules } from "./fixture.ts";

function schedule(text: string): Schedule {
  const found = parseSchedule(text);
  if (typeof found === "string") throw new Error(found);
  return found;
}

/** Asserts whether moments, as UTC, are within a schedule. */
function check(text: string, moments: Readonly<Record<string, boolean>>): void {
  const parsed = schedule(text);
  for (const [moment, expected] of Object.entries(moments)) {
    assertEquals(isWithin(parsed, Date.parse(`${moment}Z`)), expected, `${text} at ${moment}Z`);
  }
}

Deno.test("isWithin() knows days and hours; the first minute belongs to them, the end does not", () => {
  // 2026-11-20 is a Friday.
  check("Mon-Fri 08:00-20:00", {
    "2026-11-20T07:59:59.999": false,
    "2026-11-20T08:00:00": true,
    "2026-11-20T19:59:59.999": true,
    "2026-11-20T20:00:00": false,
    "2026-11-21T12:00:00": false,
    "2026-11-22T12:00:00": false,
    "2026-11-23T12:00:00": true,
  });
  check("Sat,Sun 00:00-24:00", {
    "2026-11-20T23:59:59": false,
    "2026-11-21T00:00:00": true,
    "2026-11-22T23:59:59": true,
    "2026-11-23T00:00:00": false,
  });
});

Deno.test("isWithin() gives hours past midnight to the day on which they begin", () => {
  check("Fri 22:00-06:00", {
    "2026-11-20T05:59:00": false,
    "2026-11-20T21:59:00": false,
    "2026-11-20T22:00:00": true,
    "2026-11-21T05:59:00": true,
    "2026-11-21T06:00:00": false,
    "2026-11-21T22:00:00": false,
  });
  check("Sun 22:00-06:00", { "2026-11-23T05:00:00": true, "2026-11-22T05:00:00": false });
  check("22:00-00:00", { "2026-11-20T23:59:59": true, "2026-11-21T00:00:00": false });
});

Deno.test("isWithin() reads the clock of the zone", () => {
  check("Mon-Fri 08:00-20:00 Asia/Tokyo", {
    "2026-11-19T22:59:00": false,
    "2026-11-19T23:00:00": true, // Friday 08:00 there
    "2026-11-20T11:00:00": false,
    "2026-11-22T23:00:00": true, // Monday
  });
  check("Fri 00:00-00:15 Asia/Kathmandu", { "2026-11-19T18:15:00": true, "2026-11-19T18:30:00": false });
  check("Mon 08:00-09:00 UTC, Mon 08:00-09:00 America/New_York", {
    "2026-11-23T08:30:00": true,
    "2026-11-23T09:30:00": false,
    "2026-11-23T13:30:00": true,
  });
});

Deno.test("isWithin() follows the clock when it is put forward (Europe/Berlin, 2026-03-29, 02:00 to 03:00)", () => {
  check("08:00-20:00 Europe/Berlin", {
    "2026-03-28T07:00:00": true, // 08:00 in winter
    "2026-03-28T06:59:00": false,
    "2026-03-29T06:00:00": true, // 08:00 in summer
    "2026-03-29T05:59:00": false,
    "2026-03-29T18:00:00": false,
  });
  // The hour that is left out has no moments.
  check("Sun 02:00-03:00 Europe/Berlin", { "2026-03-29T00:59:59": false, "2026-03-29T01:00:00": false });
  // A night is an hour shorter.
  check("Sat 22:00-06:00 Europe/Berlin", {
    "2026-03-28T21:00:00": true,
    "2026-03-29T03:59:59": true,
    "2026-03-29T04:00:00": false,
  });
});

Deno.test("isWithin() follows the clock when it is put back (Europe/Berlin, 2026-10-25, 03:00 to 02:00)", () => {
  // The hour that comes twice counts twice.
  check("Sun 02:00-03:00 Europe/Berlin", {
    "2026-10-24T23:59:59": false,
    "2026-10-25T00:00:00": true,
    "2026-10-25T01:30:00": true,
    "2026-10-25T02:00:00": false,
  });
  check("Sun 02:30-02:45 Europe/Berlin", {
    "2026-10-25T00:30:00": true,
    "2026-10-25T00:50:00": false,
    "2026-10-25T01:30:00": true,
    "2026-10-25T01:45:00": false,
  });
  // A night is an hour longer.
  check("Sat 22:00-06:00 Europe/Berlin", {
    "2026-10-24T20:00:00": true,
    "2026-10-25T04:59:59": true,
    "2026-10-25T05:00:00": false,
  });
});

Deno.test("shownTime() is what the clock of the first window shows", () => {
  const at = Date.parse("2026-11-22T20:03:59Z");
  assertEquals(shownTime(schedule("08:00-20:00 Europe/Berlin"), at), "Sun 21:03");
  assertEquals(shownTime(schedule("08:00-20:00"), Date.parse("2026-11-22T00:00:00Z")), "Sun 00:00");
});

const EIGHT = Date.parse("2026-11-20T08:00:00Z");

Deno.test("outside its hours the gate of a policy is closed, whatever its `when`, and says why", () => {
  const during = schedule("Mon-Fri 08:00-20:00");
  const asked = rules([policy({ during, when: "lag > 30s" }), policy({ name: "plain", during })]);
  const at = (wall: number, lag: number) => gates({ health: { lag } }, asked, NO_MEMORY, { now: 0, wall });
  const because = [{ expression: "during Mon-Fri 08:00-20:00", left: "Fri 07:59" }];
  for (const { state, ready, because: why } of at(EIGHT - 1, 31_000)) {
    assertEquals([state, ready, why], ["closed", false, because]);
  }
  assertEquals(at(EIGHT, 31_000).map(({ state, ready }) => `${state} ${ready}`), ["open true", "open true"]);
  assertEquals(at(EIGHT, 1000).map(({ state }) => state), ["closed", "open"]);
});

Deno.test("a policy kills within its hours only, and `for` and `until` begin anew with them", () => {
  const during = schedule("08:00-20:00");
  const asked = rules([policy({ during, when: "lag > 30s", until: "lag < 5s", for: 5000 })]);
  let memory = NO_MEMORY;
  const at = (now: number, wall: number, lag = 31_000) => {
    const decided = look(asked, { now, wall, health: { lag }, memory });
    memory = decided.memory;
    return brief(decided.decisions);
  };
  assertEquals(at(0, EIGHT - 60_000), []);
  assertEquals(at(10_000, EIGHT - 50_000), [], "not its hours");
  assertEquals(at(60_000, EIGHT), [], "not open for long enough");
  assertEquals(at(65_000, EIGHT + 5000), ["long act 1"]);
  assertEquals(memory.gates["long"]?.state, "open");
  assertEquals(at(70_000, EIGHT + 12 * 3_600_000), []);
  assertEquals(memory.gates["long"]?.state, "closed", "its hours are over");
  assertEquals(at(80_000, EIGHT, 10_000), []);
  assertEquals(memory.gates["long"]?.state, "closed", "`until` kept it open, but not over the break");
});
