import { assertEquals } from "@std/assert";
import { explain, hiddenClauses, truthName, withRecordedTruths } from "../../src/language/mod.ts";
import { Secret } from "../../src/text/secret.ts";
import { expression } from "../policy/fixture.ts";

const WHERE = "running and (sql like '%4711%' or not sql  matches 'x') and verb in ('select', sql)";
const isHidden = (name: string) => name === "sql";

Deno.test("the clauses about what is not kept are found, with what they come to", () => {
  const clauses = hiddenClauses(expression(WHERE, "session"), isHidden);
  assertEquals(clauses.map(({ text }) => text), [
    "sql like '%4711%'",
    "sql  matches 'x'",
    "verb in ('select', sql)",
  ]);
  const sql = { text: new Secret("SELECT 4711"), cut: false };
  const subject = { limits: {}, database: {}, session: { sql, verb: "insert" } };
  assertEquals(clauses.map(({ evaluate }) => evaluate(subject)), [true, false, false]);
  assertEquals(hiddenClauses(expression("running and user = 'sql'", "session"), isHidden), []);
});

Deno.test("a recorded truth takes the place of its clause, and explains itself by the clause", () => {
  const { evaluate, needs, tree, rows, source, limitTypes } = withRecordedTruths(
    expression(WHERE, "session"),
    isHidden,
  );
  const names = ["sql like '%4711%'", "sql  matches 'x'", "verb in ('select', sql)"].map(truthName);
  assertEquals(needs, ["running", ...names]);
  const subject = (...truths: readonly (boolean | null)[]) => ({
    limits: {},
    database: {},
    session: {
      running: true,
      ...Object.fromEntries(names.map((name, at) => [name, truths[at] ?? { unknown: "then" }])),
    },
  });
  assertEquals(evaluate(subject(true, true, true)), true);
  assertEquals(evaluate(subject(false, true, true)), false);
  assertEquals(evaluate(subject(null, true, true)), undefined);
  const explained = (...truths: readonly (boolean | null)[]) =>
    explain({ source, tree, rows, limitTypes }, subject(...truths)).because;
  assertEquals(explained(true, true, true), [
    { expression: "running", left: "true" },
    { expression: "sql like '%4711%'", left: "true", by: "recorded truth" },
    { expression: "verb in ('select', sql)", left: "true", by: "recorded truth" },
  ]);
  assertEquals(explained(true, true, null), [
    { expression: "verb in ('select', sql)", left: "unknown: then", by: "recorded truth" },
  ]);
});
