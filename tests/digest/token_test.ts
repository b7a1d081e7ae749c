import { assertEquals } from "@std/assert";
import { DEFAULT_QUOTING, NO_ESCAPES } from "../../src/digest/quote.ts";
import { tokenize } from "../../src/digest/tokenizer.ts";

function read(sql: string, quoting = DEFAULT_QUOTING): readonly string[] {
  return [...tokenize(sql, quoting)].map(({ kind, start, end }) => `${kind} ${sql.slice(start, end)}`);
}

Deno.test("tokenize() reads literals", () => {
  assertEquals(read("'a\\'b' 'c''d' \"e\\\"f\""), ["string 'a\\'b'", "string 'c''d'", 'string "e\\"f"']);
  assertEquals(read("x'41' B'1' n'a'"), ["number x'41'", "number B'1'", "string n'a'"]);
  assertEquals(read("_utf8mb4'a'"), ["word _utf8mb4", "string 'a'"]);
  assertEquals(
    read("1 1.5 .5 3. 1e10 1.5e-3"),
    ["1", "1.5", ".5", "3.", "1e10", "1.5e-3"].map((n) => `number ${n}`),
  );
  assertEquals(read("0xAB 0b1 0XAB 0xABz"), ["0xAB", "0b1", "0XAB", "0xABz"].map((n) => `number ${n}`));
});

Deno.test("tokenize() reads identifiers that begin with digits", () => {
  assertEquals(read("2fa 1e 0x 0xZZ 0b2"), ["2fa", "1e", "0x", "0xZZ", "0b2"].map((name) => `word ${name}`));
  assertEquals(read("a.1 t.2fa"), ["word a", "operator .", "word 1", "word t", "operator .", "word 2fa"]);
  assertEquals(read("a$b é"), ["word a$b", "word é"]);
});

Deno.test("tokenize() reads variables", () => {
  assertEquals(read("@a.b @'c d' @`e` @"), [
    "variable @a.b",
    "variable @'c d'",
    "variable @`e`",
    "variable @",
  ]);
  assertEquals(read("@@global.x"), ["system @@", "word global", "operator .", "word x"]);
});

Deno.test("tokenize() reads comments", () => {
  assertEquals(read("1--2"), ["number 1", "operator -", "operator -", "number 2"]);
  assertEquals(read("1-- 2"), ["number 1", "comment -- 2"]);
  assertEquals(read("# '\n1"), ["comment # '", "number 1"]);
  assertEquals(read("/*! 1 */ /*!50123 2 */"), [
    ...["version /*!", "number 1", "version */"],
    ...["version /*!50123", "number 2", "version */"],
  ]);
  assertEquals(read("/*+ a */ /* b /* c */ */"), [
    "hint /*+ a */",
    "comment /* b /* c */",
    "operator *",
    "operator /",
  ]);
});

Deno.test("tokenize() reads what is open as one token", () => {
  for (const open of ["'a", '"a', "`a", "/* a", "@'a", "x'a", "'a\\'", "'a''", "$$ a", "/*+ ' */"]) {
    assertEquals(read(open), [`unterminated ${open}`]);
  }
  assertEquals(read("'a\\' b", NO_ESCAPES), ["string 'a\\'", "word b"]);
  assertEquals(read("/*!99999 it's */ 'b'"), ["version /*!99999", "word it", "unterminated 's */ 'b'"]);
});

Deno.test("tokenize() reads operators", () => {
  const operators = "<=> ->> -> := << >> <= >= <> != || && ... - + * / % ^ ~ ! | & < > = ( ) , ; : . { }";
  assertEquals(read(operators), operators.split(" ").map((operator) => `operator ${operator}`));
  assertEquals(read("\0\\"), ["unknown \0", "unknown \\"]);
});
