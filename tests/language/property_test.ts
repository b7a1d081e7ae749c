import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { compileExpression, explain, leastOf, type Node, type Truth } from "../../src/language/mod.ts";
import { READINGS, SAMPLES } from "./arbitrary.ts";
import { compile, LIMITS, subject } from "./subject.ts";
import { VOCABULARY } from "../../src/mysql/mod.ts";

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

Deno.test("explain() of any expression tells clauses of it that have its truth, and its words but for not", () => {
  fc.assert(fc.property(SAMPLES, READINGS, ({ source }, readings) => {
    const { truth, because } = explain(compile(source), subject(readings));
    assert(because.length > 0, source);
    for (const { expression } of because) {
      assertEquals(compile(expression).evaluate(subject(readings)), truth, `${expression} in ${source}`);
      assert(source.includes(expression) || source.includes(expression.replace(/^not /, "")), expression);
    }
  }));
});

Deno.test("what explain() tells of any expression implies its truth, whatever its other clauses come to", () => {
  let implied = 0;
  fc.assert(
    fc.property(SAMPLES, READINGS, ({ source }, readings) => {
      const { tree } = compile(source);
      const { truth, because } = explain(compile(source), subject(readings));
      if (truth === undefined) return;
      const told = new Map(because.map(({ expression }) => {
        const node = compile(expression).tree;
        return [keyOf(clauseWithin(node)), turned(node) ? !truth : truth];
      }));
      const others = clausesOf(tree).map(keyOf).filter((key) => !told.has(key));
      if (others.length > 6) return;
      for (const rest of assignments([...new Set(others)])) {
        assertEquals(evaluated(tree, new Map([...told, ...rest])), truth, source);
      }
      if (others.length > 0) implied++;
    }),
    { numRuns: 700 },
  );
  assert(implied > 20, `others were left out of few explanations: ${implied}`);
});

/** A clause, wherever it stands in the source. */
function keyOf(clause: Node): string {
  return JSON.stringify(clause, (key, value) => /^(?:start|end|patternStart)$/.test(key) ? undefined : value);
}

function clauseWithin(node: Node): Node {
  return node.kind === "not" ? clauseWithin(node.operand) : node;
}

function turned(node: Node): boolean {
  return node.kind === "not" && !turned(node.operand);
}

function clausesOf(node: Node): readonly Node[] {
  if (node.kind === "not") return clausesOf(node.operand);
  return node.kind === "and" || node.kind === "or"
    ? [...clausesOf(node.left), ...clausesOf(node.right)]
    : [node];
}

function* assignments([first, ...rest]: readonly string[]): Generator<ReadonlyMap<string, Truth>> {
  if (first === undefined) return yield new Map();
  for (const truth of [true, false, undefined]) {
    for (const others of assignments(rest)) yield new Map([[first, truth], ...others]);
  }
}

/** What a tree comes to by the truths of its clauses, by SQL's tables. */
function evaluated(node: Node, truths: ReadonlyMap<string, Truth>): Truth {
  if (node.kind === "not") {
    const truth = evaluated(node.operand, truths);
    return truth === undefined ? undefined : !truth;
  }
  if (node.kind !== "and" && node.kind !== "or") return truths.get(keyOf(node));
  const sides = [evaluated(node.left, truths), evaluated(node.right, truths)];
  const strong = node.kind === "or";
  return sides.includes(strong) ? strong : sides.includes(undefined) ? undefined : !strong;
}

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
      const compiled = compileExpression(source, { vocabulary: VOCABULARY, scope, limits: LIMITS });
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
