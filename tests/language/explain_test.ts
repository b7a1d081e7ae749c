import { assert, assertEquals } from "@std/assert";
import { becauseOf, compile, cutStatement, statement, UNKNOWN } from "./subject.ts";
import { explain, type Readings } from "../../src/language/mod.ts";

/** The clauses that decided, by their expressions alone. */
function decided(source: string, readings: Readings): readonly string[] {
  return becauseOf(source, readings).map(({ expression }) => expression);
}

Deno.test("explain() keeps of a true or its true sides, and of a false one all", () => {
  const source = "lag > 30s or hll > 1M or running";
  assertEquals(decided(source, { lag: 31_000, hll: 1, running: true }), ["lag > 30s", "running"]);
  assertEquals(decided(source, { lag: 1, hll: 1, running: false }), ["lag > 30s", "hll > 1M", "running"]);
});

Deno.test("explain() keeps of a false and its false sides, and of a true one all", () => {
  const source = "lag > 30s and hll > 1M and running";
  assertEquals(decided(source, { lag: 31_000, hll: 1, running: false }), ["hll > 1M", "running"]);
  assertEquals(decided(source, { lag: 31_000, hll: 2e6, running: true }), [
    "lag > 30s",
    "hll > 1M",
    "running",
  ]);
});

Deno.test("explain() keeps of what is unknown the sides that are unknown", () => {
  assertEquals(decided("lag > 30s and running", { lag: UNKNOWN, running: true }), ["lag > 30s"]);
  assertEquals(decided("lag > 30s or running", { lag: UNKNOWN, running: false }), ["lag > 30s"]);
  assertEquals(decided("lag > 30s or running", {}), ["lag > 30s", "running"]);
  assertEquals(decided("lag > 30s and running", { lag: UNKNOWN, running: false }), ["running"]);
});

Deno.test("explain() of not keeps what decided within it, with the not that it decided by", () => {
  const rows: readonly (readonly [source: string, readings: Readings, told: readonly string[]])[] = [
    ["not user matches 'backup'", { user: "app" }, ["not user matches 'backup'"]],
    ["not user matches 'backup'", { user: "backup" }, ["not user matches 'backup'"]],
    ["not idle and running", { running: true, idle: false }, ["not idle", "running"]],
    ["not (running or idle)", { running: true, idle: false }, ["not running"]],
    ["not (running or idle)", { running: false, idle: false }, ["not running", "not idle"]],
    ["not (running and idle)", { running: true, idle: false }, ["not idle"]],
    ["not (running and idle)", { running: true, idle: true }, ["not running", "not idle"]],
    ["running and not (idle and replica)", { running: true, idle: false, replica: true }, [
      "running",
      "not idle",
    ]],
    ["not not running", { running: false }, ["not not running"]],
    ["not (not (running or idle))", { running: false, idle: true }, ["idle"]],
    ["not (not running or idle)", { running: true, idle: false }, ["running", "not idle"]],
    ["not (not not running or idle)", { running: true, idle: false }, ["not running"]],
    ["not (user = 'a')", { user: "b" }, ["not (user = 'a')"]],
    ["not user in ('a', 'b')", { user: "c" }, ["not user in ('a', 'b')"]],
    ["user not in ('a', 'b')", { user: "c" }, ["user not in ('a', 'b')"]],
    ["not (user not in ('a') or idle)", { user: "a", idle: false }, ["not user not in ('a')", "not idle"]],
    ["not lag is unknown", { lag: 1 }, ["not lag is unknown"]],
    ["NOT(lag > 30s)", { lag: UNKNOWN }, ["NOT(lag > 30s)"]],
    ["not (lag > 30s or running)", { lag: UNKNOWN, running: false }, ["not lag > 30s"]],
  ];
  for (const [source, readings, told] of rows) assertEquals(decided(source, readings), told, source);
});

Deno.test("explain() of a name alone tells what it comes to with its not", () => {
  const told = (source: string, readings: Readings) =>
    becauseOf(source, readings).map(({ expression, left }) => `${expression}: ${left}`);
  assertEquals(told("not idle", { idle: false }), ["not idle: true"]);
  assertEquals(told("not idle", { idle: true }), ["not idle: false"]);
  assertEquals(told("not not idle", { idle: true }), ["not not idle: true"]);
  assertEquals(told("not (idle or running)", { idle: false, running: true }), ["not running: false"]);
  assertEquals(told("not idle", { idle: UNKNOWN }), ["not idle: unknown: permission denied"]);
  assertEquals(told("not user = 'a'", { user: "b" }), ["not user = 'a': 'b'"]);
});

Deno.test("explain() shows the values that were compared, as the language writes them", () => {
  const rows: readonly (readonly [source: string, readings: Readings, left: string, right?: string])[] = [
    ["lag > limits.lag", { lag: 42_000 }, "42s", "30s"],
    ["limits.lag < lag", { lag: 42_500 }, "30s", "42.5s"],
    ["hll >= 1M", { hll: 1_500_000 }, "1500k", "1M"],
    ["connections_used > 80%", { connections_used: 83.3333 }, "83.3%", "80%"],
    ["connections_used > 80%", { connections_used: 80.04 }, "80.04%", "80%"],
    ["limits.used < connections_used", { connections_used: 80.0001 }, "80%", "80.0001%"],
    ["connections_used > 80%", { connections_used: 80 }, "80%", "80%"],
    ["connections_used > 80%", { connections_used: 80 + 1e-14 }, "80%", "80%"],
    ["lag > 30s", { lag: 30_000.0004 }, "30.0000004s", "30s"],
    ["limits.size > 1KiB", {}, "1KiB", "1KiB"],
    ["id = 812", { id: 812 }, "812", "812"],
    ["user = 'app'", { user: "it's" }, "'it''s'", "'app'"],
    ["user = db", { user: "a", db: "" }, "'a'", "''"],
    ["user in ('a', db)", { user: "a", db: "b" }, "'a'", "('a', 'b')"],
    ["time not in (1s, limits.lag)", { time: 2000 }, "2s", "(1s, 30s)"],
    ["user like 'a%'", { user: "app" }, "'app'", "'a%'"],
    ['user not matches "^it\'s"', { user: "app" }, "'app'", '"^it\'s"'],
    ["time is known", { time: 1500 }, "1.5s"],
    ["time is unknown", { time: UNKNOWN }, "unknown: permission denied"],
    ["running", { running: true }, "true"],
    ["always", {}, "true"],
    ["running = idle", { running: true, idle: false }, "true", "false"],
    ["lag > 1s", { lag: UNKNOWN }, "unknown: permission denied", "1s"],
    ["lag > 1s", {}, "unknown: not read", "1s"],
    [
      "lag > 1s",
      { lag: { unknown: "it is stopped", atLeast: 45_000 } },
      "at least 45s, unknown beyond: it is stopped",
      "1s",
    ],
    ["lag > 1s", { lag: NaN }, "unknown: not a number", "1s"],
  ];
  for (const [source, readings, left, right] of rows) {
    const clause = { expression: source, left, ...right !== undefined && { right } };
    assertEquals(becauseOf(source, readings), [clause], source);
  }
});

Deno.test("explain() quotes the expression as it is written", () => {
  assertEquals(decided("NOT  LAG>30s AND ( Running )", { lag: 1, running: true }), [
    "NOT  LAG>30s",
    "Running",
  ]);
  const readings = { running: false, idle: false };
  assertEquals(decided("(running or idle) = true", readings), ["(running or idle) = true"]);
  assertEquals(decided("not ((running) in ((true)))", readings), ["not ((running) in ((true)))"]);
  assertEquals(decided("( (running or idle) is unknown )", readings), ["(running or idle) is unknown"]);
  const like = becauseOf("(user) like 'a%'", { user: "app" });
  assertEquals(like, [{ expression: "(user) like 'a%'", left: "'app'", right: "'a%'" }]);
});

Deno.test("explain() shows sql as its digest text, never raw", () => {
  const text = "select * from t where email = 'secret@example.com' and id = 4111111111111111";
  for (const sql of [statement(text), cutStatement(text)]) {
    for (
      const source of [
        "sql like 'select%'",
        "sql matches 'email'",
        "sql = 'x'",
        "sql in ('x')",
        "sql is known",
        "sql = db",
      ]
    ) {
      const because = becauseOf(source, { sql, db: "" });
      const printed = JSON.stringify(because);
      assert(!/secret|4111/.test(printed), printed);
      assert(because[0]!.left.startsWith("SELECT * FROM `t` WHERE `email` = ?"), printed);
    }
  }
  const [clause] = becauseOf("sql = 'x'", { sql: statement("select 1") });
  assertEquals(clause, { expression: "sql = 'x'", left: "SELECT ?", right: "'x'" });
});

Deno.test("an explanation is plain JSON", () => {
  const expression = compile("lag > limits.lag and sql like '%x%'");
  const subject = { limits: { lag: 1 }, database: { lag: UNKNOWN }, session: { sql: statement("x") } };
  const explanation = explain(expression, subject);
  assertEquals(JSON.parse(JSON.stringify(explanation)), {
    because: [{ expression: "lag > limits.lag", left: "unknown: permission denied", right: "1ms" }],
  });
});
