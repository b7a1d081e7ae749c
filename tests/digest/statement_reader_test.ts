import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { readStatements } from "./statement.ts";

/** What opens and closes, and what lies beside it, in pieces that make other things together. */
const PIECES = [
  ...[
    "'",
    '"',
    "`",
    "\\",
    ";",
    "-",
    "-",
    "#",
    "/",
    "*",
    "!",
    "M",
    "+",
    " ",
    "\n",
    "a",
    "a;",
    "'a;'",
    "/*;*/",
  ],
  ...["/*!", "*/", "/*! a*", "/*!a "],
];
const texts = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((some) => some.join(""));

Deno.test("statements are the same however the text comes", async () => {
  await fc.assert(
    fc.asyncProperty(texts, fc.integer({ min: 1, max: 9 }), async (text, piece) => {
      assertEquals(await readStatements(text, { piece }), await readStatements(text, { piece: 2 ** 20 }));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("a statement that is too long is cut, and the next one begins where it does without", async () => {
  await fc.assert(
    fc.asyncProperty(
      texts,
      fc.integer({ min: 8, max: 24 }),
      fc.integer({ min: 1, max: 9 }),
      async (text, limit, piece) => {
        const found = await readStatements(text, { piece, limit });
        const whole = await readStatements(text, { piece });
        assertEquals(found.map(({ cut }) => cut), whole.map(({ sql }) => sql.length >= limit));
        for (const [index, { sql, cut }] of found.entries()) {
          assertEquals(sql, whole[index]!.sql.slice(0, cut ? limit : undefined));
        }
      },
    ),
    { numRuns: 5000 },
  );
});

Deno.test("a mark of the byte order is no part of the first statement, and one of another is", async () => {
  const found = await readStatements("\ufeffselect 1;\ufeffselect 2", { piece: 100 });
  assertEquals(found.map(({ sql }) => sql), ["select 1", "\ufeffselect 2"]);
});

Deno.test("a long statement is not read again for each of its pieces", async () => {
  const text = `insert into t values ('${"x".repeat(2 ** 22)}')`;
  const start = performance.now();
  const [statement, ...others] = await readStatements(text, { piece: 2 ** 10 });
  // Read again for each it would be eight gigabytes.
  assert(performance.now() - start < 2000);
  assertEquals([statement!.line, others.length], ['INSERT INTO `t` VALUES (?) ["insert",["t"]]', 0]);
});
