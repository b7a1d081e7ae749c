import { assertEquals } from "@std/assert";
import type { Connection, Row } from "../../../src/connection/mod.ts";
import { readTransactionEvents } from "../../../src/mysql/transactions/open_transaction.ts";

const NONE = { statement_began: null, statement_ended: null };

async function read(...rows: readonly Row[]) {
  const connection = { query: () => Promise.resolve(rows) } as unknown as Connection;
  return (await readTransactionEvents(connection)).map(({ age, statement, idle }) => [age, statement, idle]);
}

Deno.test("readTransactionEvents() reckons all ages up to one moment, however long the server takes from row to row", async () => {
  const events = await read(
    { began: "1000.000", seen: "5000.000", statement_began: "1000.000", statement_ended: null },
    { began: "1002.000", seen: "5040.000", statement_began: "1002.000", statement_ended: null },
    { began: "1003.500", seen: "5041.000", statement_began: null, statement_ended: "4041.000" },
  );
  assertEquals(events, [[4041, 4041, undefined], [4039, 4039, undefined], [4037.5, undefined, 1000]]);
});

Deno.test("readTransactionEvents() has no negative age of a statement that began after the last row was made", async () => {
  assertEquals(await read({ began: "1000.000", seen: "5000.000", ...NONE, statement_began: "5000.010" }), [[
    4000,
    0,
    undefined,
  ]]);
  assertEquals(await read(), []);
});
