import { assert, assertEquals } from "@std/assert";
import type { ShardingConfig } from "../../src/config/mod.ts";
import type { Connection } from "../../src/connection/mod.ts";
import { misplaced } from "../../src/shards/check/ownership.ts";
import { Checkpoint } from "../../src/shards/move/checkpoint.ts";
import type { MoveContext } from "../../src/shards/move/context.ts";
import { freeze } from "../../src/shards/move/flip.ts";
import { listMoves } from "../../src/shards/move/journal.ts";
import { printOf } from "../../src/shards/move/print.ts";
import type { Session } from "../../src/shards/move/session.ts";

/** A session that remembers what it was told, with the place of the session that it is. */
function standIn(place: string, told: string[], values: readonly string[] = []): Session {
  const left = [...values];
  const tell = (sql: string) => void told.push(`${place}: ${sql}`);
  return {
    name: place,
    id: 7,
    connection: { lost: undefined },
    run: (sql: string) => Promise.resolve(tell(sql)).then(() => 1),
    rows: (sql: string) => Promise.resolve(tell(sql)).then(() => []),
    answers: () => Promise.resolve([]),
    value: () => Promise.resolve(left.shift()),
  } as unknown as Session;
}

async function contextOf(told: string[], { frozen, now }: { frozen: string; now: () => number }) {
  const source = standIn("source", told, [frozen]);
  return {
    ...{ source, destination: standIn("destination", told), aside: standIn("aside", told), tables: [] },
    ...{ metadata: standIn("metadata", told), slots: "1,2", touched: new Map(), samples: new Map() },
    sharding: { schema: "shop", move: { freeze: 1000 } },
    move: {
      id: "7",
      step: "copy",
      state: "running",
      from: "a",
      slots: [1, 2],
      print: await printOf(source, [], { schema: "shop" }),
    },
    run: {
      clock: { now, sleep: () => new Promise(() => {}) },
      signal: new AbortController().signal,
      tell: () => {},
      hurts: () => Promise.resolve(undefined),
    },
  } as unknown as MoveContext;
}

Deno.test("a freeze ends soon where its host is gone, and who would end it is there before", async () => {
  for (const [frozen, end] of [["2", "COMMIT"], ["1", "ROLLBACK"]] as const) {
    const told: string[] = [];
    const context = await contextOf(told, { frozen, now: () => 0 });
    context.run.clock.sleep = () => Promise.resolve();
    await freeze(context).catch(() => {});
    assertEquals(told.slice(0, 2), [
      "aside: DO 1",
      "source: SET SESSION wait_timeout = 10; START TRANSACTION",
    ]);
    assertEquals(told.at(-1), `source: ${end}; SET SESSION wait_timeout = 150`);
  }
});

Deno.test("sessions of a move that rest are kept alive", async () => {
  const told: string[] = [];
  let now = 0;
  const context = await contextOf(told, { frozen: "2", now: () => now });
  const checkpoint = new Checkpoint(context, { rests: false });
  const pings = async () => {
    told.length = 0;
    await checkpoint.pass();
    return told.filter((each) => each.endsWith(": DO 1")).length;
  };
  (context.metadata as { rows: unknown }).rows = () => Promise.resolve([ROW]);
  assertEquals(await pings(), 3);
  now = 19_999;
  assertEquals(await pings(), 0);
  now = 20_000;
  assertEquals(await pings(), 3);
});

const ROW = {
  ...{ id: "7", source: "a", destination: "b", slots: "1,2", cause: "t", step: "copy", state: "running" },
  ...{ reason: null, rows_copied: "0", frozen_ms: null, source_epoch: "1", destination_epoch: "1", age: "0" },
  ...{ began: "2026-11-27T20:00:00.000000", changed: "2026-11-27T20:00:00.000000", place: null, print: null },
};

Deno.test("of the journal only as much is read as was asked for, the first move first", async () => {
  const told: string[] = [];
  const session = standIn("m", told);
  await listMoves(session);
  await listMoves(session, { active: true });
  await listMoves(session, { limit: 20 });
  const ends = told.map((sql) => sql.slice(sql.indexOf("FROM qs_move")));
  assertEquals(ends, [
    "FROM qs_move ORDER BY qs_move.id DESC",
    "FROM qs_move WHERE active = 1 ORDER BY qs_move.id DESC",
    "FROM qs_move ORDER BY qs_move.id DESC LIMIT 20",
  ]);
  const rows = ["9", "8"].map((id) => ({ ...ROW, id }));
  const two = { rows: () => Promise.resolve(rows) } as unknown as Session;
  assertEquals((await listMoves(two, { limit: 2 })).map(({ id }) => id), ["8", "9"]);
});

Deno.test("names of tables and columns that are words of SQL are looked for as names", async () => {
  const asked: string[] = [];
  const connection = {
    query: (sql: string) => Promise.resolve(asked.push(sql)).then(() => []),
  } as unknown as Connection;
  const column = {
    ...{
      table: "order",
      name: "key",
      dataType: "int",
      columnType: "int(11)",
      charset: null,
      collation: null,
    },
    ...{ length: null, nullable: false, extra: "" },
  };
  const sharding = { tables: [{ name: "order", key: "key" }] } as unknown as ShardingConfig;
  await misplaced(connection, sharding, { columns: [column], slots: [5] });
  assert(asked[0]?.startsWith("SELECT 1 AS there FROM `order` WHERE CRC32(`key` + 0)"), asked[0]);
});
