import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Policy } from "../../src/policy/mod.ts";
import { farthest, forecastFrom, isQuiet } from "../../src/look/forecast.ts";
import { policy, rules, session } from "../policy/fixture.ts";

function far(where: string, then: Policy["then"] = "kill query"): number {
  const asked = [policy({ where, then })];
  return farthest(asked, rules(asked));
}

Deno.test("farthest() is half of the shortest age that policies ask for", () => {
  assertEquals(far("running and time > 10s"), 5000);
  assertEquals(far("time > 10s and user = 'app' and state like '%lock%'"), 5000);
  assertEquals(far("(time > 10s and user = 'app') or time >= 1m"), 5000);
  assertEquals(far("not (time < 10s)"), 5000);
  assertEquals(far("idle_time > 8h and user = 'app'", "kill connection"), 4 * 3_600_000);
  assertEquals(far("time > 10s", "kill connection"), 5000);
  const asked = [policy({ where: "time > 1m" }), policy({ name: "sooner", where: "time > 20s" })];
  assertEquals(farthest(asked, rules(asked)), 10_000);
});

Deno.test("farthest() is 0 where something else than its age can make a session one to select", () => {
  for (
    const where of [
      "running",
      "user = 'app'",
      "time > 10s or state like '%lock%'",
      "time < 10s",
      "time = 0s or time > 10s",
      "time != 10s",
      "idle_time is unknown",
      "time > 10s or rows_locked > 5",
      "transaction_time > 1m",
      "time > 10s or threads_running > 100",
      "time > 10s and threads_running > 100",
    ]
  ) {
    assertEquals(far(where), 0, where);
  }
  assertEquals(far("time > 10s or idle", "kill connection"), 0);
});

Deno.test("isQuiet() is so for those policies alone that were asked for, and only for so long", () => {
  const [one, two] = [policy({ where: "time > 10s" }), policy({ name: "two", where: "time > 10s" })];
  const forecast = { policies: [one], until: 100, nobody: true };
  assert(isQuiet(forecast, [one], 99));
  assertEquals(isQuiet(forecast, [one], 100), false);
  assertEquals(isQuiet(forecast, [one, two], 99), false);
  assertEquals(isQuiet({ ...forecast, nobody: false }, [one], 99), false);
  assertEquals(isQuiet(undefined, [one], 99), false);
});

const CLAUSES = [
  "time > 4s",
  "time >= 6s",
  "not (time <= 5s)",
  "idle_time > 4s",
  "running",
  "idle",
  "user = 'app'",
  "state = 'busy'",
  "time < 8s",
];

Deno.test("who begins after a reading is never selected before as much time is over as farthest() says", () => {
  const expression = fc.array(
    fc.record({
      clause: fc.constantFrom(...CLAUSES),
      joint: fc.constantFrom("and", "or"),
    }),
    { minLength: 1, maxLength: 4 },
  ).map((parts) =>
    parts.map(({ clause, joint }, index) => index === 0 ? clause : `${joint} ${clause}`).join(" ")
  );
  fc.assert(
    fc.property(
      expression,
      fc.boolean(),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (where, running, part) => {
        const asked = policy({ where, then: "kill connection" });
        const ahead = farthest([asked], rules([asked]));
        const age = ahead * part;
        const none = { unknown: "not so" };
        const session = {
          running,
          idle: !running,
          time: running ? age : none,
          idle_time: running ? none : age,
          user: "app",
          state: "busy",
        };
        const truth = asked.where.evaluate({ limits: {}, database: {}, session });
        assert(ahead === 0 || truth !== true, `${where}: ${truth} at ${age} of ${ahead}`);
      },
    ),
    { numRuns: 3000 },
  );
});

Deno.test("farthest() is remembered for each policy under its own rules", () => {
  const asked = policy({ where: "time > limits.query_time" });
  const [ten, two] = [10_000, 2000].map((query_time) => rules([asked], { limits: { query_time } }));
  assertEquals([farthest([asked], ten!), farthest([asked], two!), farthest([asked], ten!)], [
    5000,
    1000,
    5000,
  ]);
});

Deno.test("farthest() is that of sessions that rest only where the policy may end them", () => {
  assertEquals(far("time > 10s or idle"), 5000, "KILL QUERY does nothing to who rests");
  assertEquals(far("time > 10s or idle", "kill connection"), 0);
  assertEquals(far("time > 10s or idle", "log"), 0);
});

Deno.test("forecastFrom() lasts for so far from the reading on, and knows whether anybody was there", () => {
  const policies = [policy()];
  const plan = { policies, far: 5000, at: 1000 };
  assertEquals(forecastFrom([], plan), { policies, until: 6000, nobody: true });
  assertEquals(forecastFrom([session()], plan), { policies, until: 6000, nobody: false });
});
