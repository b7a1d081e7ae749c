import { assert, assertEquals } from "@std/assert";
import { digestText } from "../../src/digest/mod.ts";
import { ACCOUNTS, Client, requireFlavors, startPair } from "../lab/mod.ts";
import { VECTORS } from "../digest/vector.ts";

/** Where a word may stand as a keyword, as a name, as a function, and in front of a sign. */
const AROUND_A_WORD = [
  "select W",
  "select W from t",
  "select t.W, W.x from t",
  "select W(1)",
  "select W (a, 1) from t",
  "select a W from t",
  "select a W -1 from t",
  "select W -1",
  "select W 'x'",
  "select @@global.W",
  "select 1 + interval 1 W",
  "select cast(1 as W)",
  "create table W (W int, b W(1) not null)",
  "create table t (a W null)",
  "show W like 'x'",
  "W t",
];

/** MySQL's digest text of a statement; undefined where it cannot parse it. */
async function mysqlText(client: Client, sql: string): Promise<string | undefined> {
  try {
    const [row] = await client.query("SELECT STATEMENT_DIGEST_TEXT(?) AS text", [sql]);
    return String(row?.["text"]);
  } catch (error) {
    // The two errors of the function: the text cannot be parsed, and "No database selected".
    assertEquals((error as { errno?: number }).errno, 3676, sql);
    return undefined;
  }
}

const flavors = await requireFlavors();

Deno.test({
  name: "digestText() is the digest text of a live MySQL",
  ignore: !flavors.includes("mysql"),
  async fn(t) {
    await using pair = await startPair("mysql");
    await using client = await Client.connect(pair.primary, ACCOUNTS.root, { database: "test" });

    await t.step("of the vectors", async () => {
      for (const { sql, mysql } of VECTORS) assertEquals(await mysqlText(client, sql), mysql, sql);
    });

    await t.step("of every keyword wherever it may stand", async () => {
      const rows = await client.query("SELECT LOWER(WORD) AS word FROM information_schema.KEYWORDS");
      assert(rows.length > 700);
      for (const { word } of rows) {
        for (const template of AROUND_A_WORD) {
          const sql = template.replaceAll("W", String(word));
          const text = await mysqlText(client, sql);
          if (text !== undefined) assertEquals(digestText(sql), text, sql);
        }
      }
    });
  },
});
