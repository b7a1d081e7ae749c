import { assert, assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import {
  DIGEST_COLUMNS,
  isSendable,
  literal,
  type Statement,
  STATEMENTS,
} from "../../src/proxysql/statement.ts";
import { ROOT } from "../program.ts";
import { sourceFiles } from "../source_files.ts";

/** What each statement may be made of: names and ids that hope to do harm. */
const ARGUMENTS: { readonly [K in keyof typeof STATEMENTS]?: Parameters<typeof STATEMENTS[K]> } = {
  variable: ["mysql-query_digests_max_digest_length"],
  digests: [DIGEST_COLUMNS],
  killConnection: [4_294_967_296],
  clients: [4_294_967_296],
  clientsPlain: [4_294_967_296],
};

function all(): readonly (readonly [string, Statement])[] {
  return Object.entries(STATEMENTS).map(([name, make]) => {
    const given = ARGUMENTS[name as keyof typeof STATEMENTS] ?? [];
    return [name, (make as (...given: readonly unknown[]) => Statement)(...given)];
  });
}

Deno.test("no statement that can be sent is empty, has a semicolon or a comment, or resets digests", () => {
  const statements = all();
  assert(statements.length > 15);
  for (const [name, sql] of statements) {
    assert(sql.trim().length > 5, name);
    assert(!/;|--|\/\*|#/.test(sql), `${name}: ${sql}`);
    assert(!sql.toLowerCase().includes("digest_reset"), `${name}: ${sql}`);
    assert(!/to disk/i.test(sql), `${name}: ${sql}`);
    assert(
      /^(?:SELECT|PROXYSQL|KILL CONNECTION \d+$|TRUNCATE TABLE stats\.stats_mysql_query_digest$)/.test(sql),
    );
  }
});

Deno.test("what would do harm is refused before it is sent, whatever it is made of", () => {
  const harmful = [
    "",
    " ",
    ";",
    "/* x */",
    "SELECT 1;",
    "SELECT ';'",
    "-- x",
    "SELECT 1 -- x",
    "SELECT 1 # x",
  ];
  const resets = ["SELECT * FROM stats_mysql_query_digest_reset", "SELECT 'STATS_MYSQL_QUERY_DIGEST_RESET'"];
  for (const sql of [...harmful, ...resets, "SAVE MYSQL DIGEST TO DISK", "SELECT\n1"]) {
    assert(!isSendable(sql), sql);
  }
  for (const name of ["a;b", "stats_mysql_query_digest_reset", "a\0b", "/*"]) {
    assertThrows(() => STATEMENTS.variable(name), TypeError);
  }
  for (const id of [-1, 1.5, NaN, 2 ** 53, Infinity]) {
    assertThrows(() => STATEMENTS.killConnection(id), TypeError);
  }
});

Deno.test("values are quoted so that SQLite gives them back", () => {
  const database = new DatabaseSync(":memory:");
  for (const text of ["", "a", "it's", "''", "back\\slash", 'dq"', "ü", "' OR 1=1"]) {
    assertEquals(database.prepare(`SELECT ${literal(text)} AS v`).get()!["v"], text);
  }
  database.close();
});

Deno.test("nothing but src/proxysql/statement.ts writes statements, and nothing but the admin connection sends them", async () => {
  const files = (await sourceFiles("src")).filter((file) => file.startsWith("src/proxysql/"));
  assert(files.length > 3, files.join());
  for (const file of files) {
    const text = await Deno.readTextFile(`${ROOT}${file}`);
    if (file !== "src/proxysql/admin.ts") {
      assert(!/\.query\(|\bas Statement\b/.test(text) || /statement\.ts$/.test(file), file);
    }
    if (!/statement\.ts$|digest_store\.ts$/.test(file)) {
      assert(!/["'`](?:SELECT|INSERT|DELETE|UPDATE|LOAD|SAVE|SET|KILL|TRUNCATE|PROXYSQL) /.test(text), file);
    }
  }
});
