import { assertEquals } from "@std/assert";
import {
  canSelectIdle,
  canSelectRunning,
  compileExpression,
  type Expression,
  whyNeverTrue,
} from "../../src/language/mod.ts";
import { VOCABULARY } from "../../src/mysql/mod.ts";

function where(source: string): Expression {
  const compiled = compileExpression(source, {
    vocabulary: VOCABULARY,
    scope: "session",
    limits: new Map([["old", "duration"]]),
  });
  if (!compiled.ok) throw new Error(compiled.problems.map(({ message }) => message).join("; "));
  return compiled.expression;
}

function selectsRunning(source: string): boolean {
  return canSelectRunning(where(source));
}

Deno.test("canSelectRunning() knows what selects idle sessions only", () => {
  const never = [
    "idle",
    "idle and idle_time > 1h",
    "idle_time > limits.old",
    "not idle_time < 1m",
    "not running",
    "command = 'Sleep' and user = 'app'",
    "'Sleep' = command",
    "command in ('Sleep')",
    "verb = ''",
    "not verb != ''",
    "user = 'app' and (idle or idle_time > 1m)",
    "idle_time is known",
    "running and idle",
    "false",
    "not (running or user = 'app')",
  ];
  assertEquals(never.filter(selectsRunning), []);
});

Deno.test("canSelectRunning() leaves everything else alone", () => {
  const may = [
    "running",
    "always",
    "time > 10s",
    "user = 'app'",
    "not idle",
    "idle or time > 10s",
    "idle_time > 1m or verb = 'select'",
    "idle_time is unknown",
    "command != 'Sleep'",
    "command not in ('Sleep')",
    "command in ('Sleep', 'Query')",
    "not (idle and user = 'app')",
    "sql like '%x%'",
    "time is known",
  ];
  assertEquals(may.filter((source) => !selectsRunning(source)), []);
});

Deno.test("the value that a name has in idle sessions is that of no running one, whoever asks", () => {
  const rows = VOCABULARY.rows.filter(({ idle_value }) => idle_value !== undefined);
  assertEquals(rows.map(({ name }) => name), ["command", "sql", "verb"]);
  for (const { name, idle_value } of rows) {
    const test = `${name} = '${idle_value}'`;
    assertEquals([canSelectRunning(where(test)), canSelectIdle(where(test))], [false, true], name);
    assertEquals(whyNeverTrue(where(`running and ${test}`)), `running and ${test}`);
    assertEquals(whyNeverTrue(where(`idle and ${test}`)), undefined, name);
  }
});
