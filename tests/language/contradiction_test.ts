import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  compileExpression,
  type Constants,
  type Expression,
  implies,
  type QuantityType,
  type Readings,
  type Scope,
  whyNeverFalse,
  whyNeverTrue,
} from "../../src/language/mod.ts";
import { VOCABULARY } from "../../src/mysql/mod.ts";
import { READINGS, SAMPLES } from "./arbitrary.ts";
import { compile as compileAny, subject } from "./subject.ts";

const LIMITS = new Map<string, QuantityType>([["long", "duration"], ["short", "duration"]]);
const VALUES: Constants = { "limits.long": 60_000, "limits.short": 5000 };

function compile(source: string, scope: Scope = "session"): Expression {
  const compiled = compileExpression(source, { vocabulary: VOCABULARY, scope, limits: LIMITS });
  if (!compiled.ok) throw new Error(compiled.problems.map(({ message }) => message).join("; "));
  return compiled.expression;
}

const never: readonly (readonly [source: string, why?: string])[] = [
  ["running and idle"],
  ["idle and user = 'app' and running", "idle and running"],
  ["running and not running"],
  ["not idle and idle_time > 5s", "not idle and idle_time > 5s"],
  ["time > 10s and time < 5s"],
  ["time > 10s and time <= 10s"],
  ["time >= 10s and 10s > time"],
  ["time = 10s and time > 10s"],
  ["time > limits.long and time < limits.short", "time > limits.long (1m) and time < limits.short (5s)"],
  ["idle and time > 10s"],
  ["time > 10s and idle_time > 1s"],
  ["idle and verb = 'select'"],
  ["command = 'Sleep' and running"],
  ["verb in ('select', 'insert') and idle"],
  ["user = 'a' and user = 'b'"],
  ["user in ('a', 'b') and user = 'c'"],
  ["user = 'a' and user != 'a'"],
  ["user in ('a', 'b') and user not in ('a', 'b', 'c')"],
  ["user like 'a%' and user not like 'a%'"],
  ["sql matches 'x' and not sql matches 'x'"],
  ["pins_purge is unknown and pins_purge"],
  ["time > 5s and time is unknown"],
  ["running and false", "false"],
  ["not always", "not always"],
  ["(running and idle) or (user = 'a' and user = 'b')", "running and idle"],
  ["running and (idle or idle_time > 5s)", "running and idle"],
  ["not (time <= 10s or time >= 5s)", "not time <= 10s and not time >= 5s"],
];

Deno.test("whyNeverTrue() names the clauses that exclude each other", () => {
  for (const [source, why = source] of never) {
    assertEquals(whyNeverTrue(compile(source), VALUES), why, source);
  }
});

Deno.test("whyNeverTrue() says nothing of what may be true", () => {
  const sources = [
    "running",
    "always",
    "running and time > 10s and time < 20s",
    "time >= 10s and time <= 10s",
    "time > 10s or time < 5s",
    "running and idle or user = 'a'",
    "user = 'a' or user = 'b'",
    "user in ('a', 'b') and user in ('b', 'c')",
    "user != 'a' and user != 'b'",
    "user = 'a' and user != 'A'",
    "user like 'a%' and user like 'b%'",
    "time > 10s and transaction_time < 5s",
    "idle and command != 'Sleep'",
    "idle and verb = ''",
    "running and command = 'Query'",
    "time is unknown and running",
    "lag is unknown and lag > 30s",
    "time is unknown and idle",
    "lag > 30s and not replica",
    "user = db and user != host",
    `${Array.from({ length: 12 }, (_, at) => `(running and idle or time > ${at + 1}s)`).join(" and ")}`,
  ];
  for (const source of sources) assertEquals(whyNeverTrue(compile(source), VALUES), undefined, source);
  assertEquals(whyNeverTrue(compile("time > limits.long and time < limits.short")), undefined);
});

Deno.test("whyNeverTrue() and whyNeverFalse() take constants at their word", () => {
  const primary: Constants = { lag: 0, replication_running: false };
  const gate = (source: string) => compile(source, "database");
  assertEquals(whyNeverTrue(gate("lag > 30s"), primary), "lag > 30s");
  assertEquals(whyNeverTrue(gate("lag > 30s or replication_running"), primary), "lag > 30s");
  assertEquals(whyNeverTrue(gate("lag > 30s or hll > 1M"), primary), undefined);
  assertEquals(whyNeverTrue(gate("lag < 30s"), primary), undefined);
  assertEquals(whyNeverTrue(gate("lag is unknown"), primary), "lag is unknown");
  assertEquals(whyNeverFalse(gate("not replication_running"), primary), "replication_running");
  assertEquals(whyNeverFalse(gate("lag < 30s"), primary), "not lag < 30s");
  assertEquals(whyNeverFalse(gate("lag < 30s and hll > 1M"), primary), undefined);
});

Deno.test("implies() knows what is narrower", () => {
  const rows: readonly (readonly [narrow: string, broad: string])[] = [
    ["running", "running"],
    ["running and time > 10s", "running"],
    ["user = 'a' and time > 10s and running", "running and user = 'a'"],
    ["time > 1m", "time > 10s"],
    ["time > limits.long", "time > limits.short"],
    ["10s < time", "time > 10s"],
    ["time > 10s", "running"],
    ["user = 'a'", "user in ('a', 'b')"],
    ["user = 'a' or user = 'b'", "user in ('a', 'b')"],
    ["sql like '%x%' and idle_time > 5s", "sql like '%x%'"],
    ["user not like 'a%' and running", "not user like 'a%'"],
    ["user = 'a'", "always"],
    ["user = 'a'", "user = 'a' or user = 'b'"],
  ];
  for (const [narrow, broad] of rows) {
    assert(implies(compile(narrow), compile(broad), VALUES), `${narrow}: ${broad}`);
  }
});

Deno.test("implies() is sure", () => {
  const rows: readonly (readonly [narrow: string, broad: string])[] = [
    ["running", "running and time > 10s"],
    ["time > 10s", "time > 1m"],
    ["running", "time > 0s"],
    ["user = 'a'", "user = 'b'"],
    ["user like 'a%'", "user like 'ab%'"],
    ["user in ('a', 'b')", "user = 'a'"],
    ["running or idle_time > 5s", "running"],
    ["always", "running"],
    ["not idle and user = 'a'", "db = 'a'"],
  ];
  for (const [narrow, broad] of rows) {
    assertEquals(implies(compile(narrow), compile(broad), VALUES), false, `${narrow}: ${broad}`);
  }
});

/** Readings of sessions as they are: a session runs a statement or is idle. */
/** Of what is never known in part, nothing is. */
function asRead(readings: Readings): Readings {
  return Object.fromEntries(
    Object.entries(readings).map(([name, reading]) => {
      const isPart = typeof reading === "object" && "atLeast" in reading && !VOCABULARY.row(name)?.partly;
      return [name, isPart ? { unknown: reading.unknown } : reading];
    }),
  );
}

const SESSIONS = fc.tuple(READINGS, fc.boolean()).map(([readings, running]) => ({
  ...asRead(readings),
  running,
  idle: !running,
}));

Deno.test("what is never true is not, and what is implied is so, whatever is read", () => {
  let [nevers, implied] = [0, 0];
  fc.assert(
    fc.property(SAMPLES, SAMPLES, SESSIONS, (one, two, readings) => {
      const both = compileAny(`(${one.source}) and (${two.source})`);
      if (whyNeverTrue(both) !== undefined) {
        nevers++;
        assert(both.evaluate(subject(readings)) !== true, both.source);
      }
      const [narrow, broad] = [compileAny(one.source), compileAny(two.source)];
      if (implies(narrow, broad) && narrow.evaluate(subject(readings)) === true) {
        implied++;
        assert(broad.evaluate(subject(readings)) !== false, `${narrow.source}: ${broad.source}`);
      }
      if (whyNeverFalse(narrow) !== undefined) {
        assert(narrow.evaluate(subject(readings)) !== false, narrow.source);
      }
    }),
    { numRuns: 3000 },
  );
  assert(nevers > 20 && implied > 5, `${nevers} contradictions and ${implied} implications were met`);
});
