import { assertEquals } from "@std/assert";
import { sideEffectOf } from "../../src/digest/mod.ts";

const FOUND: readonly (readonly [sql: string, clause: string])[] = [
  ["SELECT 1 INTO OUTFILE '/tmp/x'", "INTO OUTFILE"],
  ["SELECT n FROM t into /* here */ dumpfile '/tmp/x'", "INTO DUMPFILE"],
  ["SELECT COUNT(*) INTO @n FROM t", "INTO a variable"],
  ["SELECT COUNT(*) FROM t INTO n", "INTO a variable"],
  ["SELECT COUNT(*) FROM t FOR UPDATE", "FOR UPDATE"],
  ["select count(*) from t for\nshare of t nowait", "FOR SHARE"],
  ["(SELECT n FROM t LOCK IN SHARE MODE)", "LOCK IN SHARE MODE"],
  ["SELECT 1 + (SELECT n FROM t LIMIT 1 FOR UPDATE)", "FOR UPDATE"],
  ["WITH a AS (SELECT n FROM t FOR UPDATE) SELECT COUNT(*) FROM a", "FOR UPDATE"],
  ["SELECT n FROM t /*! FOR UPDATE */", "FOR UPDATE"],
  ["SELECT n FROM t FOR /*!80000 UPDATE */", "FOR UPDATE"],
  ["SELECT 'it\\'s' FROM t FOR UPDATE", "FOR UPDATE"],
  ["TABLE t INTO OUTFILE 'x'", "INTO OUTFILE"],
];

Deno.test("what a SELECT does beside reading is found, wherever it stands", () => {
  for (const [sql, clause] of FOUND) assertEquals(sideEffectOf(sql), clause, sql);
});

const NOT_FOUND: readonly string[] = [
  "SELECT COUNT(*) FROM t WHERE note = 'into outfile, for update'",
  'SELECT COUNT(*) FROM t WHERE note = "lock in share mode"',
  "SELECT COUNT(`into`) FROM `for` -- for update",
  "SELECT t.into FROM t /* into @n */",
  "SELECT COUNT(*) FROM t USE INDEX FOR JOIN (i)",
  "SELECT COUNT(*) FROM t FOR SYSTEM_TIME AS OF NOW()",
  "SELECT SUBSTRING(a FROM 1 FOR 2) AS share, `update` FROM t",
  "SELECT COUNT(*) AS 'for' FROM share",
  "CALL how_many()",
  "",
];

Deno.test("names, literals and comments are no clauses, nor is FOR by itself", () => {
  for (const sql of NOT_FOUND) assertEquals(sideEffectOf(sql), undefined, sql);
});
