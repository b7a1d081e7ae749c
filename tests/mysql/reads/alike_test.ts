import { assertEquals } from "@std/assert";
import { isUnknown } from "../../../src/language/mod.ts";
import { withAlike } from "../../../src/mysql/mod.ts";
import { statementValues } from "../../../src/mysql/reads/statements.ts";
import { runningSession } from "./session.ts";

/** How many are like each of them; "unknown" where that is not known. */
function alike(...texts: readonly string[]): readonly (number | "unknown" | undefined)[] {
  return withAlike(texts.map((text) => runningSession(text)))
    .map(({ same_digest: found }) => isUnknown(found) ? "unknown" : found);
}

Deno.test("statements that differ in literals are alike, and no others", () => {
  assertEquals(alike("select 1 from t", "SELECT 2 FROM t", "select 1 from u"), [2, 2, 1]);
  assertEquals(alike("select 'it\\'s' from t", "select 'a' from t"), [2, 2]);
});

Deno.test("names in double quotes are compared under ANSI_QUOTES, and texts there as literals", () => {
  assertEquals(alike('select "a" from "t"', 'select "b" from "t"', 'select "c" from "u"'), [
    "unknown",
    "unknown",
    "unknown",
  ]);
  // The same under every sql_mode.
  assertEquals(alike('select "a" from "t" where b = 1', 'select "a" from "t" where b = 2'), [2, 2]);
  assertEquals(alike('select "a" from "t" where b = 1', "select 1 from v"), [1, 1]);
  assertEquals(alike('select "a" from t', "select `a` from t", "select b from t"), ["unknown", "unknown", 1]);
  // A backslash does not escape in a name: this is a text, whatever the mode is said to be.
  assertEquals(alike('select a from t where b = "say \\"x\\""', "select a from t where b = 'y'"), [2, 2]);
});

Deno.test("a statement that cannot be read to its end is like none, and makes those unknown that it may be like", () => {
  const windows = (name: string) => `SELECT a FROM t WHERE dir = 'C:\\', ' ${name} ', 'D:\\' FROM ${name}`;
  assertEquals(alike(windows("x"), windows("y"), windows("z")), ["unknown", "unknown", "unknown"]);
  assertEquals(alike(windows("x"), "SELECT a FROM t WHERE dir = 5", "SELECT a FROM t"), [
    "unknown",
    "unknown",
    1,
  ]);
  const long = `select ${"a + ".repeat(3000)}`;
  assertEquals(alike(`${long}b`, `${long}c`, "select 1"), ["unknown", "unknown", 1]);
});

Deno.test("a text that was cut may go on as any other that begins like it", () => {
  const cut = "insert into t values (1, 2), (3, 4), (5, ";
  const sessions = [
    runningSession(cut, { limit: cut.length }),
    runningSession("insert into t values (1, 2), (3, 4)"),
    runningSession("insert into u values (1, 2), (3, 4)"),
  ];
  assertEquals(withAlike(sessions).map(({ same_digest: found }) => isUnknown(found) ? "unknown" : found), [
    "unknown",
    "unknown",
    1,
  ]);
});

Deno.test("accounts and odd names are hidden in digests, but compared", () => {
  assertEquals(alike("drop user a", "drop user b", "drop user a"), [2, 1, 2]);
  assertEquals(alike("select `a\n` from t", "select `b\n` from t"), [1, 1]);
});

Deno.test("a digest is known where no other statement and no other sql_mode has another one", () => {
  const digestOf = (text: string) =>
    statementValues(runningSession(text), { needs: new Set(["digest"]), tags: [] }).digest;
  const isKnown = (text: string) => typeof digestOf(text) === "string";
  assertEquals(
    [
      "select a from t where b = 'it\\'s'",
      "select a from t where b = 'say \"x\"'",
      'select a from t where b = "say \\"x\\""',
      'select "a" from t',
      "drop user a",
      "select `a\n` from t",
      "select 'C:\\', ' x ', 'D:\\' from t",
      `select ${"a + ".repeat(3000)}b`,
    ].map(isKnown),
    [true, true, true, false, false, false, false, false],
  );
});
