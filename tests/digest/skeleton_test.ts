import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { newScan, scanStatement } from "../../src/digest/scan.ts";
import { isFaithful } from "../../src/digest/skeleton.ts";
import { DEFAULT_QUOTING } from "../../src/digest/quote.ts";
import { tokenize } from "../../src/digest/tokenizer.ts";
import { describe, readStatements, splitByTokens } from "./statement.ts";
import { VECTORS } from "./vector.ts";

/** The skeleton of a statement; undefined where it is not plain. */
function skeletonOf(sql: string): string | undefined {
  const scan = newScan();
  const bytes = new TextEncoder().encode(sql);
  scan.bytes = new Uint8Array([...bytes, 0]);
  scan.end = bytes.length;
  scanStatement(scan, 0);
  const { text, length, plain } = scan.skeleton;
  const skeleton = new TextDecoder().decode(text.subarray(0, length));
  return plain && isFaithful(skeleton) ? skeleton : undefined;
}

Deno.test("a skeleton keeps what the digest needs, and of lists no more than that", () => {
  const cases: readonly (readonly [sql: string, skeleton: string])[] = [
    [" /* a */ select  1 -- x\n from t # y", "select 0.0 from t"],
    ["select 'a''b', \"c\\d\", 'e\\\\' from t", "select '', \"\" from t"],
    ["select a from t where b in (1, 2, 3 , 4)", "select a from t where b in (0.0, 0.0)"],
    [
      "insert into t values (1,'a'),(2,'b'),(3,'c'),(4,'d') , (5,'e')",
      "insert into t values " +
      "(0.0,''),(0.0,''),(0.0,'')",
    ],
    ["insert into t values (1),(2,3),(4)", "insert into t values (0.0),(0.0,0.0),(0.0)"],
    ["insert into t values (null, -1, NULL, 2.5, 0xAF)", "insert into t values (0.0, 0.0)"],
    ["update t set a = null, b = ? where c is null", "update t set a = 0.0, b = ? where c is null"],
    ["select a - 1, -2, -3 from t", "select a - 0.0, 0.0 from t"],
    [
      "select a, f(1, 2, 3) from t order by 1, field(b, 4, 5, 6), 2 limit 7, 8",
      "select a, f(0.0, 0.0) " +
      "from t order by 1, field(b, 0.0, 0.0), 2 limit 0.0, 0.0",
    ],
    ["select (select a from t order by b), f(c, 5)", "select (select a from t order by b), f(c, 0.0)"],
    ["select t1.5a, 2b, 1e5, .5, a.7 from `x``y`", "select t1.5a, 2b, 1e5, .5, a.7 from `x``y`"],
    ["select @a1, @@b2, @'c', x'41', _utf8'é' from é", "select @a1, @@b2, @'', x'', _utf8'' from é"],
    ["select 'it\\'s' from t where a = \"b\" ", "select '' from t where a = \"\""],
    ["select /*+ MAX_EXECUTION_TIME(5) */ 6", "select /*+ MAX_EXECUTION_TIME(5) */ 0.0"],
  ];
  for (const [sql, skeleton] of cases) {
    assertEquals(skeletonOf(sql), skeleton);
    assertEquals(describe(skeleton, { cut: false }), describe(sql, { cut: false }), sql);
  }
});

Deno.test("what depends on more than tokens has no skeleton", () => {
  const cases = [
    "select a from t where dir = 'C:\\' and name = ' x ' and b = 'D:\\' and c = 'y'",
    'select \'it\\\'s\' from t where a = "say \\"hi\\""',
    "select 'it\\'s', 'x'y",
    "select '\\' or '",
    "select /*! 1 */",
    "select /*M!100000 1 */",
    "select 1--/**/1",
    "select 1e-5",
    "select 'a",
    "select `a",
    "select /* a",
    "select NOW from t",
    "select (_charset)  ?",
    "select a …",
    "insert into t values (?) /* , ... */",
    "select a from t /* mysqlsh dump */",
    "select a from t group by rollup (1)",
    "alter table t secondary_engine = null",
    "(-1: select 1)",
    "select 1, 2, 'a'b",
    `select ${"a, ".repeat(2000)}a`,
    `${"(".repeat(40)}1${")".repeat(40)}`,
  ];
  for (const sql of cases) assertEquals(skeletonOf(sql), undefined, sql);
});

/** Pieces of statements, and what comes to lie between them by chance. */
const PIECES = [
  ...new Set(
    VECTORS.flatMap(({ sql }) =>
      [...tokenize(sql, DEFAULT_QUOTING)].map(({ start, end }) => sql.slice(start, end))
    ),
  ),
];
const NOISE = [
  ...["'", '"', "`", "\\", ";", "--", "-- ", "#", "/*", "*/", "/**/", "/*!", "/*M!", "/*+", "/* x */", "\n"],
  ...[" ", "  ", ",", "(", ")", "-", "+", "=", ":", ".", "/", "*", "?", "@", "@@", "$", "…", "é", "\0", "e"],
  ...["1", "2", "-5", "1.5", ".5", "5.", "1e", "0x1f", "0b1", "'a'", '"c"', "x'41'", "n'a'", "null", "NULL"],
  ...[
    "(1,2)",
    "(1)",
    ",(3,4)",
    ",(5)",
    "(null,1)",
    ",(-1,'x')",
    ", 6",
    ",'d'",
    "''",
    ...["'it\\'s'", "'\\''", "'x\\'or '", "'\\'n\\''"],
    "'\\''",
    "'x\\'or '",
    "'\\'n\\''",
    "'a\\\\'",
  ],
  ...["by", "order by", "group by rollup", "in", "values", "limit 1", "from", "with a as", "select", "NOW"],
  ...["insert into t", "delete from", "_utf8", "_binary", "(_charset)", "/* , ... */", "...", "\\N", "'*/'"],
];

const piece = fc.oneof(fc.constantFrom(...NOISE), fc.constantFrom(...PIECES), fc.string({ maxLength: 2 }));
const chance = fc.array(fc.tuple(piece, fc.constantFrom("", " ")).map((pair) => pair.join("")), {
  maxLength: 25,
}).map((pieces) => pieces.join(""));

/** A vector in which some places are changed: something put in, some left out. */
const mutant = fc.tuple(
  fc.constantFrom(...VECTORS),
  fc.array(fc.tuple(fc.nat(), fc.nat({ max: 3 }), piece), { minLength: 1, maxLength: 4 }),
).map(([{ sql }, changes]) =>
  changes.reduce((text, [place, left, piece]) => {
    const at = place % (text.length + 1);
    return text.slice(0, at) + piece + text.slice(at + left);
  }, sql)
);

/** Checks a text: what is told of each statement, and where they end. */
async function check(text: string, options: { readonly piece: number }): Promise<void> {
  // The text as its bytes have it: what is no character in UTF-8 becomes one that says so.
  const shown = new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text));
  const found = await readStatements(shown, options);
  for (const { sql, cut, line } of found) assertEquals(line, describe(sql, { cut }), sql);
  const expected = splitByTokens(shown.replace(/^\ufeff/, ""));
  if (expected !== undefined) assertEquals(found.map(({ sql }) => sql), expected, shown);
}

Deno.test("what is told of a skeleton is what is told of statements that chance hardly makes", async () => {
  const statements = [
    "select \\N1e-1",
    "select 1.e+5, 2.e-5",
    "insert into t values (a, 1),(b, 2),(c, 3),(d, 4)",
    "select CURDATE from t",
    // A number in a list of accounts names none, signed or not.
    "grant a to 'h', mod(-1, -2) from t",
    "grant a to 'h', mod(1, 2), f(?) from t",
    // Under NO_BACKSLASH_ESCAPES a dollar quote, a prefix, a version comment begin behind the first string.
    "select 'a\\' $$ ' c 'x' ",
    "select 'a\\'n' , ' # ' ",
    "select 'a\\' /*M!50000 ' , ' # ' ",
    "select 'a\\' /*! ' , ' # ' ",
    "select 'a\\' -- ' , 'b' ",
    "select 'a\\' ` ' , '`' ",
  ];
  for (const sql of statements) await check(`${sql};`, { piece: 2 ** 20 });
});

Deno.test("what is told of a skeleton is what is told of the vector", async () => {
  for (const { sql } of VECTORS) await check(sql, { piece: 2 ** 20 });
  await check(VECTORS.map(({ sql }) => sql).join("\n;"), { piece: 7 });
});

Deno.test("what is told of a skeleton is what is told of any statement, and they end where its tokens end", async () => {
  const texts = fc.oneof(chance, mutant, fc.tuple(mutant, mutant).map((two) => two.join(";")));
  await fc.assert(fc.asyncProperty(texts, (text) => check(text, { piece: 2 ** 20 })), { numRuns: 10_000 });
});

/** What statements about accounts are made of. Names of users are data, and where one is due depends on what was before. */
const ACCOUNT_WORDS = [
  ...["grant", "revoke", "create user", "drop user", "alter user", "rename user", "set default role"],
  ...["set password for", "kill user", "show grants for", "to", "from", "on", "as", "for", "with", "admin"],
  ...["role", "proxy", "identified by", "default", "not", "if exists", "current_user", "'h'", "`u`", "u"],
  ...["@'h'", "'v'@'%'", "1", "-1", "null", "?", "@a", "x'00'", "true", "(", ")", ",", "=", "mod", "f("],
  ...["(1, 2)", "(-1, -2)", "('a', 'b')", "(null, 1)", "select"],
];

Deno.test("what is told of a skeleton is what is told of any statement about accounts", async () => {
  const texts = fc.array(fc.constantFrom(...ACCOUNT_WORDS), { minLength: 3, maxLength: 16 })
    .map((words) => words.join(" "));
  await fc.assert(fc.asyncProperty(texts, (text) => check(text, { piece: 2 ** 20 })), { numRuns: 3000 });
});

Deno.test("what is told of a skeleton is what is told of any prefix of a vector", async () => {
  for (const { sql } of VECTORS.filter((_, index) => index % 3 === 0)) {
    for (let end = 0; end < sql.length; end++) await check(sql.slice(0, end), { piece: 2 ** 20 });
  }
});

Deno.test("most vectors have a skeleton", () => {
  const plain = VECTORS.filter(({ sql }) => skeletonOf(sql) !== undefined);
  assert(plain.length > VECTORS.length * 0.8, `${plain.length} of ${VECTORS.length}`);
});
