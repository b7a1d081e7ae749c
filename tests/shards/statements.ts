import fc from "fast-check";

/** A statement, and how its answers are to be compared. */
export interface Generated {
  readonly sql: string;
  /** `exact`: in this order; `bag`: in any; `some`: any rows of those of `whole`. */
  readonly compare: "exact" | "bag" | "some";
  /** Of `some`: the statement without its LIMIT. */
  readonly whole?: string;
}

const key = fc.integer({ min: 1, max: 130 });
const small = fc.integer({ min: -1, max: 90 });
const text = fc.constantFrom(
  "Köln",
  "koln",
  "KOLN",
  "paris",
  "paris ",
  "O''Hara",
  "a\\\\b",
  "",
  "Zoë",
  "zoe",
);

/** Conditions that say nothing of the key to those who do not read them with care. */
const filter: fc.Arbitrary<string> = fc.oneof(
  small.map((n) => `age > ${n}`),
  small.map((n) => `age BETWEEN ${n} AND ${n + 20}`),
  fc.tuple(small, key).map(([n, k]) => `age BETWEEN ${n} AND user_id = ${k}`),
  text.map((t) => `name = '${t}'`),
  text.map((t) => `name LIKE '${t.slice(0, 1)}%'`),
  key.map((k) => `(age > 40 OR user_id = ${k})`),
  key.map((k) => `NOT user_id = ${k}`),
  key.map((k) => `CASE WHEN age > 30 AND user_id = ${k} AND score > 1 THEN 0 ELSE 1 END`),
  key.map((k) => `user_id = ${k} XOR age > 50`),
  key.map((k) => `user_id = ${k} IS NOT TRUE`),
  key.map((k) => `user_id = ${k} - 1`),
  key.map((k) => `user_id <> ${k}`),
  key.map((k) => `user_id = '${k}'`),
  key.map((k) => `user_id = ${k}.0`),
  key.map((k) => `user_id = ${k} || age > 60`),
  key.map((k) => `user_id % 7 = ${k % 7}`),
  fc.constantFrom(
    "country IS NULL",
    "score IS NOT NULL",
    "country IN ('DE', 'fr')",
    "note = 'a -- b'",
    "born > '1990-01-01'",
  ),
  fc.constantFrom("EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = users.user_id AND o.amount > 50)"),
  fc.constantFrom("user_id IN (SELECT customer_id FROM orders)", "country IN (SELECT code FROM countries)"),
  fc.constantFrom("(SELECT COUNT(*) FROM orders WHERE customer_id = user_id) > 1"),
);

const keyed: fc.Arbitrary<string> = fc.oneof(
  key.map((k) => `user_id = ${k}`),
  key.map((k) => `${k} = users.user_id`),
  key.map((k) => `(user_id <=> ${k})`),
  key.map((k) => `user_id = '${k}'`),
  fc.array(key, { minLength: 1, maxLength: 4 }).map((keys) => `user_id IN (${keys.join(", ")})`),
);

const where: fc.Arbitrary<string> = fc.tuple(
  fc.array(filter, { maxLength: 2 }),
  fc.option(keyed, { freq: 3 }),
  fc.constantFrom(" AND ", " AND ", " AND ", " and ", " && ", " OR "),
).map(([filters, keys, sign]) => {
  const all = [...filters, ...keys === null ? [] : [keys]];
  return all.length === 0 ? "" : ` WHERE ${all.join(sign)}`;
});

const column = fc.constantFrom(
  "user_id",
  "name",
  "country",
  "age",
  "score",
  "born",
  "`note`",
  "users.age",
  "UPPER(country)",
  "age + 1 AS more",
  "score * 2",
  "IFNULL(country, '-') AS land",
  "COALESCE(note, 'none')",
  "YEAR(born) AS year_born",
  "1",
  "age IS NULL AS unknown_age",
  "CONCAT(name, '|', age)",
  "CAST(score AS CHAR)",
  "user_id DIV 2",
  "(SELECT COUNT(*) FROM orders o WHERE o.customer_id = users.user_id) AS orders_of",
  "(SELECT label FROM countries c WHERE c.code = users.country) AS label",
);

const order = fc.constantFrom(
  "name",
  "age",
  "score DESC",
  "born",
  "country DESC",
  "LENGTH(name)",
  "1",
  "-age",
  "note",
  "score * age DESC",
);

const limit = fc.tuple(fc.nat(12), fc.option(fc.nat(30), { freq: 2 }), fc.boolean()).map((
  [count, offset, comma],
) =>
  offset === null
    ? ` LIMIT ${count}`
    : comma
    ? ` LIMIT ${offset}, ${count}`
    : ` LIMIT ${count} OFFSET ${offset}`
);

const rows: fc.Arbitrary<Generated> = fc.tuple(
  fc.uniqueArray(column, { minLength: 1, maxLength: 4 }),
  where,
  fc.array(order, { maxLength: 2 }),
  fc.option(limit),
  fc.integer({ min: 0, max: 3 }),
).map(([columns, where, orders, limit, kind]) => {
  const list = kind === 0 ? "*" : columns.join(", ");
  const base = `SELECT ${list} FROM users${where}`;
  if (orders.length === 0) {
    return limit === null
      ? { sql: base, compare: "bag" }
      : { sql: base + limit, compare: "some", whole: base };
  }
  return { sql: `${base} ORDER BY ${[...orders, "user_id"].join(", ")}${limit ?? ""}`, compare: "exact" };
});

const distinct: fc.Arbitrary<Generated> = fc.tuple(
  fc.uniqueArray(fc.constantFrom("country", "age", "YEAR(born) AS y", "age > 30 AS old", "score"), {
    minLength: 1,
    maxLength: 3,
  }),
  where,
  fc.boolean(),
  fc.option(limit),
).map(([columns, where, sorted, limit]) => {
  const base = `SELECT DISTINCT ${columns.join(", ")} FROM users${where}`;
  const places = columns.map((_, index) => index + 1).join(", ");
  return sorted
    ? { sql: `${base} ORDER BY ${places}${limit ?? ""}`, compare: "exact" }
    : { sql: base, compare: "bag" };
});

const aggregate = fc.constantFrom(
  "COUNT(*)",
  "COUNT(*) AS n",
  "COUNT(age)",
  "SUM(age)",
  "SUM(score) AS total",
  "AVG(score)",
  "AVG(age) AS mean",
  "MIN(age)",
  "MAX(score)",
  "MIN(born)",
  "MAX(born) AS latest",
  "COUNT(DISTINCT age)",
  "COUNT(DISTINCT name)",
  "SUM(DISTINCT age)",
  "SUM(score) / COUNT(*)",
  "ROUND(AVG(score), 1)",
  "MAX(age) - MIN(age)",
  "COUNT(*) + 1",
  "SUM(age > 30)",
  "IFNULL(SUM(age), 0)",
  "SUM(CASE WHEN age > 30 AND user_id = 5 THEN 1 ELSE 0 END)",
  "AVG(DISTINCT age)",
  "count( * )",
  "GROUP_CONCAT(age)",
  "STD(age)",
);

const group = fc.constantFrom(
  "country",
  "age",
  "YEAR(born)",
  "users.age",
  "age > 30",
  "IFNULL(country, '-')",
);

const groups: fc.Arbitrary<Generated> = fc.tuple(
  fc.uniqueArray(aggregate, { minLength: 1, maxLength: 3 }),
  fc.uniqueArray(group, { maxLength: 2 }),
  where,
  fc.option(
    fc.constantFrom(
      " HAVING COUNT(*) > 1",
      " HAVING SUM(age) > 50 OR MIN(age) IS NULL",
      " HAVING AVG(score) < 500",
    ),
  ),
  fc.option(limit),
  fc.boolean(),
).map(([aggregates, by, where, having, limit, sorted]) => {
  const grouped = by.length === 0 ? "" : ` GROUP BY ${by.join(", ")}`;
  const base = `SELECT ${[...by, ...aggregates].join(", ")} FROM users${where}${grouped}${having ?? ""}`;
  if (!sorted || by.length === 0) return { sql: base, compare: "bag" };
  const places = by.map((_, index) => index + 1).join(", ");
  return { sql: `${base} ORDER BY ${places}${limit ?? ""}`, compare: "exact" };
});

const joins: fc.Arbitrary<Generated> = fc.tuple(
  fc.constantFrom(
    "u.name, o.amount, o.state",
    "u.user_id, o.id, o.placed",
    "COUNT(*), SUM(o.amount)",
    "u.country, COUNT(o.id), SUM(o.weight)",
    "u.*",
  ),
  fc.constantFrom("JOIN", "LEFT JOIN", "INNER JOIN", "CROSS JOIN"),
  fc.constantFrom(
    "o.customer_id = u.user_id",
    "u.user_id = o.customer_id AND o.amount > 20",
    "o.id = u.user_id",
    "o.customer_id = u.user_id OR o.id = 1",
  ),
  fc.constantFrom(
    "",
    " WHERE u.age > 30",
    " WHERE u.user_id = 9",
    " WHERE o.customer_id IN (3, 9, 14)",
    " WHERE o.state = 'paid'",
    " WHERE o.id IS NULL",
    " WHERE u.user_id = 4 AND o.customer_id = 5",
  ),
  fc.constantFrom(
    "",
    " LEFT JOIN countries c ON c.code = u.country",
    " JOIN countries c ON c.code = u.country",
  ),
  fc.boolean(),
).map(([list, join, on, where, more, first]) => {
  const grouped = list.startsWith("u.country") ? " GROUP BY u.country" : "";
  const from = first
    ? `users u ${join} orders o ON ${on}${more}`
    : `users AS u ${join} orders AS o ON ${on}${more}`;
  return { sql: `SELECT ${list} FROM ${from}${where}${grouped}`, compare: "bag" };
});

const odd: fc.Arbitrary<Generated> = fc.constantFrom(
  "SELECT c.label, COUNT(u.user_id) FROM countries c LEFT JOIN users u ON u.country = c.code GROUP BY c.label",
  "SELECT c.label, COUNT(u.user_id) FROM countries c JOIN users u ON u.country = c.code GROUP BY c.label",
  "SELECT user_id FROM users UNION SELECT customer_id FROM orders",
  "SELECT d.n FROM (SELECT COUNT(*) AS n FROM users) d",
  "SELECT d.n FROM (SELECT COUNT(*) AS n FROM users WHERE user_id = 5) d",
  "SELECT a.user_id FROM users a JOIN users b ON a.user_id = b.user_id LEFT JOIN orders o ON o.customer_id = a.user_id AND o.customer_id = b.user_id",
  "SELECT a.user_id, b.user_id FROM users a JOIN users b LEFT JOIN orders o ON o.customer_id = a.user_id AND o.customer_id = b.user_id WHERE a.age = b.age",
  "SELECT u.user_id FROM users u WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = u.user_id AND o.customer_id = 5)",
  "SELECT u.user_id FROM users u WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = u.user_id AND u.user_id = 5)",
  "SELECT u.user_id FROM users u LEFT JOIN orders o ON o.customer_id = u.user_id AND u.user_id = 5",
  "SELECT (SELECT SUM(u.age)) AS s FROM users u",
  "SELECT label FROM countries ORDER BY label",
  "SELECT age AS user_id, COUNT(*) FROM users GROUP BY user_id",
  "SELECT country AS age, age AS country FROM users ORDER BY age, user_id",
  "SELECT sku FROM products WHERE sku = 'a'",
  "SELECT sku FROM products WHERE sku = 'a '",
  "SELECT sku FROM products WHERE sku = 5",
  "SELECT sku FROM products WHERE sku IN ('A', 'b', 'é')",
  "SELECT sku FROM products WHERE sku LIKE 'a%' ORDER BY sku",
  "SELECT state, COUNT(*) FROM orders GROUP BY state ORDER BY state",
  "SELECT state, MIN(placed), SUM(weight), AVG(weight) FROM orders GROUP BY state ORDER BY 1 DESC",
  "SELECT MIN(state), MAX(state) FROM orders",
  "SELECT MIN(placed), MAX(placed), SUM(placed), AVG(placed) FROM orders",
  "SELECT AVG(weight), SUM(weight), AVG(amount), SUM(amount), AVG(id), AVG(1), SUM(1) FROM orders",
  "SELECT AVG(born), SUM(born), SUM(name), AVG(state + 0), SUM(state) FROM users JOIN orders ON customer_id = user_id",
  "SELECT state, AVG(amount) AS a, SUM(amount) / 7 AS b, AVG(weight / 8) FROM orders GROUP BY state",
  "SELECT DISTINCT state FROM orders ORDER BY state DESC",
  "SELECT state, COUNT(*) FROM orders GROUP BY state HAVING state > 1",
  "SELECT placed + INTERVAL 1 DAY AS later, state FROM orders ORDER BY later, customer_id, id LIMIT 7",
  "SELECT customer_id, id FROM orders ORDER BY amount DESC, placed, customer_id, id LIMIT 9, 7",
  "SELECT COUNT(DISTINCT state), COUNT(DISTINCT customer_id), COUNT(DISTINCT placed), SUM(DISTINCT amount) FROM orders",
  "SELECT MIN(sku), MAX(sku), COUNT(DISTINCT sku), AVG(price) FROM products",
  "SELECT sku, price FROM products ORDER BY sku DESC",
  "SELECT u.country, o.state, COUNT(*), AVG(o.amount) FROM users u LEFT JOIN orders o ON o.customer_id = u.user_id GROUP BY u.country, o.state ORDER BY 1, 2",
  "SELECT u.name, (SELECT MAX(o.amount) FROM orders o WHERE o.customer_id = u.user_id) AS most FROM users u ORDER BY most DESC, u.user_id LIMIT 5",
  "SELECT a.user_id FROM users a LEFT JOIN orders c ON c.customer_id = a.user_id LEFT JOIN orders d ON d.id = a.age WHERE a.user_id = 8 AND c.customer_id <=> d.customer_id",
  "SELECT COUNT(*) FROM orders WHERE customer_id = 3 AND id IN (SELECT id FROM orders WHERE customer_id = 4)",
).map((sql) => ({ sql, compare: "bag" }));

/** Statements over the shop: many that can be scattered, and many that only look so. */
export const generated: fc.Arbitrary<Generated> = fc.oneof(
  { weight: 4, arbitrary: rows },
  { weight: 2, arbitrary: distinct },
  { weight: 4, arbitrary: groups },
  { weight: 3, arbitrary: joins },
  { weight: 2, arbitrary: odd },
);
