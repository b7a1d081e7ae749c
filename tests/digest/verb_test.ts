import { assert, assertEquals } from "@std/assert";
import { type Verb, verbOf, VERBS } from "../../src/digest/mod.ts";

Deno.test("verbOf() is what a statement does", () => {
  const cases: readonly (readonly [string, Verb])[] = [
    ["select 1", "select"],
    ["SeLeCt(1)", "select"],
    ["  \n(((select 1)))", "select"],
    ["/* app */ -- x\n# y\nSELECT 1", "select"],
    ["/*!50001 SELECT */ 1", "select"],
    ["/*M!100100 SET WAIT_TIMEOUT=DEFAULT */", "set"],
    ["/*!40100 SET @@SQL_MODE='' */", "set"],
    ["; select 1", "select"],
    ["WITH c AS (SELECT 1) SELECT * FROM c", "select"],
    [
      "with recursive c (a, b) as (select 1, (select ')') union select 2, 3), d as (select 4) delete from t",
      "delete",
    ],
    ["with `update` as (select 1) (select 2)", "select"],
    ["WITH c AS (WITH d AS (SELECT 1) SELECT 2) UPDATE t SET a = 1", "update"],
    ["(with c as (select 1) select 2)", "select"],
    ["with c as (values row(1)) table c", "table"],
    ["WITH RECURSIVE c AS (SELECT 1) CYCLE a, b RESTRICT SELECT 2", "select"],
    ["with nonsense", "other"],
    ["EXPLAIN SELECT 1", "select"],
    ["explain format=json delete from t", "delete"],
    ["EXPLAIN ANALYZE FORMAT=TREE INTO @v FOR SCHEMA s (SELECT 1)", "select"],
    ["EXPLAIN EXTENDED WITH c AS (SELECT 1) SELECT 2", "select"],
    ["EXPLAIN FOR CONNECTION 5", "explain"],
    ["explain t", "explain"],
    ["DESC t", "describe"],
    ["describe t col", "describe"],
    ["desc update t set a = 1", "update"],
    ["ANALYZE TABLE t", "analyze"],
    ["ANALYZE LOCAL TABLE t", "analyze"],
    ["ANALYZE FORMAT=JSON SELECT 1", "select"],
    ["analyze update t set a=1", "update"],
    ["SET STATEMENT max_statement_time=(select 1 for update), a='x for y' FOR SELECT 1", "select"],
    ["set statement = 1", "set"],
    ["SET @a = 1", "set"],
    ["SET autocommit = 1", "commit"],
    ["SET sql_mode = '', @@session.autocommit = 1", "commit"],
    ["SET @autocommit = 1, @x = (SELECT 1, autocommit)", "set"],
    ["/* a */ BEGIN WORK; -- b", "start"],
    ["BEGIN SELECT 1; END", "begin"],
    ["BEGIN NOT ATOMIC SELECT 1; END", "begin"],
    ["lbl: BEGIN NOT ATOMIC END", "begin"],
    ["START TRANSACTION", "start"],
    ["VALUES ROW(1), ROW(2)", "values"],
    ["TABLE t", "table"],
    ["CALL p(1)", "call"],
    ["{ CALL p(1) }", "other"],
    ["REPLACE INTO t VALUES (1)", "replace"],
    ["LOAD DATA INFILE 'x' INTO TABLE t", "load"],
    ["LOCK INSTANCE FOR BACKUP", "lock"],
    ["UNLOCK TABLES", "unlock"],
    ["BACKUP STAGE START", "backup"],
    ["CHECK TABLE t", "check"],
    ["CHECKSUM TABLE t", "checksum"],
    ["EXECUTE IMMEDIATE 'select 1'", "execute"],
    ["PREPARE s FROM 'select 1'", "prepare"],
    ["KILL 5", "kill"],
    ["`select` 1", "other"],
    ["ſelect 1", "other"],
    ["dump", "other"],
    ["42", "other"],
    ["", "other"],
    ["-- nothing", "other"],
  ];
  for (const [sql, verb] of cases) assertEquals(verbOf(sql), verb, sql);
});

Deno.test("verbOf() knows dumps", () => {
  const cases: readonly (readonly [string, Verb])[] = [
    ["SELECT /*!40001 SQL_NO_CACHE */ * FROM `t`", "dump"],
    ["SELECT /*!40001 SQL_NO_CACHE */ `a`, `b` FROM `t` WHERE a=1", "dump"],
    ["select/*!40001 sql_no_cache */* from t", "dump"],
    ["SELECT `a` FROM `s`.`t` /* mysqlsh dumpInstance, dumping table `s`.`t`, chunk ID: 1 */", "dump"],
    ["SELECT '/* mysqlsh dumpInstance */' FROM t", "select"],
    ["SELECT SQL_NO_CACHE * FROM t", "select"],
    ["SELECT a /*!40001 SQL_NO_CACHE */ FROM t", "select"],
    ["LOCK TABLES `t` READ /*!32311 LOCAL */", "lock"],
    ["FLUSH /*!40101 LOCAL */ TABLES", "flush"],
  ];
  for (const [sql, verb] of cases) assertEquals(verbOf(sql), verb, sql);
  assertEquals(verbOf("SELECT /*!40001 SQL_NO_CACHE */ * FR", { cut: true }), "dump");
});

Deno.test("verbOf() is undefined where the verb is cut off or in doubt", () => {
  const cut = [
    "",
    "sel",
    "select",
    "/* app",
    "/* app */ ",
    "(((",
    "WITH c AS (SELECT 1, ",
    "WITH c AS (SELECT 1) ",
    "WITH c AS (SELECT 'it",
    "EXPLAIN ",
    "EXPLAIN FORMAT=JSON ",
    "ANALYZE",
    "SET STATEMENT a=1 ",
    "SELECT /*!40001 SQL_NO_",
  ];
  for (const sql of cut) assertEquals(verbOf(sql, { cut: true }), undefined, sql);
  for (const sql of ["/* app", "'", "with c as (select '"]) assertEquals(verbOf(sql), undefined, sql);
  assertEquals(verbOf("SELECT a FR", { cut: true }), "select");
  assertEquals(verbOf("WITH c AS (SELECT 1) SELECT 'x", { cut: true }), "select");
});

Deno.test("VERBS has every verb once", () => {
  assertEquals(new Set(VERBS).size, VERBS.length);
  for (const verb of VERBS) {
    assert(/^[a-z]+$/.test(verb));
    const word = verb === "dump" || verb === "other";
    assertEquals(verbOf(`${verb} t`), word ? "other" : verb === "analyze" ? "analyze" : verb);
  }
});

Deno.test("verbOf() completes for 1 MiB of hostile text", () => {
  for (const piece of ["(", ";", "a:", "with a as (", "explain analyze ", "/*!", "set statement a=1 "]) {
    verbOf(piece.repeat(2 ** 20 / piece.length));
  }
});
