import { assertEquals } from "@std/assert";
import { type ColumnRow, slotColumnOf } from "../../src/shards/schema/columns.ts";
import { quotedName } from "../../src/text/sql_name.ts";

function column(table: string, name: string, columnType: string): ColumnRow {
  return {
    ...{ table, name, columnType, dataType: columnType.replace(/\(.*/, "") },
    ...{ charset: null, collation: null, length: null, nullable: false, extra: "" },
  };
}

Deno.test("a name in SQL ends where it ends, whatever is in it", () => {
  assertEquals(quotedName("a`b"), "`a``b`");
});

Deno.test("the slot of a row is reckoned from the column of the key, of this very table where there is one", () => {
  const columns = [
    column("USERS", "user_id", "bigint"),
    column("users", "User`Id", "int"),
    column("prices", "at", "float"),
  ];
  const rows: readonly (readonly [name: string, key: string | undefined, sql: string | undefined])[] = [
    ["users", "user`id", "CRC32(`User``Id` + 0) % 1024"],
    ["Users", "user_id", "CRC32(`user_id` + 0) % 1024"],
    ["users", "other", undefined],
    ["users", undefined, undefined],
    ["prices", "at", "its type is float: whole numbers and texts are supported"],
  ];
  for (const [name, key, expected] of rows) {
    const found = slotColumnOf({ name, ...key !== undefined && { key } }, columns);
    assertEquals(typeof found === "object" ? found.sql : found, expected);
  }
});
