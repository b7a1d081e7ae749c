import { assertEquals, assertThrows } from "@std/assert";
import { passedOn, Refusal } from "../../src/shards/plan/mod.ts";

Deno.test("a statement is passed on as it is written, without comments around it", () => {
  const passed: readonly (readonly [sql: string, verb: string])[] = [
    ["SELECT a FROM t WHERE b IN (SELECT c FROM u) FOR UPDATE", "select"],
    ["insert into t values (1, LOWER('A'))", "insert"],
    ["INSERT IGNORE INTO shop.users (user_id) VALUES (ABS(-1))", "insert"],
    ["REPLACE `order` (a, b) SELECT a, COUNT(*) FROM t GROUP BY a", "replace"],
    ["INSERT INTO t SET a = 1", "insert"],
    ["UPDATE t SET a = a + 1 WHERE b = 'it''s (;'", "update"],
    ["DELETE FROM t", "delete"],
  ];
  for (const [sql, verb] of passed) assertEquals(passedOn(`/* x */ ${sql};`), { verb, sql } as never, sql);
});

Deno.test("a function that is not known is passed on nowhere, wherever an INSERT has it", () => {
  for (
    const sql of [
      "SELECT SLEEP(1)",
      "SELECT LOAD_FILE('/etc/passwd')",
      "SELECT own.call(1)",
      "INSERT INTO t (a) VALUES (SLEEP(1))",
      "INSERT INTO t VALUES (1, GET_LOCK('a', 1))",
      "INSERT INTO t SET a = BENCHMARK(1, 1)",
      "INSERT INTO t (a) SELECT SLEEP(1)",
      "INSERT INTO shop.t (a) VALUES (1) ON DUPLICATE KEY UPDATE a = SLEEP(1)",
      "REPLACE INTO t (a) VALUES (own.call(1))",
      "UPDATE t SET a = RELEASE_ALL_LOCKS()",
    ]
  ) assertThrows(() => passedOn(sql), Refusal, "not supported");
});
