import fc from "fast-check";

const number = fc.integer({ min: 0, max: 12 });

/** Expressions over `user_id` and others that are true, false or NULL, of any depth. */
export const conditions: fc.Arbitrary<string> = fc.letrec<{ condition: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    number.map((n) => `user_id = ${n}`),
    number.map((n) => `${n} = user_id`),
    number.map((n) => `users.user_id <=> ${n}`),
    number.map((n) => `user_id = '${n}'`),
    number.map((n) => `user_id = -${n}`),
    number.map((n) => `user_id = ${n} + 1`),
    number.map((n) => `user_id = ${n} - -1`),
    number.map((n) => `user_id = ${n} DIV 2`),
    number.map((n) => `user_id = ${n} = 1`),
    number.map((n) => `user_id = ${n} IS NOT NULL`),
    number.map((n) => `user_id != ${n}`),
    fc.array(number, { minLength: 1, maxLength: 3 }).map((list) => `user_id IN (${list.join(", ")})`),
    fc.array(number, { minLength: 1, maxLength: 3 }).map((list) => `user_id NOT IN (${list.join(", ")})`),
    number.map((n) => `age > ${n}`),
    number.map((n) => `age = ${n}`),
    fc.constantFrom("age IS NULL", "name LIKE 'a%'", "name = 'user_id = 5'", "1", "0", "NULL", "age"),
  ),
  condition: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    tie("atom"),
    fc.tuple(tie("condition"), fc.constantFrom("AND", "and", "&&", "OR", "||", "XOR"), tie("condition")).map((
      parts,
    ) => parts.join(" ")),
    fc.tuple(tie("condition"), tie("condition")).map((parts) => parts.join(" AND ")),
    fc.tuple(tie("condition"), number).map(([text, n]) => `${text} AND user_id = ${n}`),
    fc.tuple(number, tie("condition")).map(([n, text]) => `(user_id = ${n}) AND (${text})`),
    tie("condition").map((text) => `(${text})`),
    tie("condition").map((text) => `NOT ${text}`),
    tie("condition").map((text) => `! (${text})`),
    fc.tuple(number, tie("condition")).map(([n, text]) => `age BETWEEN ${n} AND ${text}`),
    fc.tuple(number, number, tie("condition")).map(([n, m, text]) =>
      `age NOT BETWEEN ${n} AND ${m} AND ${text}`
    ),
    fc.tuple(tie("condition"), tie("condition"), tie("condition")).map(([when, then, otherwise]) =>
      `CASE WHEN ${when} THEN ${then} ELSE ${otherwise} END`
    ),
    fc.tuple(tie("condition"), tie("condition")).map(([one, other]) => `IF(${one}, ${other}, 1)`),
    tie("condition").map((text) => `(${text}) IS NOT TRUE`),
    fc.tuple(tie("condition"), tie("condition")).map(([one, other]) => `(${one}) = (${other})`),
  ),
})).condition;
