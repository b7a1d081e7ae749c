import { assertEquals } from "@std/assert";
import { holdsOf, type ShownHold } from "../../../src/mysql/locks/holds.ts";

type Shown = readonly [object: string, type: string, explicit: boolean | null];

function held(shown: Shown, transactions?: readonly number[]): readonly string[] {
  const [object, type, explicit] = shown;
  const hold: ShownHold = { id: 7, object, type, explicit };
  return [...holdsOf([hold], transactions && new Set(transactions)).get(7) ?? []];
}

/** As MySQL 9.7.4 and MariaDB 10.11.19 showed them of an idle session: performance schema, and plugin (`null`). */
const SEEN: readonly (readonly [what: string, shown: Shown, held: string])[] = [
  ["an open transaction that has read", ["TABLE", "SHARED_READ", false], ""],
  ["an open transaction that has written", ["TABLE", "SHARED_WRITE", false], ""],
  ["the same by the plugin", ["TABLE", "SHARED_WRITE", null], ""],
  ["LOCK TABLES … READ", ["TABLE", "SHARED_READ_ONLY", false], "holds_table_lock"],
  ["LOCK TABLES … READ by its handle", ["HANDLE", "READ EXTERNAL", null], "holds_table_lock"],
  ["LOCK TABLES … WRITE", ["TABLE", "SHARED_NO_READ_WRITE", null], "holds_table_lock"],
  ["LOCK TABLES … WRITE, its schema", ["SCHEMA", "INTENTION_EXCLUSIVE", false], ""],
  ["LOCK TABLES … WRITE, globally", ["GLOBAL", "INTENTION_EXCLUSIVE", false], ""],
  ["LOCK TABLES … WRITE on MariaDB, globally", ["BACKUP", "BACKUP_DDL", null], ""],
  ["FLUSH TABLES … FOR EXPORT", ["TABLE", "SHARED_NO_WRITE", false], "holds_table_lock"],
  ["FLUSH TABLES … FOR EXPORT, the backup lock", ["BACKUP", "INTENTION_EXCLUSIVE", false], ""],
  ["FLUSH TABLES WITH READ LOCK", ["GLOBAL", "SHARED", true], "holds_backup_lock"],
  ["FLUSH TABLES WITH READ LOCK on MariaDB", ["BACKUP", "BACKUP_FTWRL2", null], "holds_backup_lock"],
  ["LOCK INSTANCE FOR BACKUP", ["BACKUP", "SHARED", true], "holds_backup_lock"],
  ["BACKUP STAGE", ["BACKUP", "BACKUP_WAIT_COMMIT", null], "holds_backup_lock"],
  ["BACKUP LOCK", ["TABLE", "SHARED_HIGH_PRIO", null], "holds_backup_lock"],
  ["GET_LOCK", ["USER", "EXCLUSIVE", true], "holds_user_lock"],
  ["GET_LOCK on MariaDB", ["USER", "SHARED_NO_WRITE", null], "holds_user_lock"],
  ["HANDLER", ["TABLE", "SHARED", true], "holds_handler"],
  ["HANDLER by its handle", ["HANDLE", "", null], "holds_handler"],
];

for (const [what, shown, expected] of SEEN) {
  Deno.test(`holdsOf() tells what is held by ${what}`, () => {
    assertEquals(held(shown), expected === "" ? [] : [expected]);
  });
}

Deno.test("holdsOf() takes a lock for reading without a transaction for one that outlives statements", () => {
  const doubtful: Shown = ["TABLE", "SHARED_READ", null];
  assertEquals(held(doubtful, []), ["holds_table_lock", "holds_handler"]);
  assertEquals(held(doubtful, [7]), []);
  assertEquals(held(doubtful), []);
});
