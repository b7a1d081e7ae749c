import { assertEquals } from "@std/assert";
import { compileExpression } from "../../src/language/mod.ts";
import { problemsOf } from "./subject.ts";
import { VOCABULARY } from "../../src/mysql/mod.ts";

const MISMATCHED: readonly (readonly [source: string, ...problems: string[]])[] = [
  ["time > 10", "7: time is a duration and needs a unit (ms, s, m, h or d): 10"],
  ["10 < time", "0: time is a duration and needs a unit (ms, s, m, h or d): 10"],
  ["time in (1s, 2)", "13: time is a duration and needs a unit (ms, s, m, h or d): 2"],
  ["connections_used > 80", "19: connections_used is a percentage and needs a unit (%): 80"],
  ["limits.size < 5", "14: limits.size is a size and needs a unit (KiB, MiB or GiB): 5"],
  ["lag > '30s'", "6: lag is a duration, write it without quotes: '30s'"],
  ["hll > '1M'", "6: hll is a number, write it without quotes: '1M'"],
  ["connections_used > '80%'", "19: connections_used is a percentage, write it without quotes: '80%'"],
  ["lag > 'long'", "6: lag is a duration, and cannot be compared with a string: 'long'"],
  ["hll > 30s", "6: hll is a number, and cannot be compared with a duration: 30s"],
  ["hll > 1MiB", "6: hll is a number, and cannot be compared with a size: 1MiB"],
  ["lag > 5%", "6: lag is a duration, and cannot be compared with a percentage: 5%"],
  ["user = 5", "7: user is a string, and cannot be compared with a number: 5"],
  ["user in ('a', 5, true)", ...[
    "14: user is a string, and cannot be compared with a number: 5",
    "17: user is a string, and cannot be compared with a condition: true",
  ]],
  ["running = 1", "10: running is a condition, and cannot be compared with a number: 1"],
  ["running = 'yes'", "10: running is a condition, and cannot be compared with a string: 'yes'"],
  ["time > 5M", "7: time is a duration, and M means a million, write 5m for 5 minutes: 5M"],
  ["1M < time", "0: time is a duration, and M means a million, write 1m for a minute: 1M"],
  ["connections_used > 5M", "19: connections_used is a percentage and needs a unit (%): 5M"],
  [
    "lag > limits.hll",
    "6: lag is a duration, and this limit is a number, does it lack a unit (ms, s, m, h or d)?: limits.hll",
  ],
  [
    "limits.hll < lag",
    "0: lag is a duration, and this limit is a number, does it lack a unit (ms, s, m, h or d)?: limits.hll",
  ],
  ["hll > limits.lag", "6: hll is a number, and cannot be compared with a duration: limits.lag"],
  ["lag > hll", "6: lag is a duration, and cannot be compared with a number: hll"],
];

Deno.test("check() refuses to compare values of different types", () => {
  for (const [source, ...problems] of MISMATCHED) assertEquals(problemsOf(source), problems, source);
});

Deno.test("check() demands a condition where one is due", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["user", "0: expected a condition, such as user = …, but user is a string"],
    ["not user", "4: expected a condition, such as user = …, but user is a string"],
    ["running and time", "12: expected a condition, such as time > …, but time is a duration"],
    ["hll or running", "0: expected a condition, such as hll > …, but hll is a number"],
    [
      "connections_used",
      "0: expected a condition, such as connections_used > …, but connections_used is a percentage",
    ],
    ["limits.lag", "0: expected a condition, such as limits.lag > …, but limits.lag is a duration"],
    ["limits.size", "0: expected a condition, such as limits.size > …, but limits.size is a size"],
    ["5s", "0: expected a condition: 5s"],
    ["running and 'app'", "12: expected a condition: 'app'"],
  ];
  for (const [source, problem] of rows) assertEquals(problemsOf(source), [problem], source);
});

Deno.test("check() knows no order of strings and conditions", () => {
  assertEquals(problemsOf("running and user < 'a'"), ["12: a string has no order, use = or !=: user < 'a'"]);
  assertEquals(problemsOf("running >= true"), ["0: a condition has no order, use = or !=: running >= true"]);
  assertEquals(problemsOf("user != 'a' and running = true"), []);
});

Deno.test("check() refuses two written values", () => {
  const rule = "two written values are compared, one of them should be a name";
  assertEquals(problemsOf("1 = 1"), [`0: ${rule}: 1 and 1`]);
  assertEquals(problemsOf("running and 'a' in ('a')"), [`12: ${rule}: 'a' and 'a'`]);
  assertEquals(problemsOf("always = true"), [`0: ${rule}: always and true`]);
});

Deno.test("check() names the nearest name, and none where none is near", () => {
  assertEquals(problemsOf("runing and tme > 1s"), [
    "0: unknown name: runing (did you mean running?)",
    "11: unknown name: tme (did you mean time?)",
  ]);
  assertEquals(problemsOf("nonsense"), ["0: unknown name: nonsense"]);
  assertEquals(problemsOf("lag.max > 1s"), ["0: unknown name: lag.max"]);
  assertEquals(problemsOf("user = null"), [
    "7: nothing is NULL here, write \"is unknown\", or '' for what is absent: null",
  ]);
  assertEquals(problemsOf("__proto__ = 1 or constructor = 1"), [
    "0: unknown name: __proto__",
    "17: unknown name: constructor",
  ]);
  assertEquals(problemsOf("lag > limits.lagg"), [
    "6: this limit is not defined: limits.lagg (did you mean limits.lag?)",
  ]);
  assertEquals(problemsOf("connections_used > used"), [
    "19: unknown name: used (did you mean limits.used?)",
  ]);
  assertEquals(problemsOf("lag > limit.lag"), ["6: unknown name: limit.lag (did you mean limits.lag?)"]);
  assertEquals(problemsOf("lag > limits.nonsense"), ["6: this limit is not defined: limits.nonsense"]);
  assertEquals(problemsOf("lag > limits.constructor"), ["6: this limit is not defined: limits.constructor"]);
});

Deno.test("check() lets a `when` name nothing of a session, and suggests nothing of it", () => {
  const rule = '"when" is about the database, and this is known of a session only';
  assertEquals(problemsOf("lag > 30s and time > 1s", "database"), [`14: ${rule}: time`]);
  assertEquals(problemsOf("user in ('a')", "database"), [`0: ${rule}: user`]);
  assertEquals(problemsOf("runnin", "database"), ["0: unknown name: runnin"]);
  assertEquals(problemsOf("lag > 30s and replica", "database"), []);
  assertEquals(problemsOf("lag > 30s and time > 1s", "session"), []);
});

Deno.test("check() refuses a value that a name never has, and names the nearest", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["command = 'query'", "10: command never has this value: 'query' (did you mean 'Query'?)"],
    ["'query' = command", "0: command never has this value: 'query' (did you mean 'Query'?)"],
    ["command != 'Slep'", "11: command never has this value: 'Slep' (did you mean 'Sleep'?)"],
    ["verb in ('select', 'SELECT')", "19: verb never has this value: 'SELECT' (did you mean 'select'?)"],
    ["verb not in ('selct')", "13: verb never has this value: 'selct' (did you mean 'select'?)"],
    ["flavor = 'MySQL'", "9: flavor never has this value: 'MySQL' (did you mean 'mysql'?)"],
    ["verb = 'nonsense!'", "7: verb never has this value: 'nonsense!'"],
  ];
  for (const [source, problem] of rows) assertEquals(problemsOf(source), [problem], source);
  assertEquals(problemsOf("verb = '' or command = 'Sleep' or flavor = 'mariadb' or user = 'Query'"), []);
});

Deno.test("check() lets only strings have patterns, and refuses what is no regular expression", () => {
  assertEquals(problemsOf("lag like '3%'"), ['0: "like" needs a string, but lag is a duration']);
  assertEquals(problemsOf("not running matches 'x'"), [
    '4: "matches" needs a string, but running is a condition',
  ]);
  assertEquals(problemsOf("running and user matches '(a'"), [
    "25: not a regular expression in RE2 syntax (missing closing ): `(a`): '(a'",
  ]);
  assertEquals(problemsOf("user matches '(?=a)'"), [
    "13: not a regular expression in RE2 syntax (invalid or unsupported Perl syntax: `(?=`): '(?=a)'",
  ]);
  assertEquals(problemsOf("lag matches '('"), [
    '0: "matches" needs a string, but lag is a duration',
    "12: not a regular expression in RE2 syntax (missing closing ): `(`): '('",
  ]);
});

Deno.test("check() finds all errors of an expression, and each once", () => {
  assertEquals(problemsOf("(tme > 1s or hll > 30s) and not (user = 5)"), [
    "1: unknown name: tme (did you mean time?)",
    "19: hll is a number, and cannot be compared with a duration: 30s",
    "40: user is a string, and cannot be compared with a number: 5",
  ]);
});

Deno.test("check() shows a text on one line, without control characters, and not endless", () => {
  assertEquals(problemsOf("user\n < 'a\u001b'"), [
    String.raw`0: a string has no order, use = or !=: user\n < 'a\u001b'`,
  ]);
  assertEquals(problemsOf("user matches '(\u202e'"), [
    "13: not a regular expression in RE2 syntax (missing closing ): `(\\u202e`): '(\\u202e'",
  ]);
  assertEquals(problemsOf(`time > '${"x".repeat(100)}'`), [
    `7: time is a duration, and cannot be compared with a string: '${"x".repeat(78)}…`,
  ]);
});

Deno.test("check() reports nothing that follows from limits which could not be read", () => {
  const problems = (limits: Parameters<typeof compileExpression>[1]["limits"]) => {
    const compiled = compileExpression("lag > limits.lag and tme > 1s", {
      vocabulary: VOCABULARY,
      scope: "session",
      limits,
    });
    return compiled.ok ? [] : compiled.problems.map(({ message }) => message);
  };
  const unknown = "unknown name: tme (did you mean time?)";
  assertEquals(problems(new Map()), ["this limit is not defined: limits.lag", unknown]);
  assertEquals(problems(new Map([["lag", undefined]])), [unknown]);
  assertEquals(problems(undefined), [unknown]);
});
