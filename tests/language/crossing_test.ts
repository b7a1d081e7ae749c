import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  compileExpression,
  crossingOf,
  type Expression,
  NOT_READ_YET,
  type Readings,
  shortestLimit,
} from "../../src/language/mod.ts";

import { VOCABULARY } from "../../src/mysql/mod.ts";

const LIMITS = { query_time: 10_000 };

function compiled(source: string): Expression {
  const result = compileExpression(source, {
    vocabulary: VOCABULARY,
    scope: "session",
    limits: new Map([["query_time", "duration" as const]]),
  });
  assert(result.ok, source);
  return result.expression;
}

function subject(session: Readings) {
  return { limits: LIMITS, database: {}, session };
}

Deno.test("crossingOf() is how long it takes until a session may be selected by its age alone", () => {
  const cases: readonly (readonly [string, Readings, number | undefined])[] = [
    ["time > 10s", { time: 9_400 }, 601],
    ["time >= limits.query_time", { time: 9_400 }, 601],
    ["limits.query_time < time", { time: 9_400 }, 601],
    ["time > 10s", { time: 8_000 }, undefined],
    ["time > 10s", { time: { unknown: "idle" } }, undefined],
    ["time > 10s and user = 'app'", { time: 9_400, user: "root" }, undefined],
    ["time > 10s and blocking > 0", { time: 9_400, blocking: NOT_READ_YET }, 601],
    ["time > 9500ms and idle_time > 1s or time > 9600ms", { time: 9_400 }, 101],
    ["time > 9500ms and time > 9600ms", { time: 9_400 }, 201],
    ["not time < 10s", { time: 9_400 }, 601],
    ["idle_time > 1s", { idle_time: 500 }, 501],
    ["transaction_time > 1s", { transaction_time: 500 }, 501],
    ["transaction_time > 1s", { transaction_time: 0 }, undefined],
    [
      "idle_time > 1s and transaction_time = 0s",
      { idle_time: { unknown: "no" }, transaction_time: 0 },
      undefined,
    ],
    ["running", { running: false }, undefined],
  ];
  for (const [source, session, wait] of cases) {
    assertEquals(crossingOf(compiled(source), subject(session), 1000), wait, source);
  }
});

Deno.test("nothing is selected before the first crossing", () => {
  const clause = fc.constantFrom(
    "time > 1s",
    "time >= 1200ms",
    "not time < 900ms",
    "idle_time > 700ms",
    "running",
    "user = 'app'",
  );
  const source = fc.tuple(
    clause,
    fc.constantFrom("and", "or", "and not"),
    clause,
    fc.constantFrom("and", "or"),
    clause,
  )
    .map(([a, first, b, second, c]) => `(${a} ${first} ${b}) ${second} ${c}`);
  fc.assert(
    fc.property(source, fc.nat({ max: 1300 }), fc.boolean(), fc.boolean(), (source, age, running, isApp) => {
      const where = compiled(source);
      const at = (more: number): Readings => ({
        running,
        user: isApp ? "app" : "",
        ...running ? { time: age + more } : { idle_time: age + more },
      });
      if (where.evaluate(subject(at(0))) === true) return;
      const wait = crossingOf(where, subject(at(0)), 1000) ?? 1000;
      for (const more of [1, wait / 2, wait - 2]) {
        assert(
          more > wait - 2 || where.evaluate(subject(at(Math.max(0, more)))) !== true,
          `${source} at ${more} of ${wait}`,
        );
      }
    }),
  );
});

Deno.test("shortestLimit() is the least age that an expression speaks of", () => {
  const shortest = (source: string) => shortestLimit(compiled(source), subject({}));
  assertEquals(shortest("time > 10s or idle_time > 3s and time > 0s"), 3000);
  assertEquals(shortest("running"), undefined);
});
