import { assertEquals } from "@std/assert";
import { asksForValue, valuesNamed } from "../../src/language/mod.ts";
import { compile } from "./subject.ts";

/** The verbs that an expression names. */
function verbs(source: string): readonly string[] {
  return [...valuesNamed(compile(source), "verb")];
}

Deno.test("valuesNamed() gathers the strings of = and in", () => {
  assertEquals(verbs("verb = 'select'"), ["select"]);
  assertEquals(verbs("'select' = verb"), ["select"]);
  assertEquals(verbs("VERB in ('select', 'alter')"), ["select", "alter"]);
  assertEquals(verbs("running and (verb = 'select' or (time > 1s and verb in ('drop')))"), [
    "select",
    "drop",
  ]);
  assertEquals(verbs("verb = 'select' or verb = 'select'"), ["select"]);
});

Deno.test("valuesNamed() leaves out what a not turns round, and every other test and name", () => {
  const sources = [
    "always",
    "verb != 'select'",
    "verb not in ('alter')",
    "not verb = 'select'",
    "not (running and verb in ('alter'))",
    "verb like 'alt%'",
    "verb matches 'alter'",
    "verb is known",
    "verb = user",
    "user = 'alter'",
    "user in ('alter', verb)",
    "verb in (user, db)",
  ];
  for (const source of sources) assertEquals(verbs(source), [], source);
  assertEquals(verbs("not verb = 'select' and verb in ('drop', user)"), ["drop"]);
});

Deno.test("asksForValue() is so of a test that holds, and that no not turns round", () => {
  const asks = (source: string) =>
    asksForValue(compile(source), "program", { limits: {}, database: {}, session: { program: "mydumper" } });
  const sources = [
    "program = 'mydumper'",
    "'mydumper' = program and running",
    "program in ('x', 'mydumper') or idle",
    "program like 'MY%'",
    "running or (idle and program matches 'dump')",
  ];
  for (const source of sources) assertEquals(asks(source), true, source);
  const others = [
    "program = 'x' or idle",
    "program != 'x'",
    "not program = 'x'",
    "not program = 'mydumper'",
    "program not in ('x')",
    "program not like 'x'",
    "program is known",
    "user = 'mydumper'",
  ];
  for (const source of others) assertEquals(asks(source), false, source);
});
