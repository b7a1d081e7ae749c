import { assertEquals } from "@std/assert";
import { compileExpression, type Reading, type Truth } from "../../src/language/mod.ts";
import { compile, subject, truthOf, UNKNOWN } from "./subject.ts";
import { VOCABULARY } from "../../src/mysql/mod.ts";

const TRUTHS: readonly Truth[] = [true, false, undefined];

/** Two conditions that come to these truths. */
function readings(left: Truth, right: Truth): Record<string, Reading> {
  return { running: left ?? UNKNOWN, idle: right ?? UNKNOWN };
}

/** SQL's tables; rows and columns in the order true, false, unknown. */
const TABLES: Readonly<Record<"and" | "or", readonly (readonly Truth[])[]>> = {
  and: [[true, false, undefined], [false, false, false], [undefined, false, undefined]],
  or: [[true, true, true], [true, false, undefined], [true, undefined, undefined]],
};

for (const operator of ["and", "or"] as const) {
  Deno.test(`evaluate() of ${operator} follows SQL's table of truth`, () => {
    for (const [row, left] of TRUTHS.entries()) {
      for (const [column, right] of TRUTHS.entries()) {
        const message = `${left} ${operator} ${right}`;
        assertEquals(
          truthOf(`running ${operator} idle`, readings(left, right)),
          TABLES[operator][row]![column],
          message,
        );
      }
    }
  });
}

Deno.test("evaluate() of not turns true and false round, and leaves unknown", () => {
  assertEquals(TRUTHS.map((truth) => truthOf("not running", readings(truth, true))), [
    false,
    true,
    undefined,
  ]);
  assertEquals(TRUTHS.map((truth) => truthOf("not not running", readings(truth, true))), [...TRUTHS]);
});

Deno.test("evaluate() of in and not in follows SQL where the list or the value is unknown", () => {
  // `id in (hll, uptime-free)`: true where one is equal, unknown where none is and one is unknown.
  const rows: readonly (readonly [id: Reading, first: Reading, second: Reading, truth: Truth])[] = [
    [1, 1, 2, true],
    [1, 2, 1, true],
    [1, 2, 3, false],
    [1, 1, UNKNOWN, true],
    [1, UNKNOWN, 1, true],
    [1, 2, UNKNOWN, undefined],
    [1, UNKNOWN, 2, undefined],
    [1, UNKNOWN, UNKNOWN, undefined],
    [UNKNOWN, 1, 2, undefined],
  ];
  for (const [id, hll, threads_running, truth] of rows) {
    const values = { id, hll, threads_running };
    assertEquals(truthOf("id in (hll, threads_running)", values), truth, JSON.stringify(values));
    const opposite = truth === undefined ? undefined : !truth;
    assertEquals(truthOf("id not in (hll, threads_running)", values), opposite, JSON.stringify(values));
  }
});

Deno.test("evaluate() compares numbers, durations, sizes and shares", () => {
  const values = { hll: 1000, time: 30_000, connections_used: 80, uptime: 86_400_000 };
  const rows: readonly (readonly [string, Truth])[] = [
    ["hll = 1k", true],
    ["hll != 1k", false],
    ["hll > 999 and hll < 1001", true],
    ["hll > 1000 or hll < 1000", false],
    ["hll >= 1000 and hll <= 1000", true],
    ["time = 30s and time = 0.5m and 30000ms = time", true],
    ["time > 29.999s and time < 30.001s", true],
    ["uptime >= 24h and uptime = 1d", true],
    ["connections_used >= 80%", true],
    ["connections_used > 80%", false],
    ["connections_used > limits.used", false],
    ["limits.used = connections_used", true],
    ["limits.size = 1KiB and limits.size < 1MiB", true],
    ["time >= limits.lag", true],
    ["limits.hll > hll", true],
    ["time in (10s, 30s)", true],
    ["time not in (10s, limits.lag)", false],
  ];
  for (const [source, truth] of rows) assertEquals(truthOf(source, values), truth, source);
});

Deno.test("evaluate() makes unknown of every comparison with what could not be read, was not read or is no number", () => {
  const tests = [
    "time = 1s",
    "time != 1s",
    "time < 1s",
    "time <= 1s",
    "time > 1s",
    "1s >= time",
    "time in (1s)",
    "time not in (1s)",
    "time = idle_time",
    "not time = 1s",
  ];
  for (const reading of [UNKNOWN, undefined, NaN]) {
    const values = reading === undefined ? {} : { time: reading };
    for (const source of tests) assertEquals(truthOf(source, values), undefined, `${source}: ${reading}`);
    assertEquals(truthOf("time is known", values), false);
    assertEquals(truthOf("time is unknown", values), true);
  }
  for (
    const source of ["user = ''", "user like '%'", "user not like '%'", "user matches ''", "user not in ('')"]
  ) {
    assertEquals(truthOf(source, { user: UNKNOWN }), undefined, source);
    assertEquals(truthOf(source), undefined, source);
  }
});

Deno.test("evaluate() makes unknown of a comparison with a value of another type than is promised", () => {
  for (const operator of ["=", "!=", "<", "<=", ">", ">="]) {
    for (const hll of ["12", "", true, false]) {
      assertEquals(truthOf(`hll ${operator} 1M`, { hll }), undefined, `${hll} ${operator} 1M`);
      assertEquals(truthOf(`1M ${operator} hll`, { hll }), undefined, `1M ${operator} ${hll}`);
    }
  }
  assertEquals(truthOf("user != 'a'", { user: 5 }), undefined);
  assertEquals(truthOf("user not in ('a')", { user: true }), undefined);
  assertEquals(truthOf("running = true", { running: 1 }), undefined);
  assertEquals(truthOf("running", { running: "true" }), undefined);
  assertEquals(truthOf("user like '%'", { user: 5 }), undefined);
});

Deno.test("evaluate() takes what was read and is absent for a value", () => {
  const absent = { db: "", verb: "", lag: 0, hll: 0, running: false };
  const rows = [
    "db = ''",
    "db is known",
    "verb = ''",
    "lag = 0s",
    "lag < 1s",
    "hll = 0",
    "not running",
    "db like ''",
  ];
  for (const source of rows) assertEquals(truthOf(source, absent), true, source);
});

Deno.test("evaluate() knows nothing of a session in a `when`", () => {
  const { evaluate } = compile("lag > 30s");
  assertEquals(evaluate({ limits: {}, database: { lag: 31_000 } }), true);
  assertEquals(compile("user = 'a'").evaluate({ limits: {}, database: { user: "a" } }), undefined);
});

Deno.test("evaluate() looks limits up in each database's own", () => {
  const { evaluate } = compile("lag > limits.lag");
  const at = (limits: Record<string, number>) => evaluate({ limits, database: { lag: 60_000 } });
  assertEquals(at({ lag: 30_000 }), true);
  assertEquals(at({ lag: 120_000 }), false);
  assertEquals(at({}), undefined);
});

Deno.test("what is unknown beyond the part that is known is compared by that part, where it decides", () => {
  const lag = { lag: { unknown: "one channel is stopped", atLeast: 45_000 } };
  const truths = (clauses: readonly string[]) => clauses.map((clause) => truthOf(clause, lag));
  assertEquals(truths(["lag > 30s", "lag >= 45s", "lag != 30s", "30s < lag", "lag not in (1s, 30s)"]), [
    true,
    true,
    true,
    true,
    true,
  ]);
  assertEquals(
    truths(["lag < 30s", "lag < 45s", "lag <= 44s", "lag = 30s", "lag in (1s, 30s)", "30s >= lag"]),
    [
      false,
      false,
      false,
      false,
      false,
      false,
    ],
  );
  assertEquals(truths(["lag > 45s", "lag > 60s", "lag < 60s", "lag <= 45s", "lag = 45s", "lag != 60s"]), [
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  assertEquals(truths(["lag is known", "lag is unknown", "lag > lag_apply"]), [false, true, undefined]);
});

Deno.test("evaluate() of a condition compared with a condition", () => {
  assertEquals(truthOf("running = idle", readings(true, true)), true);
  assertEquals(truthOf("running != idle", readings(true, true)), false);
  assertEquals(truthOf("running = idle", readings(true, undefined)), undefined);
  assertEquals(truthOf("running in (true)", readings(false, true)), false);
  assertEquals(truthOf("always"), true);
  assertEquals(truthOf("true and not false"), true);
});

Deno.test("an expression says which names and limits it needs, each once", () => {
  const { needs, limits } = compile(
    "Lag > limits.lag or TIME > limits.LAG and not (user in ('a', db) or lag is known) and sql like 'x' and hll > limits.hll",
  );
  assertEquals(needs, ["lag", "time", "user", "db", "sql", "hll"]);
  assertEquals(limits, ["lag", "hll"]);
  assertEquals(compile("always").needs, []);
});

Deno.test("compileExpression() lets one subject serve many expressions", () => {
  const shared = subject({ running: true });
  for (const source of ["running", "not not running", "running or idle"]) {
    const compiled = compileExpression(source, {
      vocabulary: VOCABULARY,
      scope: "session",
      limits: new Map(),
    });
    assertEquals(compiled.ok && compiled.expression.evaluate(shared), true, source);
  }
});
