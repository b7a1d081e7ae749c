/** A statement, and MySQL's digest text of it; undefined where MySQL does not parse it. */
export interface Vector {
  readonly sql: string;
  readonly mysql: string | undefined;
}

/** STATEMENT_DIGEST_TEXT of MySQL 9.7.4 with a default database and the default sql_mode. */
export const VECTORS: readonly Vector[] = [
  { sql: "SELECT * FROM users WHERE id = 42", mysql: "SELECT * FROM `users` WHERE `id` = ?" },
  {
    sql: String.raw`select c from t where email='a''b@x.io' and name="O\'Neil"`,
    mysql: "SELECT `c` FROM `t` WHERE `email` = ? AND NAME = ?",
  },
  { sql: "SELECT * FROM t WHERE id IN (1,2,3)", mysql: "SELECT * FROM `t` WHERE `id` IN (...)" },
  { sql: "SELECT * FROM t WHERE id IN (1)", mysql: "SELECT * FROM `t` WHERE `id` IN (...)" },
  {
    sql: "SELECT * FROM t WHERE (a,b) IN ((1,'x'),(2,'y'))",
    mysql: "SELECT * FROM `t` WHERE ( `a` , `b` ) IN ( (...) /* , ... */ )",
  },
  {
    sql: "INSERT INTO t (a,b) VALUES (1,'x'),(2,'y'),(3,'z')",
    mysql: "INSERT INTO `t` ( `a` , `b` ) VALUES (...) /* , ... */",
  },
  {
    sql: "INSERT INTO t VALUES (1,'a',NULL),(2,DEFAULT,NOW())",
    mysql: "INSERT INTO `t` VALUES (...) , ( ? , DEFAULT , NOW ( ) )",
  },
  {
    sql: "INSERT INTO t (a,b) VALUES (1,NOW())",
    mysql: "INSERT INTO `t` ( `a` , `b` ) VALUES ( ? , NOW ( ) )",
  },
  { sql: "SELECT 1 /*action='run%2Ax',controller='index',db_driver='django'*/", mysql: "SELECT ?" },
  {
    sql: "select * from t where a='x' or 1=1 -- ' and b='y'",
    mysql: "SELECT * FROM `t` WHERE `a` = ? OR ? = ?",
  },
  {
    sql: "SELECT /*+ MAX_EXECUTION_TIME(1000) */ * FROM t WHERE a=1",
    mysql: "SELECT /*+ MAX_EXECUTION_TIME (?) */ * FROM `t` WHERE `a` = ?",
  },
  {
    sql: "SELECT /*!40001 SQL_NO_CACHE */ * FROM `t` WHERE a=1",
    mysql: "SELECT SQL_NO_CACHE * FROM `t` WHERE `a` = ?",
  },
  {
    sql: "SELECT `a b`.`c` FROM `db`.`a b` WHERE `x``y` = 5",
    mysql: "SELECT `a b` . `c` FROM `db` . `a b` WHERE `x`y` = ?",
  },
  {
    sql: "SELECT 0xDEADBEEF, x'4D7953514C', b'101', 0b11, N'abc', _utf8mb4'abc' COLLATE utf8mb4_bin",
    mysql: "SELECT ?, ... , (_charset) ? COLLATE `utf8mb4_bin`",
  },
  {
    sql: "SELECT X'4142', 0x41, _binary'a', _latin1 X'41'",
    mysql: "SELECT ?, ... , (_charset) ? , (_charset) ?",
  },
  { sql: "SELECT -5, a-5, a - -5, +3, 1e10, 1.5e-3, .5, 3.", mysql: "SELECT ? , `a` - ? , `a` - ?, ..." },
  {
    sql: "select * from t where a = -1 and b = - 1 and c = -(1)",
    mysql: "SELECT * FROM `t` WHERE `a` = ? AND `b` = ? AND `c` = - (?)",
  },
  {
    sql:
      "SELECT * FROM t WHERE d = DATE '2024-01-02' AND ts > '2024-01-02 03:04:05' AND i = INTERVAL 1 DAY + d",
    mysql: "SELECT * FROM `t` WHERE `d` = DATE ? AND `ts` > ? AND `i` = INTERVAL ? SQL_TSI_DAY + `d`",
  },
  {
    sql: "SELECT * FROM t WHERE a IS NULL AND b = NULL AND c IN (NULL,1) AND d = TRUE",
    mysql: "SELECT * FROM `t` WHERE `a` IS NULL AND `b` = ? AND `c` IN (...) AND `d` = TRUE",
  },
  { sql: String.raw`SELECT "x" FROM t WHERE "a" = 'y'`, mysql: "SELECT ? FROM `t` WHERE ? = ?" },
  { sql: String.raw`SELECT 'it\'s', 'back\\', 'pct%_'`, mysql: "SELECT ?, ..." },
  { sql: String.raw`SELECT 'ab''cd', "say ""hi""", 'x'`, mysql: "SELECT ?, ..." },
  { sql: "SELECT 'a' 'b' 'c'", mysql: "SELECT ? ? ?" },
  { sql: "SELECT * FROM t LIMIT 5, 10", mysql: "SELECT * FROM `t` LIMIT ?, ..." },
  {
    sql: "SELECT * FROM t WHERE a=1 UNION SELECT * FROM t WHERE a=2 UNION SELECT * FROM t WHERE a=3",
    mysql:
      "SELECT * FROM `t` WHERE `a` = ? UNION SELECT * FROM `t` WHERE `a` = ? UNION SELECT * FROM `t` WHERE `a` = ?",
  },
  { sql: "CALL proc1(1, 'x', @v)", mysql: "CALL `proc1` ( ?, ... , @? )" },
  {
    sql: String.raw`PREPARE s FROM 'SELECT * FROM t WHERE ssn=\'123-45-6789\''`,
    mysql: "PREPARE `s` FROM ?",
  },
  { sql: "EXECUTE s USING @a, @b", mysql: "EXECUTE `s` USING @? , @?" },
  {
    sql: "SELECT * FROM t1_2024 JOIN log_20240102 USING (id) WHERE t5c = 7",
    mysql: "SELECT * FROM `t1_2024` JOIN `log_20240102` USING ( `id` ) WHERE `t5c` = ?",
  },
  {
    sql: String.raw`SELECT JSON_EXTRACT(doc,'$.card.number'), doc->'$.x', doc->>"$.y" FROM t`,
    mysql: "SELECT `JSON_EXTRACT` ( `doc` , ? ) , `doc` -> ? , `doc` ->> ? FROM `t`",
  },
  { sql: "SELECT * FROM t WHERE name = 'unterminated value 4111111111111", mysql: undefined },
  { sql: "SELECT * FROM t WHERE a=1 AND b=2 /* unterminated comment with email x@y.io", mysql: undefined },
  { sql: "SELECT 1; DELETE FROM t WHERE id=2", mysql: undefined },
  {
    sql: "SELECT @@global.max_connections, @a, @`weird var`",
    mysql: "SELECT @@GLOBAL . `max_connections` , @? , @`weird var`",
  },
  {
    sql: "CHANGE REPLICATION SOURCE TO SOURCE_HOST='h', SOURCE_PASSWORD='pw'",
    mysql: "CHANGE REPLICATION SOURCE TO SOURCE_HOST = ? , SOURCE_PASSWORD = ?",
  },
  {
    sql: "WITH RECURSIVE c AS (SELECT 1 AS n UNION ALL SELECT n+1 FROM c WHERE n<10) SELECT * FROM c",
    mysql:
      "WITH RECURSIVE `c` AS ( SELECT ? AS `n` UNION ALL SELECT `n` + ? FROM `c` WHERE `n` < ? ) SELECT * FROM `c`",
  },
];

/** The same, of statements that the list above does not cover. */
export const MORE_VECTORS: readonly Vector[] = [
  {
    sql:
      "select count(*), count (1), now(), current_timestamp, localtime, localtimestamp(6), curdate(), current_date, curtime(), current_time, substr(a,1), substring(a,1), mid(a,1)",
    mysql:
      "SELECT COUNT ( * ) , COUNT (?) , NOW ( ) , NOW , NOW , NOW (?) , CURDATE ( ) , CURDATE , CURTIME ( ) , CURTIME , SUBSTRING ( `a` , ? ) , SUBSTRING ( `a` , ? ) , SUBSTRING ( `a` , ? )",
  },
  {
    sql:
      "select system_user(), session_user(), user(), std(a), stddev(a), stddev_pop(a), variance(a), var_pop(a), var_samp(a), cast(a as signed), sysdate(), position(a in (b)), trim(a), extract(day from a), utc_date, max(a), group_concat(a), bit_and(b), date_add(a, interval 1 day), adddate(a, interval 1 second), json_arrayagg(a) from t",
    mysql:
      "SELECT SYSTEM_USER ( ) , SYSTEM_USER ( ) , SYSTEM_USER ( ) , STDDEV_POP ( `a` ) , STDDEV_POP ( `a` ) , STDDEV_POP ( `a` ) , VAR_POP ( `a` ) , VAR_POP ( `a` ) , VAR_SAMP ( `a` ) , CAST ( `a` AS SIGNED ) , SYSDATE ( ) , POSITION ( `a` IN ( `b` ) ) , TRIM ( `a` ) , EXTRACT ( SQL_TSI_DAY FROM `a` ) , UTC_DATE , MAX ( `a` ) , GROUP_CONCAT ( `a` ) , BIT_AND ( `b` ) , DATE_ADD ( `a` , INTERVAL ? SQL_TSI_DAY ) , ADDDATE ( `a` , INTERVAL ? SQL_TSI_SECOND ) , JSON_ARRAYAGG ( `a` ) FROM `t`",
  },
  { sql: "select st_collect(a), now from t", mysql: "SELECT ST_COLLECT ( `a` ) , `now` FROM `t`" },
  {
    sql:
      "select a <> b, a != b, a && b, a || b, a and b, a or b, a xor b, !a, not a, ~a, a rlike b, a regexp b, @a := b, a <=> b, a mod b, a div b, a % b, a ^ b, a << b, a >> b, a | b, a & b",
    mysql:
      "SELECT `a` != `b` , `a` != `b` , `a` && `b` , `a` || `b` , `a` AND `b` , `a` OR `b` , `a` XOR `b` , ! `a` , NOT `a` , ~ `a` , `a` RLIKE `b` , `a` RLIKE `b` , @? := `b` , `a` <=> `b` , `a` MOD `b` , `a` DIV `b` , `a` % `b` , `a` ^ `b` , `a` << `b` , `a` >> `b` , `a` | `b` , `a` & `b`",
  },
  {
    sql:
      "create table t (a char, b character varying(3), c dec(3,2), d int4, e integer, f int, g int1, h int2, i int3, j middleint, k int8, l float4, m float8, n varcharacter(3), o numeric, p fixed, q double precision, r real, s nchar, t national char, u nvarchar(3), v long varchar, w bool, x boolean, y tinyint, z datetime)",
    mysql:
      "CREATE TABLE `t` ( `a` CHARACTER , `b` CHARACTER VARYING (?) , `c` DECIMAL (...) , `d` INTEGER , `e` INTEGER , `f` INTEGER , `g` TINYINT , `h` SMALLINT , `i` MIDDLEINT , `j` MIDDLEINT , `k` INT8 , `l` FLOAT4 , `m` FLOAT8 , `n` VARCHARACTER (?) , `o` NUMERIC , `p` FIXED , `q` FLOAT8 PRECISION , `r` REAL , `s` NCHAR , `t` NATIONAL CHARACTER , `u` NVARCHAR (?) , `v` LONG VARCHARACTER , `w` BOOL , `x` BOOLEAN , `y` TINYINT , `z` DATETIME )",
  },
  { sql: "show columns from t", mysql: "SHOW FIELDS FROM `t`" },
  { sql: "create database s", mysql: "CREATE SCHEMA `s`" },
  {
    sql:
      "select interval 1 day + d, interval 1 hour + d, interval 1 week +d, interval 1 month + d, interval 1 quarter + d, interval 1 year + d, interval 1 minute + d, interval 1 second + d, interval 1 microsecond + d",
    mysql:
      "SELECT INTERVAL ? SQL_TSI_DAY + `d` , INTERVAL ? SQL_TSI_HOUR + `d` , INTERVAL ? WEEK + `d` , INTERVAL ? SQL_TSI_MONTH + `d` , INTERVAL ? SQL_TSI_QUARTER + `d` , INTERVAL ? YEAR + `d` , INTERVAL ? SQL_TSI_MINUTE + `d` , INTERVAL ? SQL_TSI_SECOND + `d` , INTERVAL ? MICROSECOND + `d`",
  },
  { sql: "create user 'u'@'h' identified by 'x'", mysql: "CREATE SYSTEM_USER ? @? IDENTIFIED BY ?" },
  { sql: "select @a.b, @1a", mysql: "SELECT @? , @?" },
  { sql: "describe t", mysql: "EXPLAIN `t`" },
  {
    sql:
      "select null, not null, a is null, a is not null, (null), (null, null), (1, null), f(null), f(null,1), f(1), f(1,2), f(), f(a,1), if(a,null,1), case when null then null else null end, ifnull(a,null)",
    mysql:
      "SELECT ? , NOT ? , `a` IS NULL , `a` IS NOT NULL , (?) , (...) /* , ... */ , `f` (?) , `f` (...) , `f` (?) , `f` (...) , `f` ( ) , `f` ( `a` , ? ) , IF ( `a` , ?, ... ) , CASE WHEN ? THEN ? ELSE ? END , `ifnull` ( `a` , ? )",
  },
  { sql: "insert into t values (1,2),(3,4),(5)", mysql: "INSERT INTO `t` VALUES (...) /* , ... */ , (?)" },
  {
    sql: "select 1, (2), (3), (4,5), (6,7), ((8))",
    mysql: "SELECT ? , (?) /* , ... */ , (...) /* , ... */ , ( (?) )",
  },
  { sql: "select a.1 from t", mysql: "SELECT `a` . `1` FROM `t`" },
  { sql: "select t.2fa from t", mysql: "SELECT `t` . `2fa` FROM `t`" },
  { sql: "select 1e from t", mysql: "SELECT `1e` FROM `t`" },
  { sql: "select 1--2", mysql: "SELECT ? - ?" },
  { sql: "select 1-- 2", mysql: "SELECT ?" },
  { sql: "select x'41', X'41', x'', b'', x, b, n, e'x'", mysql: "SELECT ?, ... , `x` , `b` , `n` , `e` ?" },
  {
    sql: String
      .raw`select N'a', n'b', _utf8mb4'a', _utf8mb4 'a', _utf8mb4 x'41', _utf8mb4 0x41, _utf8mb4"a", _binary b'1', _id, _nosuch'x'`,
    mysql:
      "SELECT ?, ... , (_charset) ? , (_charset) ? , (_charset) ? , (_charset) ? , (_charset) ? , (_charset) ? , `_id` , `_nosuch` ?",
  },
  { sql: "select é, `é`, 名前 from t", mysql: "SELECT `é` , `é` , `名前` FROM `t`" },
  { sql: "select a->'$.x', a->>'$.y', a -> '$.z'", mysql: "SELECT `a` -> ? , `a` ->> ? , `a` -> ?" },
  { sql: "select {d '2020-01-01'}, {fn now()}", mysql: "SELECT { `d` ? } , { `fn` NOW ( ) }" },
  {
    sql: "select /*+ MAX_EXECUTION_TIME(5) JOIN_ORDER(t1,t2) */ /*+ BKA(t1) */ 1",
    mysql: "SELECT /*+ MAX_EXECUTION_TIME (?) JOIN_ORDER ( `t1` , `t2` ) */ ?",
  },
  { sql: "select a /*+ bka(a) */ from t", mysql: "SELECT `a` FROM `t`" },
  { sql: "select /*!50000 1, /* inner */ 2, */ 3", mysql: "SELECT ?, ..." },
  {
    sql:
      "create table t (a int(11) default -1 comment 'abc', b varchar(20), c decimal(10,2), d enum('a','b'), e set('a'))",
    mysql:
      "CREATE TABLE `t` ( `a` INTEGER (?) DEFAULT ? COMMENT ? , `b` VARCHARACTER (?) , `c` DECIMAL (...) , `d` ENUM (...) , `e` SET (?) )",
  },
  { sql: "insert into t values row(1,2), row(3,4)", mysql: "INSERT INTO `t` VALUES ROW (...) , ROW (...)" },
  { sql: "select 1 limit 1 offset 2", mysql: "SELECT ? LIMIT ? OFFSET ?" },
  { sql: "set names utf8mb4", mysql: "SET NAMES `utf8mb4`" },
  { sql: "select - - 1, -+1", mysql: "SELECT ?, ..." },
  { sql: "select (-1), (- (1)), (1)", mysql: "SELECT (?) , ( - (?) ) , (?)" },
  {
    sql: "select a = -1, a < -1, a > -1, a >= -1, a <= -1, a <> -1, a <=> -1",
    mysql: "SELECT `a` = ? , `a` < ? , `a` > ? , `a` >= ? , `a` <= ? , `a` != ? , `a` <=> ?",
  },
  {
    sql: "select a in (-1), a in (-1,-2), a not in (1,2), a in ((1)), a in ((1),(2)), a in (1,b)",
    mysql:
      "SELECT `a` IN (...) , `a` IN (...) , `a` NOT IN (...) , `a` IN ( (?) ) , `a` IN ( (?) /* , ... */ ) , `a` IN ( ? , `b` )",
  },
  { sql: "select case -1 when -1 then -2 else -3 end", mysql: "SELECT CASE ? WHEN ? THEN ? ELSE ? END" },
  {
    sql:
      "select a % -1, a + -1, a * -1, a / -1, a ^ -1, @a := -1, a << -1, a >> -1, a | -1, a & -1, ~ -1, ! -1, a rlike -1",
    mysql:
      "SELECT `a` % ? , `a` + ? , `a` * ? , `a` / ? , `a` ^ ? , @? := - ? , `a` << ? , `a` >> ? , `a` | ? , `a` & ? , ~ - ? , ! - ? , `a` RLIKE ?",
  },
  {
    sql: "select 1 from t where -1 group by -1 having -1 order by -1 limit 1",
    mysql: "SELECT ? FROM `t` WHERE - ? GROUP BY - ? HAVING - ? ORDER BY - ? LIMIT ?",
  },
  { sql: "select -0x41, -b'1', -x'41', -n'a', -1.5, -1e5", mysql: "SELECT ?, ... , - ?, ..." },
  { sql: "select @a, 1, 2, @b, 3", mysql: "SELECT @?, ... , @?, ..." },
  {
    sql: "select (@a), f(@a), a in (@a), a in (1, @a), a in (@a, 1)",
    mysql: "SELECT ( @? ) , `f` ( @? ) , `a` IN ( @? ) , `a` IN ( ? , @? ) , `a` IN ( @?, ... )",
  },
  { sql: "select null, null, 1, null", mysql: "SELECT ?, ..." },
  { sql: "select -null, +null", mysql: "SELECT - ? , + ?" },
  { sql: "insert into t values (null,null,1),(1,null,2)", mysql: "INSERT INTO `t` VALUES (...) /* , ... */" },
  {
    sql:
      "create table t (a int null, b int not null, c int default null, d int references x(y) on delete set null)",
    mysql:
      "CREATE TABLE `t` ( `a` INTEGER NULL , `b` INTEGER NOT NULL , `c` INTEGER DEFAULT ? , `d` INTEGER REFERENCES `x` ( `y` ) ON DELETE SET NULL )",
  },
  {
    sql: "select * from json_table('[1]', '$[*]' columns (a int path '$' null on empty null on error)) as j",
    mysql:
      "SELECT * FROM JSON_TABLE ( ?, ... FIELDS ( `a` INTEGER PATH ? NULL ON EMPTY NULL ON ERROR ) ) AS `j`",
  },
  {
    sql: "select _latin1'a', _utf8 'a', _utf8mb3 0x41, _gbk'x', _filename'x', _UTF8MB4'x'",
    mysql: "SELECT (_charset) ? , (_charset) ? , (_charset) ? , (_charset) ? , `_filename` ? , (_charset) ?",
  },
  {
    sql:
      "create definer='r'@'%' procedure p(in a int, out b varchar(10)) begin declare x int default 5; set x = -1; select x; end",
    mysql:
      "CREATE DEFINER = ? @? PROCEDURE `p` ( IN `a` INTEGER , OUT `b` VARCHARACTER (?) ) BEGIN DECLARE `x` INTEGER DEFAULT ? ; SET `x` = ? ; SELECT `x` ; END",
  },
  {
    sql: "grant select (a), insert on d.t to 'u'@'h' with grant option",
    mysql: "GRANT SELECT ( `a` ) , INSERT ON `d` . `t` TO ? @? WITH GRANT OPTION",
  },
  {
    sql: "clone instance from 'u'@'h':3306 identified by 'p'",
    mysql: "CLONE INSTANCE FROM ? @? : ? IDENTIFIED BY ?",
  },
  { sql: "select @@`max_connections`", mysql: "SELECT @@`max_connections`" },
  {
    sql:
      "select user.a, user.`a`, `user`.a, system.x, host.name, t.name, name, key1, status, type, value, data, id, date, time, timestamp, text, comment, level, user, count from t",
    mysql:
      "SELECT `user` . `a` , SYSTEM_USER . `a` , `user` . `a` , `system` . `x` , `host` . `name` , `t` . `name` , NAME , `key1` , STATUS , TYPE , VALUE , DATA , `id` , DATE , TIME , TIMESTAMP , TEXT , COMMENT , LEVEL , SYSTEM_USER , `count` FROM `t`",
  },
  {
    sql: "select @@port, @@global.port, @@version_comment",
    mysql: "SELECT @@PORT , @@GLOBAL . `port` , @@`version_comment`",
  },
  {
    sql:
      "create function f() returns int begin declare a int default null; if null then return null; end if; while a < -1 do set a = -1; end while; return -1; end",
    mysql:
      "CREATE FUNCTION `f` ( ) RETURNS INTEGER BEGIN DECLARE `a` INTEGER DEFAULT ? ; IF ? THEN RETURN ? ; END IF ; WHILE `a` < ? DO SET `a` = ? ; END WHILE ; RETURN ? ; END",
  },
  {
    sql: "load data infile 'x' into table t fields terminated by ',' set a = null",
    mysql: "LOAD DATA INFILE ? INTO TABLE `t` FIELDS TERMINATED BY ? SET `a` = ?",
  },
  {
    sql: "select n'x' , -5 , 'z' from t where a=-5-5 and b=5 -5",
    mysql: "SELECT ?, ... FROM `t` WHERE `a` = ? - ? AND `b` = ? - ?",
  },
  { sql: "create user 'u'@'h', 'v'@'h'", mysql: "CREATE SYSTEM_USER ? @?, ... @?" },
  {
    sql: "insert into t (a,b) select 1, null union all select 2, null",
    mysql: "INSERT INTO `t` ( `a` , `b` ) SELECT ?, ... UNION ALL SELECT ?, ...",
  },
  {
    sql:
      "alter table t add column c int not null default 0 after d, drop index i, add unique key k (a desc, b(10)), engine=innodb, algorithm=inplace",
    mysql:
      "ALTER TABLE `t` ADD COLUMN `c` INTEGER NOT NULL DEFAULT ? AFTER `d` , DROP INDEX `i` , ADD UNIQUE KEY `k` ( `a` DESC , `b` (?) ) , ENGINE = `innodb` , ALGORITHM = `inplace`",
  },
  {
    sql: "set @@session.max_execution_time = 100, sql_mode = 'ANSI', autocommit=off",
    mysql: "SET @@SESSION . `max_execution_time` = ? , `sql_mode` = ? , `autocommit` = OFF",
  },
  { sql: "select a from t group by a with rollup", mysql: "SELECT `a` FROM `t` GROUP BY `a` WITH ROLLUP" },
  { sql: "select 1;", mysql: "SELECT ?" },
];
