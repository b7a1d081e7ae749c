import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { bind, plan, planJson, planText, Refusal } from "../../src/shards/plan/mod.ts";
import { literalOf, readCode } from "../../src/shards/plan/code.ts";
import { slotOf } from "../../src/shards/slots/key.ts";
import { SHOP } from "./shop.ts";
import { generated } from "./statements.ts";

/** The keys to whose slots a statement is restricted; `all`; or `any` where it reads no sharded table. */
function keysOf(
  sql: string,
  keys: readonly (string | number)[],
): readonly (string | number)[] | "all" | "any" | "others" {
  const { everywhere, slots, scatter } = plan(sql, SHOP);
  if (everywhere) return "any";
  const found = slots ?? scatter?.slots;
  if (found === undefined) return "all";
  const expected = keys.map((key) => slotOf(String(key)));
  return found.length === new Set(expected).size && found.every((slot) => expected.includes(slot))
    ? keys
    : "others";
}

/** Conditions on users, and the keys that their rows have for certain; `all` where none are certain. */
const CONDITIONS: readonly (readonly [condition: string, keys: readonly (string | number)[] | "all"])[] = [
  ["user_id = 5", [5]],
  ["5 = user_id", [5]],
  ["`user_id` = 5", [5]],
  ["`User_ID`=5", [5]],
  ["users.user_id = 5", [5]],
  ["shop.users.user_id = 5", [5]],
  ["(user_id = 5)", [5]],
  ["((user_id) = (5))", "all"],
  ["user_id <=> 5", [5]],
  ["user_id = -5", [-5]],
  ["user_id = - 5", [-5]],
  ["user_id = 005", [5]],
  ["user_id = '5'", [5]],
  ['user_id = "5"', [5]],
  ["user_id = '05'", "all"],
  ["user_id = ' 5'", "all"],
  ["user_id = '5abc'", "all"],
  ["user_id = 5.0", "all"],
  ["user_id = 5e0", "all"],
  ["user_id = 0x05", "all"],
  ["user_id = TRUE", "all"],
  ["user_id = NULL", "all"],
  ["user_id = 5--1", "all"],
  ["user_id = 5 -- 1", [5]],
  ["user_id = 5 # 1", [5]],
  ["user_id = 5 /* OR 1 */", [5]],
  ["user_id /* = 6 */ = 5", [5]],
  ["user_id = 5 + 1", "all"],
  ["user_id = 5 = 1", "all"],
  ["user_id = 5 IS TRUE", "all"],
  ["user_id = 5 IS NOT TRUE", "all"],
  ["NOT user_id = 5", "all"],
  ["! user_id = 5", "all"],
  ["user_id != 5", "all"],
  ["user_id = 5 OR age = 1", "all"],
  ["user_id = 5 || age = 1", "all"],
  ["user_id = 5 XOR age = 1", "all"],
  ["user_id = 5 AND age = 1", [5]],
  ["user_id = 5 && age = 1", [5]],
  ["age = 1 AND user_id = 5", [5]],
  ["age = 1 AND (name = 'x' OR user_id = 6) AND user_id = 5", [5]],
  ["(age = 1 AND user_id = 5) AND name = 'x'", [5]],
  ["(age = 1 OR user_id = 5) AND name = 'x'", "all"],
  ["age BETWEEN 1 AND user_id = 5", "all"],
  ["age BETWEEN 1 AND 2 AND user_id = 5", [5]],
  ["age NOT BETWEEN 1 AND 2 AND user_id = 5", [5]],
  ["age BETWEEN 1 AND 2 BETWEEN 0 AND user_id = 5", "all"],
  ["born < NOW() - INTERVAL 1 DAY AND user_id = 5", [5]],
  ["born < NOW() - INTERVAL -1 YEAR_MONTH AND user_id = 5", [5]],
  ["born < NOW() - INTERVAL users.age DAY AND user_id = 5", [5]],
  ["born < NOW() - INTERVAL IF(age, 1, 2) DAY AND user_id = 5", [5]],
  ["born < NOW() - INTERVAL (1 AND user_id = 6) DAY AND user_id = 5", [5]],
  ["born < NOW() - INTERVAL 1 AND user_id = 5 AND 1 DAY", "all"],
  ["born < NOW() - INTERVAL age AND user_id = 5 AND 1 DAY", "all"],
  ["born < NOW() - INTERVAL day AND user_id = 5 && 1 DAY", "all"],
  ["born < NOW() - INTERVAL NOT day AND user_id = 5 AND 1 DAY", "all"],
  ["born < NOW() - INTERVAL day + day AND user_id = 5 AND 1 DAY", "all"],
  ["CASE WHEN age = 1 AND user_id = 5 THEN 1 ELSE 0 END", "all"],
  ["CASE WHEN age THEN 1 END AND user_id = 5", [5]],
  ["CASE WHEN end = 1 AND user_id = 5 AND age THEN 1 ELSE 0 END", "all"],
  ["user_id IN (5)", [5]],
  ["user_id IN (5, 6, '7')", [5, 6, 7]],
  ["user_id IN (5, 6, age)", "all"],
  ["user_id IN (5, NULL)", "all"],
  ["user_id NOT IN (5, 6)", "all"],
  ["(user_id, age) IN ((5, 6))", "all"],
  ["user_id IN (5, 6) AND user_id = 6", [6]],
  ["user_id IN (5, 6) IS TRUE", "all"],
  ["name = 'user_id = 5'", "all"],
  ["name = 'it''s' AND user_id = 5", [5]],
  ["name = 'it\\'s' AND user_id = 5", [5]],
  ["name = 'a\\\\' AND user_id = 5", [5]],
  ["name = 'a' 'b' AND user_id = 5", [5]],
  ["user_id = 5 'x'", "all"],
  ["user_id LIKE 5", "all"],
  ["user_id > 4 AND user_id < 6", "all"],
  ["LEFT(name, 1) = 'a' AND user_id = 5", [5]],
  ["age = 1 AND\nuser_id\t=\r\n5", [5]],
];

for (const [condition, keys] of CONDITIONS) {
  Deno.test(`the keys of ${condition} are ${keys}`, () => {
    assertEquals(keysOf(`SELECT name FROM users WHERE ${condition}`, keys === "all" ? [] : keys), keys);
    const update = () => plan(`UPDATE users SET age = 1 WHERE ${condition}`, SHOP).slots;
    if (keys === "all") assertThrows(update, Refusal);
    else assertEquals(new Set(update()), new Set(keys.map((key) => slotOf(String(key)))));
  });
}

/** Whole statements that are restricted to keys, or read all. */
const STATEMENTS: readonly (readonly [sql: string, keys: readonly (string | number)[] | "all" | "any"])[] = [
  ["SELECT 1", "any"],
  ["SELECT * FROM countries", "any"],
  ["SELECT NOW() FROM dual", "any"],
  ["SELECT u.name FROM users u WHERE u.user_id = 5", [5]],
  ["SELECT name FROM users FORCE INDEX (PRIMARY) WHERE user_id = 5", [5]],
  ["SELECT u.name FROM users u JOIN orders o ON o.customer_id = u.user_id WHERE o.customer_id = 5", [5]],
  ["SELECT u.name FROM users u, orders o WHERE o.customer_id = u.user_id AND u.user_id = 5", [5]],
  ["SELECT u.name FROM users u LEFT JOIN orders o ON o.customer_id = u.user_id WHERE u.user_id = 5", [5]],
  ["SELECT u.name FROM users u LEFT JOIN orders o ON o.customer_id = u.user_id AND u.user_id = 5", "all"],
  ["SELECT u.name FROM users u LEFT JOIN orders o ON o.customer_id = u.user_id AND o.customer_id = 5", "all"],
  ["SELECT name FROM users WHERE user_id = 5 AND EXISTS (SELECT 1 FROM orders WHERE customer_id = 5)", [5]],
  ["SELECT name FROM users WHERE user_id = 5 AND EXISTS (SELECT 1 FROM orders WHERE customer_id = user_id)", [
    5,
  ]],
  [
    "SELECT name FROM users WHERE NOT EXISTS (SELECT 1 FROM orders WHERE customer_id = user_id AND customer_id = 5)",
    "all",
  ],
  ["SELECT user_id FROM users WHERE user_id = 5 UNION SELECT customer_id FROM orders WHERE customer_id = 5", [
    5,
  ]],
  ["SELECT d.n FROM (SELECT COUNT(*) AS n FROM users WHERE user_id = 5) d", [5]],
  ["SELECT sku FROM products WHERE sku = 'a'", ["a"]],
  ["SELECT sku FROM products WHERE sku = 'a  '", ["a"]],
  ["SELECT sku FROM products WHERE sku = 'A'", ["A"]],
  ["SELECT sku FROM products WHERE sku = 5", "all"],
  ["SELECT sku FROM products WHERE sku = 'a' COLLATE utf8mb4_general_ci", "all"],
  ["SELECT sku FROM products WHERE sku = _utf8mb4 'a'", "all"],
  ["SELECT sku FROM products WHERE sku = N'a'", "all"],
  ["SELECT name FROM users WHERE user_id = 5 FOR UPDATE", [5]],
  ["INSERT INTO users (name, user_id) VALUES ('a', 5)", [5]],
  ["INSERT INTO users (name, `USER_ID`) VALUES ('a, (6)', 5), ('b', '5')", [5]],
  ["INSERT IGNORE INTO shop.users (user_id) VALUES (5) ON DUPLICATE KEY UPDATE age = VALUES(age) + 1", [5]],
  ["REPLACE INTO products (sku, title) VALUES ('it''s', 'x')", ["it's"]],
  ["REPLACE products (sku) VALUE ('a\\nb')", ["a\nb"]],
  ["DELETE FROM orders WHERE customer_id = 5 ORDER BY id LIMIT 1", [5]],
  ["UPDATE users u SET u.age = (u.age = 1), name = 'user_id = 6' WHERE u.user_id = 5;", [5]],
];

for (const [sql, keys] of STATEMENTS) {
  Deno.test(`the keys of the statement ${sql} are ${JSON.stringify(keys)}`, () => {
    assertEquals(keysOf(sql, typeof keys === "string" ? [] : keys), keys);
  });
}

/** Statements that are refused, and the beginning of the reason. */
const REFUSED: readonly (readonly [sql: string, message: string])[] = [
  ["", "the statement is empty"],
  ["SELECT 1; SELECT 2", "there is more than one statement"],
  ["SELECT 1;; ", "there is more than one statement"],
  ["SELECT 'a", "the statement cannot be read to its end"],
  ["SELECT /*! 1 */ + 1 FROM users", "version comments are not supported"],
  ["SELECT /*+ SET_VAR(sql_mode = '') */ 1", "optimizer hints are not supported"],
  ["SELECT @a", "user variables are not supported"],
  ["SELECT @@version", "system variables are not supported"],
  ["SELECT ?", 'there are more "?" than params'],
  ["SELECT (1", "a parenthesis is not closed"],
  ["SELECT 1)", "a parenthesis is closed that was not opened"],
  ["SET autocommit = 0", "it does not begin with SELECT"],
  ["(SELECT 1)", "it does not begin with SELECT"],
  ["WITH a AS (SELECT 1) SELECT * FROM a", "it does not begin with SELECT"],
  ["SELECT * FROM others", "a table is not one of the shards' tables"],
  ["SELECT * FROM mysql.user", 'only tables of the schema "shop"'],
  ["SELECT total(5) FROM users WHERE user_id = 5", 'this function is not supported: "total"'],
  ["SELECT shop.total(5)", "stored functions are not supported"],
  ["SELECT `total`(5)", "stored functions are not supported"],
  ["SELECT GET_LOCK('a', 1)", 'this function is not supported: "get_lock"'],
  ["SELECT (NEXT VALUE FOR s)", "sequences are not supported"],
  ["SELECT name FROM users WHERE age > 1 OFFSET 5 ROWS", "OFFSET without LIMIT"],
  [
    "SELECT a.age FROM users a LEFT JOIN orders c ON c.customer_id = a.user_id LEFT JOIN orders d ON d.id = a.age WHERE a.user_id = 5 AND c.customer_id <=> d.customer_id",
    "it joins rows of several shards",
  ],
  ["SELECT LAST_INSERT_ID()", 'this function is not supported: "last_insert_id"'],
  ["SELECT name INTO OUTFILE '/tmp/x' FROM users WHERE user_id = 5", "INTO is not supported here"],
  ["SELECT * FROM users NATURAL JOIN orders WHERE user_id = 5", "a part of FROM is not supported"],
  [
    "SELECT * FROM users RIGHT JOIN orders ON user_id = customer_id WHERE user_id = 5",
    "a part of FROM is not supported",
  ],
  ["SELECT * FROM users JOIN orders USING (id) WHERE user_id = 5", "JOIN … USING is not supported"],
  ["SELECT * FROM users FOR UPDATE", "it locks rows of several shards"],
  ["SELECT u.name FROM users u JOIN orders o ON o.id = u.age", "it joins rows of several shards"],
  ["SELECT u.name FROM users u JOIN products p ON p.sku = u.user_id", "it joins rows of several shards"],
  [
    "SELECT c.code FROM countries c LEFT JOIN users u ON u.country = c.code",
    "a LEFT JOIN adds rows of other shards",
  ],
  [
    "SELECT a.age FROM users a JOIN users b LEFT JOIN orders o ON o.customer_id = a.user_id AND o.customer_id = b.user_id",
    "it joins rows of several shards",
  ],
  ["SELECT name FROM users WHERE user_id IN (SELECT customer_id FROM orders)", "a subquery reads other keys"],
  [
    "SELECT name FROM users WHERE EXISTS (SELECT 1 FROM orders WHERE customer_id = user_id OR id = 1)",
    "a subquery reads other keys",
  ],
  [
    "SELECT code FROM countries WHERE code IN (SELECT country FROM users)",
    "a subquery reads rows of several shards",
  ],
  ["SELECT d.n FROM (SELECT COUNT(*) AS n FROM users) d", "a subquery reads rows of several shards"],
  [
    "SELECT user_id FROM users UNION SELECT customer_id FROM orders",
    "the parts of a UNION are of several shards",
  ],
  ["SELECT (SELECT SUM(u.age)) FROM users u", "an aggregate in a subquery has columns that are not its own"],
  ["SELECT GROUP_CONCAT(name) FROM users", "GROUP_CONCAT cannot be made of the shards' parts"],
  ["SELECT COUNT(DISTINCT age, name) FROM users", "an aggregate over several columns"],
  ...[
    "SELECT AVG(age) * 100 AS a FROM users",
    "SELECT (AVG(age)) AS a FROM users",
    "SELECT FLOOR(AVG(age)) AS a FROM users",
    "SELECT country FROM users GROUP BY country HAVING AVG(age) > 38.16667",
    "SELECT country FROM users GROUP BY country ORDER BY AVG(age)",
    "SELECT country, AVG(age) AS a FROM users GROUP BY country ORDER BY a DESC",
    "SELECT country, AVG(age) AS a FROM users GROUP BY country ORDER BY 2",
    "SELECT country, AVG(age) AS a FROM users GROUP BY country HAVING a > 3",
    "SELECT DISTINCT AVG(age) AS a FROM users GROUP BY country",
  ].map((sql) => [sql, "AVG is not certain to its last digit unless it is a column of the answer"] as const),
  ...["SUM(score / 7)", "AVG(amount / 3)", "MAX((age) / (7))", "COUNT(DISTINCT age / 3)"].map((text) =>
    [
      `SELECT ${text} AS a FROM users JOIN orders ON customer_id = user_id`,
      "a quotient in an aggregate loses digits on its way from shard to shard",
    ] as const
  ),
  [`SELECT ${"1, ".repeat(4096)}1 FROM users ORDER BY 1`, "a list has more than 4096 parts"],
  [
    `SELECT 1 FROM users${Array.from({ length: 61 }, (_, n) => `, countries c${n}`).join("")}`,
    "it has more than 61 tables",
  ],
  ["SELECT ROW_NUMBER() OVER (ORDER BY age) FROM users", "window functions see the rows of one shard only"],
  ["SELECT SUM(age) OVER () FROM users", "window functions see the rows of one shard only"],
  ["SELECT country, COUNT(*) FROM users GROUP BY country WITH ROLLUP", "WITH is not supported here"],
  ["SELECT name, COUNT(*) FROM users", "beside aggregates there is a name that is not grouped by"],
  ["SELECT age AS user_id, COUNT(*) FROM users GROUP BY user_id", "a column and an alias of another one"],
  ["SELECT DISTINCT name FROM users ORDER BY age", "SELECT DISTINCT is sorted by what is not in the answer"],
  ["SELECT age AS a FROM users ORDER BY a + 1", "an alias is used in an expression"],
  ["SELECT name FROM users HAVING name = 'x'", "HAVING without GROUP BY"],
  [
    "SELECT CONCAT(name, 'a\\\\b') FROM users ORDER BY 1",
    "it is not certain what a column of the answer is called",
  ],
  [
    "SELECT name status FROM users ORDER BY 1",
    "it is not certain whether a column of the answer has an alias",
  ],
  ["INSERT INTO users VALUES (5, 'a')", "the columns are not named"],
  ["INSERT INTO users (name) VALUES ('a')", 'the shard key is not given: "user_id"'],
  ["INSERT INTO users (user_id, user_id) VALUES (5, 6)", "a column is named twice"],
  ["INSERT INTO users (user_id, name) VALUES (5)", "a row has not as many values"],
  ["INSERT INTO users (user_id) VALUES (5 + 1)", "the shard key is not a whole number"],
  ["INSERT INTO users (user_id) VALUES (DEFAULT)", "the shard key is not a whole number"],
  ["INSERT INTO users (user_id) VALUES (NULL)", "the shard key is not a whole number"],
  ["INSERT INTO users (user_id) VALUES (-1)", "the shard key does not fit"],
  ["INSERT INTO users (user_id) VALUES (99999999999)", "the shard key does not fit"],
  ["INSERT INTO products (sku) VALUES (5)", "the shard key is not a text in quotes"],
  ["INSERT INTO products (sku) VALUES ('123456789012345678901')", "the shard key does not fit"],
  [
    "INSERT INTO users (user_id) SELECT customer_id FROM orders",
    "SELECT is not supported in a statement that writes",
  ],
  [
    "INSERT INTO users (user_id) VALUES (5) ON DUPLICATE KEY UPDATE USER_ID = 6",
    "the shard key cannot be changed",
  ],
  ["INSERT INTO users (user_id) VALUES (5) RETURNING user_id", "RETURNING is not supported"],
  ["INSERT INTO users SET user_id = 5", "the columns are not named"],
  ["INSERT INTO countries (code) VALUES ('DE')", "a reference table is written by an administrator"],
  ["UPDATE users SET age = 1", "it writes rows of all shards"],
  ["UPDATE users SET `user_id` = 6 WHERE user_id = 5", "the shard key cannot be changed"],
  ["UPDATE users SET `ùser_id` = 6 WHERE user_id = 5", "names of columns with other letters than ASCII"],
  ["UPDATE users, orders SET age = 1 WHERE user_id = 5", "only UPDATE of one table is supported"],
  [
    "UPDATE users SET age = (SELECT 1) WHERE user_id = 5",
    "SELECT is not supported in a statement that writes",
  ],
  ["UPDATE users SET _rowid = 6 WHERE user_id = 5", "_rowid is not written to"],
  ["UPDATE users SET users.`_ROWID` = 6 WHERE user_id = 5", "_rowid is not written to"],
  ["INSERT INTO users (user_id) VALUES (5) ON DUPLICATE KEY UPDATE _rowid = 6", "_rowid is not written to"],
  [
    "DELETE FROM users WHERE born < NOW() - INTERVAL 1 AND user_id = 5 AND 1 DAY",
    "which rows it writes is not certain",
  ],
  ...["1.0", "1e0", "0x1", "0b1", "(1)", "((1))", "+1", "+(1)", "-1", "TRUE", "(FALSE)", "'1'", "NULL"].map((
    constant,
  ) =>
    [
      `SELECT name, user_id FROM users ORDER BY ${constant}, user_id`,
      "it is sorted or grouped by a constant",
    ] as const
  ),
  [`SELECT ${"(SELECT ".repeat(2000)}1${")".repeat(2000)} AS x`, "its parentheses are nested too deeply"],
  [
    `SELECT age FROM users WHERE ${"(1 AND ".repeat(20000)}1${")".repeat(20000)}`,
    "its parentheses are nested too deeply",
  ],
  ...["(age)", "((users.age))", "+age", "+1", "(1)"].map((item) =>
    [
      `SELECT ${item}, user_id FROM users ORDER BY user_id`,
      "it is not certain what a column of the answer is called",
    ] as const
  ),
  // An ON does not see the tables behind it, nor those before a comma: the names are those of the query around.
  [
    "SELECT x.id, (SELECT COUNT(*) FROM countries a JOIN countries b ON customer_id = 5 JOIN orders o) AS n FROM orders x WHERE x.customer_id = 5",
    "a subquery reads other keys than the query around it",
  ],
  [
    "SELECT u.age, (SELECT COUNT(*) FROM users u, countries a JOIN countries b ON u.user_id = 5) AS n FROM users u WHERE u.user_id = 5",
    "a subquery reads other keys than the query around it",
  ],
  ["DELETE users FROM users WHERE user_id = 5", "only DELETE FROM table is supported"],
  ["DELETE FROM users USING users WHERE user_id = 5", "USING is not supported"],
];

for (const [sql, message] of REFUSED) {
  Deno.test(`refused: ${sql.slice(0, 200)}`, () => {
    const error = assertThrows(() => plan(sql, SHOP), Refusal);
    assertEquals(error.message.slice(0, message.length), message);
  });
}

Deno.test("a statement on one shard is sent as it is, without comments around it", () => {
  assertEquals(
    plan("/* a */ SELECT name FROM users WHERE user_id = 5 -- b", SHOP).sql,
    "SELECT name FROM users WHERE user_id = 5",
  );
});

Deno.test("any text has a plan or a refusal, and nothing else is thrown", () => {
  const words = fc.constantFrom(
    ..."select from where users orders user_id customer_id = 5 ( ) , and or between case when then end in not join left on group by order having limit distinct count sum * . 'x' \"y\" `name` as union insert into values update set delete -- /* */ ; 1 - || null desc"
      .split(" "),
  );
  fc.assert(
    fc.property(
      fc.array(words, { maxLength: 25 }),
      fc.constantFrom("", "SELECT ", "SELECT name FROM users WHERE ", "INSERT INTO users (user_id) VALUES "),
      (list, start) => {
        try {
          plan(start + list.join(" "), SHOP);
        } catch (error) {
          assert(error instanceof Refusal, String((error as Error).stack));
        }
      },
    ),
    { numRuns: 5000, seed: 1 },
  );
});

Deno.test("comments and white space between tokens change neither slots nor refusals", () => {
  const planned = (sql: string) => {
    try {
      const { slots, everywhere } = plan(sql, SHOP);
      return JSON.stringify({ slots, everywhere });
    } catch (error) {
      return (error as Error).message;
    }
  };
  fc.assert(
    fc.property(
      generated,
      fc.constantFrom(" /* ; ' */ ", "\n-- ' \n", "\t\r\n", ' # "\n'),
      ({ sql }, gap) => {
        const { pieces } = readCode(sql);
        // What has no name of its own is named as it is written.
        if (/not certain what a column/.test(planned(sql + ""))) return;
        const written = pieces.map(({ start, end }) => sql.slice(start, end));
        const glued = written.reduce((text, word, index) =>
          text + (pieces[index]!.start > (pieces[index - 1]?.end ?? 0) ? gap : "") + word
        );
        const spread = planned(glued);
        if (!/not certain what a column/.test(spread)) assertEquals(spread, planned(sql));
      },
    ),
    { numRuns: 2000, seed: 2 },
  );
});

Deno.test("params become literals that mean the same", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const bound = bind("SELECT name FROM users WHERE name = ?", [text]);
      const code = readCode(bound);
      const literal = literalOf(code, { from: code.pieces.length - 1, to: code.pieces.length });
      assertEquals(literal, { kind: "string", text });
    }),
    { numRuns: 2000, seed: 3 },
  );
  assertEquals(bind("SELECT '?', `?`, 5-?, ? -- ?", [-1, null]), "SELECT '?', `?`, 5- -1 ,  NULL  -- ?");
  assertEquals(bind("SELECT ?", [true]), "SELECT  TRUE ");
  const refused: readonly (readonly [string, readonly (string | number)[]])[] = [
    ["SELECT ?, ?", [1]],
    ["SELECT 1", [1]],
    ["SELECT ?", [2 ** 53]],
    ["SELECT ?", [NaN]],
    ["SELECT ?", ["\ud800"]],
    ["SELECT '\ud800'", []],
  ];
  for (const [sql, params] of refused) assertThrows(() => bind(sql, params), Refusal);
});

Deno.test("a plan is explained as JSON and to people", () => {
  const explained = planJson(plan("SELECT COUNT(*) AS n FROM users WHERE user_id IN (1, 2)", SHOP), [
    "a",
    "b",
  ]);
  assertEquals(explained, {
    verb: "select",
    tables: ["users"],
    runs_on: "several",
    shards: ["a", "b"],
    slots: [slotOf("1"), slotOf("2")],
    statement: "SELECT COUNT(*) AS qs_p0 FROM users WHERE user_id IN (1, 2)",
    merge: {
      create:
        "CREATE TEMPORARY TABLE qs_part AS SELECT COUNT(*) AS qs_p0 FROM users WHERE user_id IN (1, 2) LIMIT 0",
      select: "SELECT CAST(COALESCE(SUM(qs_p0), 0) AS SIGNED) FROM qs_part",
    },
  });
  assertEquals(planText(explained).slice(0, 2), [
    "runs on each of 2 shards, and the answers are merged: a, b",
    `slots: ${slotOf("1")}, ${slotOf("2")}`,
  ]);
  const write = planJson(plan("DELETE FROM users WHERE user_id IN (1, 2)", SHOP), ["a"]);
  assertEquals([write.runs_on, write.only_while_on_one_shard], [
    "one",
    "a statement that writes is run on one shard",
  ]);
});

Deno.test("an average that is a column of the answer is merged, and quotients outside of aggregates are", () => {
  for (
    const sql of [
      "SELECT AVG(age) FROM users",
      "SELECT country, AVG(age) AS a, COUNT(*) AS n FROM users GROUP BY country HAVING n > 1 ORDER BY n, country",
      "SELECT SUM(age) / COUNT(age) AS a FROM users HAVING a > 3 ORDER BY a",
      "SELECT AVG(DISTINCT age) * 2 AS a FROM users",
      "SELECT COUNT(age / 3) FROM users",
      "SELECT AVG(age) * 100 AS a FROM users WHERE user_id = 5 ORDER BY AVG(age)",
    ]
  ) plan(sql, SHOP);
});
