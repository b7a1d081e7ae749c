import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { cutStatement, statement, truthOf } from "./subject.ts";

/** A pattern as a string of the language. */
function quote(pattern: string): string {
  return `'${pattern.replaceAll("'", "''")}'`;
}

const user = (source: string, user: string) => truthOf(source, { user });

Deno.test("evaluate() compares strings exactly: case, spaces and composition count", () => {
  for (const other of ["App", "app ", " app", "", "аpp", "app\u0000"]) {
    assertEquals(user("user = 'app'", other), false, other);
    assertEquals(user("user in ('app', 'x')", other), false, other);
    assertEquals(user("user != 'app'", other), true, other);
  }
  assertEquals(user("user = 'é'", "e\u0301"), false);
  assertEquals(user("user = 'app'", "app"), true);
  assertEquals(user("user = '%'", "app"), false);
});

Deno.test("evaluate() of like knows %, _ and the backslash, and ignores case", () => {
  const rows: readonly (readonly [pattern: string, text: string, truth: boolean])[] = [
    ["app", "APP", true],
    ["app", "app ", false],
    ["app%", "Application", true],
    ["%app", "the app", true],
    ["%app", "apple", false],
    ["a%c", "abbbc", true],
    ["a%c", "ac", true],
    ["a_c", "abc", true],
    ["a_c", "ac", false],
    ["a_c", "abbc", false],
    ["_", "😀", true],
    ["%", "", true],
    ["", "", true],
    ["", "a", false],
    ["a%b", "a\nb", true],
    ["ÄRGER%", "ärger", true],
    [String.raw`100\%`, "100%", true],
    [String.raw`100\%`, "1000", false],
    [String.raw`a\_b`, "a_b", true],
    [String.raw`a\_b`, "axb", false],
    [String.raw`a\\b`, String.raw`a\b`, true],
    [String.raw`a\\%`, String.raw`a\bcd`, true],
    [String.raw`a\b`, "ab", true],
    ["a\\", "a\\", true],
    ["a.b", "axb", false],
    ["(a|b)*", "(a|b)*", true],
    ["[a]", "a", false],
    [String.raw`\\E%`, String.raw`\Ex`, true],
    ["it's", "IT'S", true],
  ];
  for (const [pattern, text, truth] of rows) {
    const message = `${text} like ${pattern}`;
    assertEquals(user(`user like ${quote(pattern)}`, text), truth, message);
    assertEquals(user(`user not like ${quote(pattern)}`, text), !truth, message);
  }
});

Deno.test("evaluate() of like finds every text that is escaped as itself, whatever its case", () => {
  const text = fc.string({ unit: "grapheme-ascii" });
  fc.assert(fc.property(text, text, (text, more) => {
    const pattern = quote(text.replace(/[\\%_]/g, "\\$&"));
    assertEquals(user(`user like ${pattern}`, text), true);
    assertEquals(user(`user like ${pattern}`, text.toUpperCase()), true);
    assertEquals(user(`user like ${pattern}`, text + more), more === "");
  }));
});

Deno.test("evaluate() of matches finds RE2 patterns anywhere in the text, with regard to case", () => {
  const rows: readonly (readonly [pattern: string, text: string, truth: boolean])[] = [
    ["pp", "app", true],
    ["^pp", "app", false],
    ["^app$", "app", true],
    ["APP", "app", false],
    ["(?i)APP", "app", true],
    [String.raw`\bapp\b`, "the app.", true],
    [String.raw`^app_\d{2,3}$`, "app_42", true],
    ["", "", true],
    ["a.b", "a\nb", false],
    ["(?s)a.b", "a\nb", true],
    ["^b", "a\nb", false],
    ["(?m)^b", "a\nb", true],
  ];
  for (const [pattern, text, truth] of rows) {
    const message = `${text} matches ${pattern}`;
    assertEquals(user(`user matches ${quote(pattern)}`, text), truth, message);
    assertEquals(user(`user not matches ${quote(pattern)}`, text), !truth, message);
  }
});

Deno.test("evaluate() of patterns takes time in proportion to the text", () => {
  const text = "a".repeat(20_000);
  const start = performance.now();
  assertEquals(user("user matches '^(a+)+$'", `${text}!`), false);
  assertEquals(user("user like '%a%a%a%a%a%b'", text), false);
  assert(performance.now() - start < 2000, "a pattern backtracks");
});

/** What is said of `select * from t`, as the beginning of a text, and as the whole text. */
const CUT: readonly (readonly [source: string, cut: true | undefined, whole: boolean])[] = [
  ["sql like 'select %'", true, true],
  ["sql like '%'", true, true],
  ["sql like '%FROM%'", true, true],
  ["sql like 'select * from t'", undefined, true],
  ["sql like '%t'", undefined, true],
  ["sql like 'select * from _'", undefined, true],
  ["sql like 'insert%'", undefined, false],
  [String.raw`sql like 'select * from t\%'`, undefined, false],
  ["sql matches 'from'", true, true],
  ["sql matches '^select'", true, true],
  [String.raw`sql matches '\bfrom\b'`, true, true],
  ["sql matches 't$'", undefined, true],
  ["sql matches 'from t'", undefined, true],
  [String.raw`sql matches 'from t\b'`, undefined, true],
  ["sql matches '^insert'", undefined, false],
  ["sql = 'select * from t'", undefined, true],
  ["sql != 'insert'", undefined, true],
  ["sql in ('select * from t', 'x')", undefined, true],
  ["sql in ('x')", undefined, false],
];

Deno.test("evaluate() of a cut text is true only where more text cannot undo it, else unknown", () => {
  const sql = cutStatement("select * from t");
  for (const [source, cut] of CUT) {
    assertEquals(truthOf(source, { sql }), cut, source);
    assertEquals(truthOf(`not (${source})`, { sql }), cut === undefined ? undefined : false, source);
  }
  assertEquals(truthOf("sql not like 'select%'", { sql }), false);
  assertEquals(truthOf("sql not like 'insert%'", { sql }), undefined);
  assertEquals(truthOf("sql not matches 'insert'", { sql }), undefined);
  assertEquals(truthOf("sql not in ('x')", { sql }), undefined);
  assertEquals(truthOf("sql is known", { sql }), false);
});

Deno.test("evaluate() of a whole statement is true or false", () => {
  const sql = statement("select * from t");
  for (const [source, , whole] of CUT) assertEquals(truthOf(source, { sql }), whole, source);
  assertEquals(truthOf("sql is known", { sql }), true);
});

Deno.test("evaluate() of a cut text never says what the whole text would deny", () => {
  const patterns = fc.constantFrom(
    ...["sql like 'a%'", "sql like '%ab'", "sql like '_b%'", "sql like '%b_'", "sql not like '%b%'"],
    ...["sql matches 'ab'", "sql matches 'b$'", String.raw`sql matches 'a\b'`, "sql matches '^a*$'"],
    ...["sql not matches 'aa'", "sql = 'ab'", "sql in ('a', 'ab')", "sql != 'ab'", "sql matches 'ab|ab $'"],
  );
  const text = fc.string({ unit: fc.constantFrom("a", "b", " ", "😀"), maxLength: 6 });
  fc.assert(
    fc.property(patterns, text, text, (source, start, rest) => {
      const cut = truthOf(source, { sql: cutStatement(start) });
      if (cut !== undefined) assertEquals(truthOf(source, { sql: statement(start + rest) }), cut);
    }),
    { numRuns: 500 },
  );
});
