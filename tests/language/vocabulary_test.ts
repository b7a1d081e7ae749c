// The language with the names of another kind of target than the one that there is.

import { assert, assertEquals } from "@std/assert";
import {
  canSelectIdle,
  compileExpression,
  crossingOf,
  explain,
  type Expression,
  keyOf,
  misfitsOf,
  type Scope,
  vocabularyOf,
  whyNeverTrue,
} from "../../src/language/mod.ts";

const PROXY = vocabularyOf({
  rows: [
    { name: "shunned", scope: "database", type: "number", meaning: "servers that get nothing" },
    {
      name: "role",
      scope: "session",
      type: "string",
      meaning: "what a server is for",
      values: ["reader", "writer"],
      selectable: ["reader"],
    },
    { name: "drained_for", scope: "session", type: "duration", meaning: "since it drains", grows: "always" },
    { name: "rest", scope: "session", type: "duration", meaning: "since it has work", known_while: "idle" },
    {
      name: "place",
      scope: "session",
      type: "string",
      meaning: "where it is",
      fault: ({ text }) => text === "moon" ? { why: "nothing is there" } : undefined,
    },
    { name: "running", scope: "session", type: "boolean", meaning: "it has work" },
  ],
  families: [{ name: "label", scope: "session", type: "string", meaning: "whatever was written on it" }],
  familiar: new Map([["location", "place"]]),
  unread: new Set(["weight"]),
});

function problemsOf(source: string, scope: Scope = "session"): readonly string[] {
  const compiled = compileExpression(source, { vocabulary: PROXY, scope, limits: new Map() });
  return compiled.ok ? [] : compiled.problems.map(({ message }) => message);
}

function compile(source: string): Expression {
  const compiled = compileExpression(source, { vocabulary: PROXY, scope: "session", limits: new Map() });
  assert(compiled.ok, source);
  return compiled.expression;
}

Deno.test("an expression has the names of the vocabulary that it is given, and no others", () => {
  assertEquals(problemsOf("shunned > 2 and place = 'cellar' and label.team = 'a'"), []);
  assertEquals(problemsOf("lag > 3s"), ["unknown name: lag"]);
  assertEquals(problemsOf("location = 'a'"), ["unknown name: location (did you mean place?)"]);
  assertEquals(problemsOf("weight > 1"), [
    "unknown name: weight (this is not read: `query-sniper help names` lists what is)",
  ]);
  assertEquals(problemsOf("role = 'boss'"), ["role never has this value: 'boss'"]);
  assertEquals(problemsOf("place = 'a'", "database"), [
    '"when" is about the database, and this is known of a session only: place',
  ]);
});

Deno.test("an expression keeps the rows of its names, so that it is evaluated without its vocabulary", () => {
  const where = compile("shunned > 2 and drained_for > 10s");
  assertEquals([...where.rows.keys()], ["shunned", "drained_for"]);
  const subject = { limits: {}, database: { shunned: 3 }, session: { drained_for: 9_000 } };
  assertEquals(where.evaluate(subject), false);
  assertEquals(explain(where, subject).because, [
    { expression: "drained_for > 10s", left: "9s", right: "10s" },
  ]);
  assertEquals(crossingOf(where, subject, 5000), 1001);
});

Deno.test("what columns say is what follows", () => {
  assertEquals(canSelectIdle(compile("running")), false);
  assertEquals(canSelectIdle(compile("rest > 1s")), true);
  assertEquals(whyNeverTrue(compile("running and rest > 1s")), "running and rest > 1s");
  const told = (source: string) => misfitsOf(compile(source)).map(({ message }) => message);
  assertEquals(told("place = 'moon'"), ["place never has this value, nothing is there: 'moon'"]);
  assertEquals(told("role = 'writer'"), [
    "role never has this value, no policy selects a session with this role: 'writer'",
  ]);
  assertEquals(told("role = 'reader' and place != 'cellar'"), []);
});

Deno.test("keyOf() is what stands behind the name of a family", () => {
  assertEquals(keyOf("label", "label.team"), "team");
  assertEquals([keyOf("label", "labels.team"), keyOf("label", "label")], [undefined, undefined]);
  assertEquals(PROXY.row("label.team"), { ...PROXY.families[0]!, name: "label.team" });
});
