import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { digestText } from "../../src/digest/mod.ts";
import { DEFAULT_QUOTING } from "../../src/digest/quote.ts";
import { tokenize } from "../../src/digest/tokenizer.ts";
import { firstLeak } from "./hostile.ts";
import { VECTORS } from "./vector.ts";

/** Four letters of any of these show that a literal leaked: no identifier or keyword has them in a row. */
const SECRETS = ["qzxjk", "zzqqj", "jkwvz"];
const LEAK = /qzxj|zxjk|zzqq|zqqj|jkwv|kwvz/i;

/** What confuses a tokenizer that takes a literal for code. */
const NOISE = [
  "\\",
  "'",
  '"',
  " ",
  "--",
  "-- ",
  "#",
  "/*",
  "`",
  "\n",
  ",",
  "\\'",
  "=",
  ";",
  "(",
  "\\\\",
  "/*!",
  "@",
  "$$",
];

const secret = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...SECRETS) },
    { weight: 5, arbitrary: fc.constantFrom(...NOISE) },
  ),
  { maxLength: 6 },
).map((pieces) => pieces.join(""));

const doubled = (text: string, quote: string) => quote + text.replaceAll(quote, quote + quote) + quote;
const escaped = (text: string, quote: string) => quote + text.replaceAll(quote, `\\${quote}`) + quote;
const slashes = (text: string) => text.replaceAll("\\", "\\\\");
const plain = (text: string) => text.replaceAll(/[^a-z]/g, "");
const commented = (text: string) => `${text.replaceAll(/[*/]/g, "")} `;

/** How a client may write a literal, or another text of its own, under the default sql_mode. */
const FORMS: readonly ((text: string) => string)[] = [
  (text) => doubled(slashes(text), "'"),
  (text) => escaped(slashes(text), "'"),
  (text) => doubled(slashes(text), '"'),
  (text) => escaped(slashes(text), '"'),
  (text) => `N${doubled(slashes(text), "'")}`,
  (text) => `_utf8mb4${doubled(slashes(text), "'")}`,
  (text) => `_latin1 ${escaped(slashes(text), '"')}`,
  (text) => `DATE ${doubled(slashes(text), "'")}`,
  (text) => `1 /*${commented(`  ${text}`)}*/`,
  (text) => `1 /*+${commented(text)}*/`,
  (text) => `1 -- ${text.replaceAll("\n", "")}\n`,
  (text) => `1 #${text.replaceAll("\n", "")}\n`,
  (text) => `/*!50000 ${doubled(slashes(text), "'")} */`,
  (text) => `@${doubled(text, "`")}`,
  (text) => `@${escaped(slashes(text), "'")}`,
  (text) => `@${plain(text)}`,
  (text) => `${doubled(slashes(text), "'")}@${doubled(slashes(text), "'")}`,
  (text) => `x${plain(text)}@${plain(text)}`,
  (text) => `${doubled(text, "`")}@${doubled(text, "`")}`,
];

const literals = fc.array(
  fc.tuple(secret, fc.constantFrom(...FORMS)).map(([text, form]) => form(text)),
  { minLength: 1, maxLength: 5 },
);

const TEMPLATES: readonly ((literals: readonly string[]) => string)[] = [
  (all) => `SELECT a FROM t WHERE ${all.map((literal) => `b = ${literal}`).join(" AND ")} LIMIT 3`,
  (all) => `INSERT INTO t (a) VALUES ${all.map((literal) => `(1,${literal})`).join(",")}`,
  (all) => `SELECT /*+ BKA(t) */ f(${all.join(" , ")}), a->${all[0]} FROM t`,
  (all) => `UPDATE t SET ${all.map((literal) => `b=${literal} `).join(",")} WHERE a IN (${all.join(" , ")})`,
];

Deno.test("digestText() leaks no literal", () => {
  fc.assert(
    fc.property(literals, fc.constantFrom(...TEMPLATES), (all, template) => {
      const sql = template(all);
      const text = digestText(sql);
      assert(!LEAK.test(text), `${sql} => ${text}`);
    }),
    { numRuns: 4000 },
  );
});

Deno.test("digestText() leaks no literal of a text that is cut anywhere", () => {
  fc.assert(
    fc.property(literals, fc.constantFrom(...TEMPLATES), fc.nat(), (all, template, at) => {
      const sql = template(all);
      const part = sql.slice(0, at % (sql.length + 1));
      assert(!LEAK.test(digestText(part, { cut: true })), part);
    }),
    { numRuns: 4000 },
  );
});

Deno.test("digestText() leaks no literal whatever the sql_mode", () => {
  const ansi = (text: string) =>
    fc.constantFrom(escaped(slashes(text), "'"), doubled(slashes(text), "'"), '"a\\"');
  const noEscapes = (text: string) => fc.constantFrom(doubled(text, "'"), doubled(text, '"'));
  for (const form of [ansi, noEscapes]) {
    const all = fc.array(secret.chain(form), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(all, fc.constantFrom(...TEMPLATES), fc.nat(), (literals, template, at) => {
        const sql = template(literals);
        const part = sql.slice(0, at % (sql.length + 1));
        assert(!LEAK.test(digestText(sql)), sql);
        assert(!LEAK.test(digestText(part, { cut: true })), part);
      }),
      { numRuns: 3000 },
    );
  }
});

Deno.test("digestText() leaks no literal of statements that are sound under any sql_mode", () => {
  assertEquals(firstLeak(40_000, 42), undefined);
});

Deno.test("digestText() leaks no open literal", () => {
  const openings = ["'", '"', "`", "N'", "x'", "_utf8mb4'", "@'", "@`", "/*", "/*!'", "$$", "'\\'"];
  fc.assert(
    fc.property(
      fc.constantFrom(...SECRETS),
      fc.constantFrom(...openings),
      fc.boolean(),
      (text, opening, cut) => {
        assert(!LEAK.test(digestText(`SELECT a FROM t WHERE b = ${opening}${text} ${text}`, { cut })));
      },
    ),
  );
});

Deno.test("digestText() leaks no number", () => {
  const digits = fc.stringMatching(/^[79]{4,12}$/);
  const forms = [
    (d: string) => d,
    (d: string) => `-${d}`,
    (d: string) => `${d}.${d}`,
    (d: string) => `.${d}`,
    (d: string) => `${d}e${d}`,
    (d: string) => `${d}.${d}E-${d}`,
    (d: string) => `0x${d}`,
    (d: string) => `0X${d}`,
    (d: string) => `0x${d}zz`,
    (d: string) => `x'${d}'`,
    (d: string) => `X'${d}`,
    (d: string) => `0b${d.replaceAll("7", "0").replaceAll("9", "1")}`,
    (d: string) => `b'${d}'`,
    (d: string) => `${d}--${d}`,
  ];
  fc.assert(
    fc.property(digits, fc.constantFrom(...forms), fc.constantFrom(...TEMPLATES), (digit, form, template) => {
      for (const cut of [false, true]) {
        const text = digestText(template([form(digit), form(digit)]), { cut });
        assert(!/[79]{4}|[01]{4}/.test(text), text);
      }
    }),
    { numRuns: 2000 },
  );
});

/** Pieces of at least 4 characters of a statement's literals and comments that its names do not have. */
function literalPieces(sql: string): readonly string[] {
  const tokens = [...tokenize(sql, DEFAULT_QUOTING)];
  const texts = (kinds: readonly string[]) =>
    tokens.filter(({ kind }) => kinds.includes(kind)).map(({ start, end }) => sql.slice(start, end));
  const names = texts(["word", "quoted", "hint"]).join(" ").toLowerCase();
  return texts(["string", "number", "comment", "unterminated", "variable"])
    .flatMap((text) => [...text].map((_, index) => text.slice(index, index + 4)))
    .filter((piece) => /^\w{4}$/.test(piece) && !names.includes(piece.toLowerCase()));
}

Deno.test("digestText() leaks no literal of any prefix of the vectors", () => {
  for (const { sql } of VECTORS) {
    const pieces = literalPieces(sql);
    for (let end = 0; end <= sql.length; end++) {
      for (const cut of [false, true]) {
        const text = digestText(sql.slice(0, end), { cut });
        for (const piece of pieces) assert(!text.includes(piece), `${sql.slice(0, end)} => ${text}`);
        if (cut) assert(text.endsWith("…"));
      }
    }
  }
});

Deno.test("digestText() does not depend on white space and comments", () => {
  const gaps = fc.array(fc.constantFrom(" ", "\n", "\t", "/* ' */", "/**/", '-- "\n', "# `\n"), {
    minLength: 1,
  });
  for (const { sql } of VECTORS.filter(({ mysql }) => mysql !== undefined)) {
    const text = digestText(sql);
    fc.assert(
      fc.property(gaps, (gap) => {
        // White space on both sides: "-" and "/*" are other tokens next to their like; and what it replaces may
        // end a line comment.
        const between = `\n${gap.join("")} `;
        const parts: string[] = [];
        let at = 0;
        for (const token of tokenize(sql, DEFAULT_QUOTING)) {
          const space = token.start > at && !(token.kind === "hint" || token.kind === "version");
          parts.push(space ? between : sql.slice(at, token.start), sql.slice(token.start, token.end));
          at = token.end;
        }
        assertEquals(digestText(parts.join("") + between), text, sql);
      }),
      { numRuns: 10 },
    );
  }
});
