import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  AGGREGATE_NAMES,
  compileExpression,
  explain,
  type Expression,
  type Member,
  type QuantityType,
  type Reading,
  type Subject,
  type Truth,
} from "../../src/language/mod.ts";
import { SHARD_VOCABULARY } from "../../src/cli/shard_vocabulary.ts";
import { problemsOf as problemsOfDatabase } from "./subject.ts";

const LIMITS: ReadonlyMap<string, QuantityType> = new Map([["rows", "number"]]);

function problemsOf(source: string, scope: "group" | "database" = "group"): readonly string[] {
  const compiled = compileExpression(source, { vocabulary: SHARD_VOCABULARY, scope, limits: LIMITS });
  return compiled.ok ? [] : compiled.problems.map(({ offset, message }) => `${offset}: ${message}`);
}

function compile(source: string): Expression {
  const compiled = compileExpression(source, {
    vocabulary: SHARD_VOCABULARY,
    scope: "group",
    limits: LIMITS,
  });
  assert(compiled.ok, problemsOf(source).join("; "));
  return compiled.expression;
}

function subjectOf(name: string, values: readonly (Reading | undefined)[]): Subject {
  const members = values.map((value, index): Member => ({
    name: `s${index + 1}`,
    readings: value === undefined ? {} : { [name]: value },
  }));
  return { limits: { rows: 100 }, database: {}, members };
}

/** What a condition comes to; `explain` has to come to the same. */
function truthOf(source: string, name: string, values: readonly (Reading | undefined)[]): Truth {
  const [expression, subject] = [compile(source), subjectOf(name, values)];
  assertEquals(explain(expression, subject).truth, expression.evaluate(subject), source);
  return expression.evaluate(subject);
}

const UNKNOWN = { unknown: "no source" };

Deno.test("an aggregate is over the values of all members", () => {
  const rows: readonly (readonly [string, Truth])[] = [
    ["sum(rows) = 60", true],
    ["avg(rows) = 20", true],
    ["min(rows) = 10", true],
    ["max(rows) = 30", true],
    ["count(rows) = 3", true],
    ["count(rows > 15) = 2", true],
    ["count(not rows > 15) = 1", true],
    ["count(rows > limits.rows) > 0", false],
    ["max(rows) > avg(rows) and SUM(rows) < limits.rows", true],
    ["max(rows) in (1, 30)", true],
    ["sum(rows) is known", true],
    ["sum(qps) is unknown", true],
  ];
  for (const [source, truth] of rows) assertEquals(truthOf(source, "rows", [10, 20, 30]), truth, source);
});

Deno.test("an aggregate with one unknown member is unknown, but for a bound that decides", () => {
  const values = [10, UNKNOWN, 30];
  const rows: readonly (readonly [string, Truth])[] = [
    ["sum(rows) > 39", true],
    ["sum(rows) > 40", undefined],
    ["sum(rows) < 40", false],
    ["sum(rows) < 100", undefined],
    ["avg(rows) > 13", true],
    ["avg(rows) > 20", undefined],
    ["max(rows) >= 30", true],
    ["max(rows) > 30", undefined],
    ["min(rows) > 5", undefined],
    ["min(rows) < 50", undefined],
    ["count(rows) > 2", undefined],
    ["count(rows > 15) >= 1", true],
    ["count(rows > 15) >= 2", undefined],
    ["count(rows is unknown) = 1", true],
    ["sum(rows) is unknown", true],
  ];
  for (const [source, truth] of rows) assertEquals(truthOf(source, "rows", values), truth, source);
  assertEquals(truthOf("sum(rows) > 45", "rows", [10, { unknown: "cut", atLeast: 6 }, 30]), true);
  assertEquals(truthOf("sum(rows) < 50", "rows", [10, undefined, 30]), undefined);
  assertEquals(truthOf("max(rows) > 1", "rows", [NaN, 0]), undefined);
});

Deno.test("an aggregate over nobody is unknown", () => {
  for (const name of AGGREGATE_NAMES) {
    assertEquals(truthOf(`${name}(rows) >= 0`, "rows", []), undefined, name);
    assertEquals(
      compile(`${name}(rows) >= 0`).evaluate({ limits: {}, database: { rows: 5 } }),
      undefined,
      name,
    );
  }
});

Deno.test("aggregates of known values are those of the numbers; one unknown value never makes them smaller", () => {
  const amount = fc.integer({ min: 0, max: 1000 });
  fc.assert(
    fc.property(fc.array(amount, { minLength: 1, maxLength: 6 }), fc.nat(5), amount, (all, at, limit) => {
      const sum = all.reduce((sum, each) => sum + each, 0);
      const expected = {
        sum,
        avg: sum / all.length,
        min: Math.min(...all),
        max: Math.max(...all),
        count: all.length,
      };
      const hidden = all.map((value, index) => index === at % all.length ? UNKNOWN : value);
      for (const name of AGGREGATE_NAMES) {
        const above = expected[name] > limit;
        assertEquals(truthOf(`${name}(rows) > ${limit}`, "rows", all), above, name);
        const found = truthOf(`${name}(rows) > ${limit}`, "rows", hidden);
        assert(found === undefined || (found && above), `${name} of ${JSON.stringify(hidden)} > ${limit}`);
      }
    }),
  );
});

Deno.test("explain() shows the value of an aggregate, with its unit, and whose value is unknown", () => {
  const because = (source: string, name: string, values: readonly Reading[]) =>
    explain(compile(source), subjectOf(name, values)).because;
  assertEquals(because("avg(cpu) > 60%", "cpu", [50, 90, 81.5]), [
    { expression: "avg(cpu) > 60%", left: "73.8%", right: "60%" },
  ]);
  assertEquals(because("avg(rows) > 60", "rows", [50, 90, 81]), [
    { expression: "avg(rows) > 60", left: "73.667", right: "60" },
  ]);
  assertEquals(because("sum(rows) > 100", "rows", [70, UNKNOWN]), [{
    expression: "sum(rows) > 100",
    left: "at least 70, unknown beyond: s2: no source",
    right: "100",
  }]);
  assertEquals(because("count(rows > 60) = 1", "rows", [70, 3]), [
    { expression: "count(rows > 60) = 1", left: "1", right: "1" },
  ]);
});

Deno.test("what is wrong with an aggregate is said, with its place", () => {
  const rows: readonly (readonly [source: string, ...problems: string[]])[] = [
    ["cpu > 70%", "0: " + BARE("cpu")],
    ["sum(rows) > 5 and qps > 1k", "18: " + BARE("qps")],
    ["cpu is unknown", "0: " + BARE("cpu")],
    ["sum(cpu) > 5", "11: sum(cpu) is a percentage and needs a unit (%): 5"],
    [
      "avg(size) > 5GiB and sum(rows) > 5MiB",
      "33: sum(rows) is a number, and cannot be compared with a size: 5MiB",
    ],
    ["max(flavor) = 'mysql'", "4: max() is over amounts, but flavor is a string"],
    ["sum(read_only) > 1", "4: sum() is over amounts, but read_only is a condition, which count() takes"],
    ["sum(rows > 5) > 1", "4: sum() is over amounts, but rows > 5 is a condition, which count() takes"],
    ["sum(limits.rows) > 1", "4: sum() is over a name, which has a value for each shard: limits.rows"],
    ["max(5) > 1", "4: max() is over a name, which has a value for each shard: 5"],
    ["max(avg(cpu)) > 1%", "4: an aggregate is over names, not over another aggregate: avg(cpu)"],
    ["sum(row) > 1", "4: unknown name: row (did you mean rows?)"],
    ["sum(total_entries) > 1", "4: unknown name: total_entries (did you mean rows?)"],
    ["sum(qps)", "0: expected a condition, such as sum(qps) > …, but sum(qps) is a number"],
    ["sum() > 1", '4: expected a name, a value or an expression in parentheses: found ")"'],
    ["sum(rows > 1", '3: the parenthesis is not closed: found "("'],
    ["suum(rows) > 1", '4: there is no such function (did you mean sum?): found "("'],
    ["max > 1", "0: unknown name: max"],
    ["count(user = 'app') > 1", `6: "when" is about a shard, and this is known of a session only: user`],
    ["min(metric.jobs) > 1", "4: unknown name: metric.jobs"],
    ["sum(rows) > limits.row", "12: this limit is not defined: limits.row (did you mean limits.rows?)"],
  ];
  for (const [source, ...problems] of rows) assertEquals(problemsOf(source), problems, source);
});

function BARE(name: string): string {
  return `each shard has its own value of this, write max(${name}), or sum, avg, min, count of it, or add "each: shard": ${name}`;
}

Deno.test("a condition about one shard, or about a database, has no aggregates", () => {
  assertEquals(problemsOf("cpu > 70% or rows > 100k or lag > 5s or not read_only", "database"), []);
  assertEquals(problemsOf("rows > avg(rows)", "database"), [
    '7: "each: shard" asks about one shard at a time, and avg() is over all: leave out "each": avg(rows)',
  ]);
  assertEquals(problemsOf("time > 5s", "database"), [
    '0: "when" is about a shard, and this is known of a session only: time',
  ]);
  assertEquals(problemsOfDatabase("sum(hll) > 5", "database"), [
    "0: sum() is over a group of targets, and this condition is about one: sum(hll)",
  ]);
});
