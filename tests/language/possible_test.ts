import { assertEquals } from "@std/assert";
import { canSelectRunning, compileExpression } from "../../src/language/mod.ts";
import { VOCABULARY } from "../../src/mysql/mod.ts";

function selectsRunning(source: string): boolean {
  const compiled = compileExpression(source, {
    vocabulary: VOCABULARY,
    scope: "session",
    limits: new Map([["old", "duration"]]),
  });
  if (!compiled.ok) throw new Error(compiled.problems.map(({ message }) => message).join("; "));
  return canSelectRunning(compiled.expression);
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
