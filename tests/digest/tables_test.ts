import { assert, assertEquals } from "@std/assert";
import { shapeOf, tablesOf } from "../../src/digest/mod.ts";
import { queries } from "./selects.ts";
import { VECTORS } from "./vector.ts";

function check(cases: readonly (readonly [sql: string, tables: string])[]): void {
  for (const [sql, tables] of cases) assertEquals(tablesOf(sql).join(", "), tables, sql);
}

Deno.test("tablesOf() names what a query reads", () => {
  check([
    ["select 1", ""],
    ["select 1 from dual", ""],
    ["select * from t", "t"],
    ["SELECT * FROM Orders AS o, `order lines` l WHERE o.id = l.id", "Orders, order lines"],
    ["select * from s.t, `s`.`u`, v . w", "s.t, s.u, v.w"],
    ["select * from b join a on a.x = b.x left join c using (x), d", "a, b, c, d"],
    ["select * from a natural join b cross join c straight_join d", "a, b, c, d"],
    ["select straight_join a, b from t", "t"],
    ["select a, b from t where c in (select d, e from u) and exists (select 1 from v)", "t, u, v"],
    ["select (select max(x) from u), y from t group by a, b order by c, d limit 1, 2", "t, u"],
    [
      "select * from (select a, b from t) x, (u, v join w on 1), lateral (select 1 from y) z",
      "t, u, v, w, y",
    ],
    ["select * from ((t, u), v)", "t, u, v"],
    ["select * from {oj t left outer join u on 1}", "t, u"],
    ["select * from t where a = 1 union select * from u except (select * from v)", "t, u, v"],
    ["(select * from a) union (table b) order by 1", "a, b"],
    ["select extract(day from a), trim(both 'x' from b), substring(c from d for e) from t", "t"],
    ["select nth_value(a, 2) from first over w from t window w as (order by a), v as ()", "t"],
    ["select * from t use index (i, j) ignore index for join (k), u for update of t, u", "t, u"],
    ["select * from t for system_time as of now() x, u", "t, u"],
    ["select * from t use index for order by (i), u", "t, u"],
    ["select * from t partition (p0, p1), u lock in share mode", "t, u"],
    ["select * from json_table('[1]', '$' columns (a int path '$')) j, t", "t"],
    ["select a into @x from t", "t"],
    ["select a into outfile '/x' from t", "t"],
    ["select a from t into b", "t"],
    ["select a, `from`, x.`join` from t", "t"],
    ["select t.from, t.join, t.a from t", "t"],
    ["table t order by a", "t"],
    ["values row(1, 2)", ""],
    ["do (select a from t)", "t"],
    ["set @a = (select b from t)", "t"],
    ["call p((select a from t))", "t"],
    ["explain select * from t", "t"],
    ["explain format=json update t set a = 1", "t"],
    ["describe t", "t"],
    ["desc s.t a", "s.t"],
    ["select * from 日本語, `a``b`", "a`b, 日本語"],
    ["select * from t as of timestamp '2020-01-01', u", "t, u"],
    ["select 'from a', \"join b\" /* from c */ from t -- from d", "t"],
    ["/*!50001 select * from t */", "t"],
    ["select * from t t1 join t t2 join T", "T, t"],
  ]);
});

Deno.test("tablesOf() leaves out the names of WITH clauses", () => {
  check([
    ["with c as (select * from t) select * from c", "t"],
    ["with c (a, b) as (select 1, 2), d as (select * from c join t) select * from d, C, u", "t, u"],
    ["with recursive c as (select 1 union all select * from c join t) select * from c", "t"],
    ["with t as (select * from t) select * from t", "t"],
    ["with t as (select * from t) select * from s.t", "s.t, t"],
    ["select * from (with c as (select 1 from a) select * from c) x join c", "a, c"],
    ["with c as (with d as (select * from t) select * from d) select * from c, d", "d, t"],
    ["with c as (select 1) update t join c set t.a = 1", "t"],
    ["with c as (select 1) delete from t using t join c", "t"],
    ["insert into t with c as (select * from u) select * from c", "t, u"],
    ["create view v as with c as (select * from t) select * from c", "t, v"],
    ["with c as (select 1) table c", ""],
    ["select a from t group by a with rollup", "t"],
  ]);
});

Deno.test("tablesOf() names what a statement changes", () => {
  check([
    ["insert into t values (1)", "t"],
    ["insert t (a, b) values (1, 2)", "t"],
    ["insert low_priority ignore into s.t(a) select b from u on duplicate key update a = b, c = d", "s.t, u"],
    ["insert into t set a = (select 1 from u)", "t, u"],
    ["insert into t table u", "t, u"],
    ["replace into t values (1)", "t"],
    ["select replace(a, 'x', 'y'), insert(a, 1, 2, 'z') from t", "t"],
    ["update t set a = b, c = d where e = 1", "t"],
    ["update low_priority ignore t, u as x set t.a = x.b", "t, u"],
    ["update t join u on 1 set t.a = (select 1 from v)", "t, u, v"],
    ["delete from t where a = 1", "t"],
    ["delete quick from t", "t"],
    ["delete a, b.* from t as a join u as b", "t, u"],
    ["delete from a, b using t as a join u as b", "t, u"],
    ["load data local infile '/x' replace into table s.t fields terminated by ',' (a, b)", "s.t"],
    ["truncate table t", "t"],
    ["truncate t", "t"],
    ["handler t read first", "t"],
    ["lock tables t read, u as x write, s.v write", "s.v, t, u"],
    ["unlock tables", ""],
    ["flush tables t, u with read lock", "t, u"],
    ["flush tables with read lock", ""],
    ["select * from t for update", "t"],
  ]);
});

Deno.test("tablesOf() names what a statement defines", () => {
  check([
    ["create table t (a int, b int references u (c))", "t, u"],
    ["create temporary table if not exists s.t like u", "s.t, u"],
    ["create table t (like u)", "t, u"],
    ["create table t as select a from u", "t, u"],
    [
      "create table t (a int, foreign key (a) references s.u (b) on delete cascade on update set null)",
      "s.u, t",
    ],
    ["alter table t add column a int, add index i (a), rename to u", "t, u"],
    ["alter table t rename column a to b, rename index c to d", "t"],
    ["alter table t exchange partition p with table u", "t, u"],
    ["rename table a to b, c.d to e.f", "a, b, c.d, e.f"],
    ["rename user a to b", ""],
    ["drop table if exists t, u cascade", "t, u"],
    ["create unique index i using btree on t (a, b)", "t"],
    ["drop index i on t", "t"],
    ["create or replace view v (a) as select b from t", "t, v"],
    ["drop view v, w", "v, w"],
    ["create trigger x before update on t for each row insert into u values (new.a)", "t, u"],
    ["create procedure p () begin select a into b from t; update u set a = 1; delete from v; end", "t, u, v"],
    ["create event e on schedule every 1 day do delete from t", "t"],
    ["analyze local table t, u", "t, u"],
    ["check table t for upgrade", "t"],
    ["optimize table s.t", "s.t"],
    ["show tables from s", ""],
    ["show columns from t from s", "s.t"],
    ["show index in t", "t"],
    ["show create table s.t", "s.t"],
    ["grant select, update on s.t to u", ""],
    ["create user u", ""],
    ["create database d", ""],
    ["use d", ""],
    ["drop procedure p", ""],
    ["select * from t; delete from u", "t, u"],
  ]);
});

Deno.test("tablesOf() names nothing that it could not read for sure", () => {
  assertEquals(tablesOf("select * from t join u", { cut: true }), ["t"]);
  assertEquals(tablesOf("select * from t join `secret", { cut: true }), ["t"]);
  assertEquals(tablesOf("select 'it\\' from secret where a = ' b"), []);
  assertEquals(tablesOf("select * from `a\nb`, t"), ["t"]);
  assertEquals(tablesOf("from from from , , join"), []);
});

Deno.test("tablesOf() yields names of the statement only", () => {
  for (const { sql } of VECTORS) {
    for (const table of tablesOf(sql)) {
      for (const part of table.split(".")) assert(sql.includes(part), `${sql} => ${table}`);
    }
    for (let end = 0; end < sql.length; end++) tablesOf(sql.slice(0, end));
  }
});

Deno.test("shapeOf() is the verb and the tables", () => {
  assertEquals(shapeOf("SELECT * FROM users u JOIN orders o WHERE u.id = 5"), "select orders, users");
  assertEquals(shapeOf("with c as (select 1) delete from s.t"), "delete s.t");
  assertEquals(shapeOf("commit"), "commit");
  assertEquals(shapeOf(""), "other");
  assertEquals(shapeOf("sel", { cut: true }), undefined);
});

Deno.test("tablesOf() names the tables of every query that names some, whatever else is in it", () => {
  const all = queries();
  assert(all.length > 2000);
  for (const { sql, tables } of all) {
    assertEquals(tablesOf(sql), tables, sql);
    assertEquals(tablesOf(sql.toLowerCase()), tables, sql);
  }
});

Deno.test("tablesOf() names no columns of statements that are about tables", () => {
  check([
    ["analyze table t update histogram on a, b with 4 buckets", "t"],
    ["analyze table t, u drop histogram on a, b", "t, u"],
    ["analyze table t persistent for columns (a, b) indexes (i), u", "t, u"],
    ["explain analyze update t set a = 1", "t"],
    ["update (t) join u on 1 set t.a = 1", "t, u"],
    ["update (t, u) set a = 1", "t, u"],
    ["import table from '/x.sdi', '/y.sdi'", ""],
    ["cache index t index (i), u partition (p) in c", "t, u"],
    ["load index into cache t index (i) ignore leaves, s.u", "s.u, t"],
    ["select next value for s", "s"],
    ["select previous value for a.s, b from t", "a.s, t"],
    ["insert into t values (next value for s, nextval(r), lastval(q))", "q, r, s, t"],
    ["do setval(s, 10)", "s"],
    ["create sequence s start with 1", "s"],
    ["drop sequence s, r", "r, s"],
    ["select value from t for update", "t"],
  ]);
});

Deno.test("tablesOf() does not take a table in double quotes for none", () => {
  check([
    ['select * from "orders"', "?"],
    ['select * from "s"."orders" as "o" join t', "?, t"],
    ['insert into "t" values (1)', "?"],
    ['update "t" set a = 1', "?"],
    ['select "a", "b" from t where c = "d"', "t"],
    ['select trim(both "x" from "y") from t', "t"],
  ]);
  assertEquals(shapeOf('select * from "orders"'), "select ?");
});
