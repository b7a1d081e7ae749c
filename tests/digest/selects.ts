/** A query and the tables that it names, known by how it was made. */
export interface Query {
  readonly sql: string;
  readonly tables: readonly string[];
}

const q = (sql: string, ...tables: string[]): Query => ({ sql, tables });

/** What may stand in a list of columns. */
const COLUMNS: readonly Query[] = [
  q("*"),
  q("a"),
  q("x.a AS b, x.c AS `from`"),
  q("a b, c `join`"),
  q("COUNT(*) AS count"),
  q("CASE a WHEN 1 THEN 2 WHEN 3 THEN b ELSE c END"),
  q("CASE WHEN a > 1 THEN b ELSE c END AS d, e"),
  q("CASE WHEN EXISTS (SELECT 1 FROM s1) THEN (SELECT a AS b FROM s2) ELSE c END AS d", "s1", "s2"),
  q("IF(a, b, c) AS d, IFNULL(a, b) value"),
  q("REPEAT('x', 3) AS r, REPLACE(a, 'x', 'y'), INSERT(a, 1, 2, b), TRUNCATE(a, 2), LEFT(a, 1) AS l"),
  q("EXTRACT(DAY FROM a) AS d, TRIM(LEADING 'x' FROM b), SUBSTRING(a FROM 2 FOR 3) AS s"),
  q("GROUP_CONCAT(DISTINCT a ORDER BY b DESC SEPARATOR ', ') AS g"),
  q("CAST(a AS CHAR(10)) AS c, CONVERT(a, SIGNED), CONVERT(a USING utf8mb4) AS u"),
  q("SUM(a) OVER (PARTITION BY b ORDER BY c ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS total"),
  q("ROW_NUMBER() OVER w AS n, LAG(a, 1) OVER w AS l"),
  q("JSON_EXTRACT(a, '$.b') AS j, a->'$.b' AS k, a->>\"$.c\""),
  q("(SELECT MAX(b) AS m FROM s3 WHERE s3.a = x.a) AS sub", "s3"),
  q("a AS begin, b AS do, c AS `else`, d AS tables, e AS view, f AS handler"),
  q("begin, tables, view, truncate, action, x.update, x.select AS set_"),
  q("DISTINCT a AS b"),
  q("SQL_NO_CACHE STRAIGHT_JOIN a AS b"),
  q("NOT a AS b, -a AS c, a DIV b AS d, a IS NULL AS e, a IN (1, 2) AS f, a BETWEEN 1 AND 2 AS g"),
  q("DATE_ADD(a, INTERVAL 1 DAY) AS d, TIMESTAMPDIFF(SECOND, a, b) AS s, CURRENT_TIMESTAMP AS now"),
  q("MATCH (a, b) AGAINST ('x' IN BOOLEAN MODE) AS score"),
  q("@a := a AS v, @@version AS w, 'text from nowhere' AS t"),
];

/** What may stand behind FROM. */
const SOURCES: readonly Query[] = [
  q("t AS x", "t"),
  q("t x", "t"),
  q("s.t x, `u`", "s.t", "u"),
  q("t x JOIN u ON x.id = u.id LEFT JOIN v AS w USING (id)", "t", "u", "v"),
  q("t x NATURAL JOIN u CROSS JOIN v STRAIGHT_JOIN w", "t", "u", "v", "w"),
  q("t AS x FORCE INDEX (i, j) USE INDEX FOR JOIN (k) JOIN u IGNORE INDEX (l) ON 1", "t", "u"),
  q("t PARTITION (p0, p1) AS x, u PARTITION (p2)", "t", "u"),
  q("(SELECT a AS id, b FROM d1) AS x JOIN d2 y ON x.id = y.id", "d1", "d2"),
  q("(SELECT 1 AS a UNION ALL SELECT b AS a FROM d3) x", "d3"),
  q("t x, LATERAL (SELECT c AS d FROM l1 WHERE l1.a = x.a) AS y", "t", "l1"),
  q(
    "t x JOIN JSON_TABLE(x.j, '$[*]' COLUMNS (a INT PATH '$.a', NESTED PATH '$.b' COLUMNS (c INT PATH '$'))) AS k, u",
    "t",
    "u",
  ),
  q("(t x, u) LEFT JOIN (v JOIN w ON 1) ON x.a = w.a", "t", "u", "v", "w"),
  q("{OJ t AS x LEFT OUTER JOIN u ON x.a = u.a}", "t", "u"),
  q("t AS value, u AS action JOIN v AS `set` ON 1", "t", "u", "v"),
  q("t value JOIN u date ON 1, v", "t", "u", "v"),
  q("(VALUES ROW(1, 2), ROW(3, 4)) AS x (a, b), t", "t"),
  q("t x FOR SYSTEM_TIME AS OF NOW(), u", "t", "u"),
];

/** What may stand behind those. */
const ENDS: readonly Query[] = [
  q(""),
  q("WHERE a = 1 AND b IN (SELECT c AS d FROM w1) OR EXISTS (SELECT 1 FROM w2 AS y)", "w1", "w2"),
  q("WHERE CASE a WHEN 1 THEN b ELSE c END = 1 AND d > ALL (SELECT e FROM w3)", "w3"),
  q("WHERE a LIKE 'x' ESCAPE '|' GROUP BY a, b WITH ROLLUP HAVING COUNT(*) > 1 ORDER BY c, 2 DESC LIMIT 1, 2"),
  q(
    "WINDOW w AS (PARTITION BY a ORDER BY b), w2 AS (w) ORDER BY (SELECT f AS g FROM o1) LIMIT 5 OFFSET 6",
    "o1",
  ),
  q("WHERE (a, b) = (1, 2) FOR UPDATE SKIP LOCKED"),
  q("LOCK IN SHARE MODE"),
  q("UNION SELECT a AS b FROM u1 EXCEPT (SELECT c FROM u2 AS y) ORDER BY 1", "u1", "u2"),
  q("UNION ALL SELECT CASE WHEN a THEN b ELSE c END AS d FROM u3 JOIN u4 USING (id)", "u3", "u4"),
  q("UNION DISTINCT TABLE u5", "u5"),
  q("GROUP BY CASE WHEN a THEN b ELSE c END INTO @a"),
];

/** What a query may be a part of. */
const AROUND: readonly Query[] = [
  q("Q"),
  q("(Q)"),
  q("EXPLAIN FORMAT=JSON Q"),
  q("EXPLAIN ANALYZE Q"),
  q("INSERT INTO i1 (a, b) Q", "i1"),
  q("REPLACE INTO i2 Q", "i2"),
  q("CREATE TABLE c1 AS Q", "c1"),
  q("CREATE OR REPLACE VIEW c2 (a, b) AS Q", "c2"),
  q("WITH c AS (SELECT a AS b FROM e1), d (x) AS (SELECT b AS x FROM c) Q", "e1"),
  q("WITH RECURSIVE c AS (SELECT 1 AS n UNION ALL SELECT n + 1 AS n FROM c JOIN e2) Q", "e2"),
  q("SET @a = (Q)"),
  q("DO (Q)"),
  q("SET STATEMENT max_statement_time = 1 FOR Q"),
  q("DELETE FROM f1 WHERE a IN (Q)", "f1"),
  q(
    "UPDATE (f2) JOIN f3 AS y ON f2.a = y.a SET f2.b = CASE WHEN y.c THEN (Q) ELSE d END WHERE e = 1",
    "f2",
    "f3",
  ),
  q("PREPARE s FROM @a; Q"),
];

/** Many queries: each column list with each source, and in turn the ends and what is around them. */
export function queries(): readonly Query[] {
  const found: Query[] = [];
  let index = 0;
  for (const columns of COLUMNS) {
    for (const source of SOURCES) {
      for (let times = 0; times < 6; times++, index++) {
        const end = ENDS[(index * 7 + times) % ENDS.length]!;
        const around = AROUND[(index * 5 + times * 3) % AROUND.length]!;
        const sql = `SELECT ${columns.sql} FROM ${source.sql} ${end.sql}`.trim();
        const tables = [columns, source, end, around].flatMap(({ tables }) => tables);
        found.push({ sql: around.sql.replace("Q", () => sql), tables: [...new Set(tables)].sort() });
      }
    }
  }
  return found;
}
