import { assertEquals, assertRejects } from "@std/assert";
import { type Connection, DatabaseError, type Row } from "../../../src/connection/mod.ts";
import { proveFresh } from "../../../src/mysql/transactions/freshness.ts";

/** A server that shows the reading which `shown` makes of the latest one, each a second after the one before. */
function server(shown: (reading: number) => number | null, step = 1000) {
  const asked: string[] = [];
  let at = 0;
  const query = (sql: string): Promise<readonly Row[]> => {
    asked.push(sql.split(" ")[0]!);
    const reading = /^SELECT (\d+) /.exec(sql);
    if (reading === null) return Promise.resolve([]);
    at += step;
    return Promise.resolve([{ at, shown: shown(Number(reading[1])) }]);
  };
  return { connection: { query } as unknown as Connection, asked };
}

const ONE = ["START", "SELECT", "COMMIT"];

Deno.test("proveFresh() is content with a list that has its own reading in it", async () => {
  const { connection, asked } = server((reading) => reading);
  await proveFresh(connection);
  await proveFresh(connection);
  assertEquals(asked, [...ONE, ...ONE]);
});

Deno.test("proveFresh() waits, and asks once more, where its reading is missing", async () => {
  const { connection, asked } = server((reading) => reading === 1 ? null : reading);
  await proveFresh(connection);
  assertEquals(asked, [...ONE, "DO", ...ONE]);
});

Deno.test("proveFresh() takes a reading of its own of a moment ago, as long as that is the one that was proved", async () => {
  const soon = server(() => 1, 100);
  for (let look = 0; look < 3; look++) await proveFresh(soon.connection);
  assertEquals(soon.asked, [...ONE, ...ONE, ...ONE]);
  await assertRejects(() => proveFresh(soon.connection), DatabaseError, "as they were some time ago");
});

Deno.test("proveFresh() fails where others keep the list, and ends its transaction all the same", async () => {
  for (const shown of [() => null, (reading: number) => reading - 1]) {
    const { connection, asked } = server(shown);
    const { kind } = await assertRejects(() => proveFresh(connection), DatabaseError) as DatabaseError;
    assertEquals([kind, asked], ["statement", [...ONE, "DO", ...ONE, "DO", ...ONE]]);
  }
});

Deno.test("proveFresh() ends its transaction where the list cannot be read", async () => {
  const asked: string[] = [];
  const query = (sql: string): Promise<readonly Row[]> => {
    asked.push(sql.split(" ")[0]!);
    return sql.startsWith("SELECT") ? Promise.reject(new DatabaseError("denied", "no")) : Promise.resolve([]);
  };
  await assertRejects(() => proveFresh({ query } as unknown as Connection), DatabaseError, "no");
  assertEquals(asked, ONE);
});

Deno.test("proveFresh() takes what the program's other connection has just proved, and nothing older", async () => {
  const watching = server((reading) => reading);
  const peer = Object.assign(watching.connection, { id: 5 });
  await proveFresh(peer);
  const killing = (at: number, shown: number) => {
    const asked: string[] = [];
    const query = (sql: string): Promise<readonly Row[]> => {
      asked.push(sql.split(" ")[0]!);
      return Promise.resolve(
        sql.includes("trx_mysql_thread_id = 5") ? [{ at, shown: null, peer: shown }] : [],
      );
    };
    return { connection: { query } as unknown as Connection, asked };
  };
  const soon = killing(1100, 1);
  await proveFresh(soon.connection, peer);
  assertEquals(soon.asked, ONE);
  for (const [at, shown] of [[1300, 1], [1100, 2]] as const) {
    await assertRejects(() => proveFresh(killing(at, shown).connection, peer), DatabaseError);
  }
});
