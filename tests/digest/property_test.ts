import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { digest, digestText, tablesOf } from "../../src/digest/mod.ts";
import { DEFAULT_QUOTING } from "../../src/digest/quote.ts";
import type { Token } from "../../src/digest/token.ts";
import { tokenize } from "../../src/digest/tokenizer.ts";
import { VECTORS } from "./vector.ts";

const SOUND = VECTORS.filter(({ mysql }) => mysql !== undefined).map(({ sql }) => sql);

const letters = fc.stringMatching(/^[A-Za-z0-9 ,;()=#*/@.-]{0,12}$/);

/** Literals that are strings, and of those that are numbers the ones a sign may stand before. */
const strings = fc.oneof(
  letters.map((text) => `'${text}'`),
  letters.map((text) => `"${text}"`),
  letters.map((text) => `'${text}''${text}'`),
  letters.map((text) => `'${text}\\\\${text}\\n'`),
  letters.map((text) => `N'${text}'`),
);
const numbers = fc.oneof(
  fc.nat().map((value) => `${value}`),
  fc.nat().map((value) => `${value}.5`),
  fc.nat().map((value) => `.${value}`),
  fc.nat().map((value) => `${value}e-3`),
  fc.nat().map((value) => `0x${value.toString(16)}`),
  fc.nat().map((value) => `0b${value.toString(2)}`),
);

/** A statement whose literals of one kind are exchanged for others; the positions of columns are none. */
function exchanged(sql: string, kind: Token["kind"], literals: readonly string[]): string {
  const parts: string[] = [];
  let at = 0;
  let index = 0;
  for (const { kind: found, start, end } of tokenize(sql, DEFAULT_QUOTING)) {
    if (found !== kind) continue;
    parts.push(sql.slice(at, start), ` ${literals[index++ % literals.length]} `);
    at = end;
  }
  return parts.join("") + sql.slice(at);
}

Deno.test("digest() does not depend on the literals", () => {
  const some = fc.array(fc.tuple(strings, numbers), { minLength: 1, maxLength: 6 });
  // Positions are columns, not literals; an introducer, or an odd string of digits, makes one of a name; and a
  // string with a backslash before its quote can end the text.
  const unfit = /order by|group by|partition by|rollup|set_var|_\w+ ?['"]|\\['"]/i;
  for (const sql of SOUND.filter((each) => !unfit.test(each) && !each.includes("/*"))) {
    const expected = digest(exchanged(sql, "string", ["'x'"])).digest;
    const numbered = digest(exchanged(sql, "number", ["7"])).digest;
    fc.assert(
      fc.property(some, (pairs) => {
        const texts = pairs.map(([text]) => text);
        assertEquals(digest(exchanged(sql, "string", texts)).digest, expected, sql);
        const values = pairs.map(([, number]) => number);
        assertEquals(digest(exchanged(sql, "number", values)).digest, numbered, sql);
      }),
      { numRuns: 5 },
    );
  }
});

Deno.test("digest() does not depend on the letter case of keywords", () => {
  for (const sql of SOUND) {
    const text = digestText(sql);
    // A word that the digest shows in capital letters, and not in back quotes, is a keyword.
    const words = new Set(text.replaceAll(/`[^`]*`/g, "").match(/\b[A-Z_0-9]+\b/g));
    const parts: string[] = [];
    let at = 0;
    for (const { kind, start, end } of tokenize(sql, DEFAULT_QUOTING)) {
      const word = sql.slice(start, end);
      const isKeyword = kind === "word" && words.has(word.toUpperCase()) && !text.includes(`\`${word}\``);
      const swapped = [...word].map((each, index) => index % 2 ? each.toUpperCase() : each.toLowerCase());
      parts.push(sql.slice(at, start), isKeyword ? swapped.join("") : word);
      at = end;
    }
    assertEquals(digestText(parts.join("") + sql.slice(at)), text, sql);
  }
});

Deno.test("digestText() of a digest text is that text, for any pieces in any order", () => {
  const pieces = [
    ...new Set(SOUND.flatMap((sql) =>
      [...tokenize(sql, DEFAULT_QUOTING)]
        .filter(({ kind }) => kind !== "version" && kind !== "unterminated")
        .map(({ kind, start, end }) => sql.slice(start, end) + (kind === "comment" ? "\n" : ""))
    )),
  ].filter((piece) => piece !== "`x``y`");
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 30 }), (some) => {
      const text = digestText(some.join(" "));
      assertEquals(digestText(text), text, some.join(" "));
    }),
    { numRuns: 5000 },
  );
});

/** The time of one run, in milliseconds. */
function timeOf(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

Deno.test("digesting takes time in proportion to the length of the text", () => {
  const pieces = [
    "(",
    ")",
    "'",
    "\\'",
    '"',
    "`",
    "/*",
    "/*!",
    "*/ ",
    "--",
    "-- ",
    "@",
    "a,",
    "1,",
    "a.",
    "0x",
  ];
  const more = ["(1),", "(1,2),", "NOW ", "_utf8 'a'", "select a from t order by 1,", "null ", "+", "- 1 "];
  const bytes = Array.from({ length: 509 }, (_, index) => String.fromCharCode((index * 7919) % 256)).join("");
  const withs = [
    "with a as (select 1 from t,",
    "update t,",
    "delete from a using b,",
    "show columns from a in ",
  ];
  for (const piece of [...pieces, ...more, ...withs, bytes]) {
    const sized = (size: number) => piece.repeat(Math.ceil(size / piece.length)).slice(0, size);
    const [small, large] = [sized(2 ** 18), sized(2 ** 20)];
    for (const read of [digest, tablesOf]) {
      // Four times the text; sixteen times the time would be quadratic. What takes no time is not compared, and
      // what was interrupted is tried again.
      const linear = Array.from({ length: 4 }).some(() => {
        const most = timeOf(() => read(large));
        return most < 50 || most < 10 * timeOf(() => read(small));
      });
      assert(linear, `${read.name} of ${piece.slice(0, 20)}`);
    }
  }
});
