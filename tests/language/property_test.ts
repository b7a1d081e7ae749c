import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { compileExpression, explain, leastOf } from "../../src/language/mod.ts";
import { READINGS, SAMPLES } from "./arbitrary.ts";
import { compile, LIMITS, subject } from "./subject.ts";

Deno.test("evaluate() and explain() agree with SQL's three-valued logic on any expression", () => {
  fc.assert(
    fc.property(SAMPLES, READINGS, ({ source, truth }, readings) => {
      const expression = compile(source);
      assertEquals(expression.evaluate(subject(readings)), truth(readings), source);
      assertEquals(explain(expression, subject(readings)).truth, truth(readings), source);
    }),
    { numRuns: 500 },
  );
});

Deno.test("explain() of any expression names clauses of it, at least one, that come to what it came to", () => {
  fc.assert(fc.property(SAMPLES, READINGS, ({ source }, readings) => {
    const { truth, because } = explain(compile(source), subject(readings));
    assert(because.length > 0, source);
    for (const { expression } of because) {
      assert(source.includes(expression), expression);
      const clause = compile(expression).evaluate(subject(readings));
      assert((clause === undefined) === (truth === undefined), `${expression} in ${source}`);
    }
  }));
});

Deno.test("explain() reads no name that the expression does not say it needs", () => {
  fc.assert(fc.property(SAMPLES, READINGS, ({ source }, readings) => {
    const expression = compile(source);
    const needed = Object.fromEntries(expression.needs.map((name) => [name, readings[name]]));
    const read = Object.fromEntries(Object.entries(needed).filter(([, value]) => value !== undefined));
    assertEquals(
      explain(expression, subject(read as typeof readings)),
      explain(expression, subject(readings)),
    );
  }));
});

/** Words of the language in any order: far more of these get past the tokens than of random text. */
const SOUP = fc.array(
  fc.constantFrom(
    ..."and or not in like matches is known unknown always true false ( ) , = != <> < <= > >= !".split(" "),
    ..."lag user sql verb command limits.lag limits.x LAG foo 1 30s 1M 5K 80% '' 'a' '(' \"Query\" '".split(
      " ",
    ),
  ),
  { maxLength: 12 },
).map((words) => words.join(" "));

Deno.test("compileExpression() never throws, and says of any text what is wrong, and where", () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: "binary" }), SOUP);
  fc.assert(
    fc.property(text, fc.constantFrom("database" as const, "session" as const), (source, scope) => {
      const compiled = compileExpression(source, { scope, limits: LIMITS });
      if (compiled.ok) return;
      assert(compiled.problems.length > 0);
      for (const { offset, message } of compiled.problems) {
        assert(offset >= 0 && offset <= source.length, `${offset} in ${source}`);
        assert(message.length > 0, source);
      }
    }),
    { numRuns: 700 },
  );
});

Deno.test("logic is monotone: what is told of an amount that is known in part stays so once all of it is", () => {
  fc.assert(
    fc.property(SAMPLES, READINGS, fc.nat({ max: 3 }), ({ source }, readings, more) => {
      // What is unknown in one place is so in both scopes: a clause on knowledge itself would be another question.
      fc.pre(!/\bis\b/i.test(source));
      const expression = compile(source);
      const before = expression.evaluate(subject(readings));
      const later = Object.fromEntries(
        Object.entries(readings).map(([name, reading]) => {
          const least = leastOf(reading);
          return [name, least === undefined ? reading : least + more];
        }),
      );
      if (before !== undefined) assertEquals(expression.evaluate(subject(later)), before, source);
    }),
    { numRuns: 500 },
  );
});
