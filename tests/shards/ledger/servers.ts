import { assert, assertEquals } from "@std/assert";
import type { MoveState, MoveStep } from "../../../src/shards/move/mod.ts";
import { slotOf } from "../../../src/shards/slots/key.ts";
import { Client, type LabServer } from "../../lab/mod.ts";
import { SCHEMA } from "../stage.ts";
import { COUNTED, type Entry, FIRST_RESTING, KEYS, RESTING } from "./entries.ts";

/** The rows at the begin: all on one shard. */
export async function fill(server: LabServer): Promise<void> {
  await using client = await Client.connect(server, undefined, { database: SCHEMA });
  const rows = Array.from({ length: COUNTED }, (_, index) => `(${index + 1}, 'n', 0)`);
  await client.query(`INSERT INTO users (user_id, name, score) VALUES ${rows.join(", ")}`);
  const resting = Array.from({ length: RESTING }, (_, index) => `(${FIRST_RESTING + index}, 'rests', 7)`);
  await client.query(`INSERT INTO users (user_id, name, age) VALUES ${resting.join(", ")}`);
  await client.query("INSERT INTO countries VALUES ('DE', 'Germany'), ('FR', 'France')");
}

/** The slots of each server. */
export async function ownersOf(servers: readonly LabServer[]): Promise<readonly (readonly number[])[]> {
  return await Promise.all(servers.map(async (server) => {
    await using client = await Client.connect(server, undefined, { database: SCHEMA });
    const rows = await client.query("SELECT slot FROM qs_slots WHERE state = 'owned' ORDER BY slot")
      .catch((error) => {
        // It was not prepared yet.
        if (error.errno === 1146) return [];
        throw error;
      });
    return rows.map(({ slot }) => Number(slot));
  }));
}

/** What the journal says of a move. */
export interface Journalled {
  readonly id: number;
  readonly step: MoveStep;
  readonly state: MoveState;
  readonly reason: string | undefined;
  readonly frozen: number | undefined;
}

/** The last move; undefined before there is any. */
export async function lastMove(metadata: LabServer): Promise<Journalled | undefined> {
  await using client = await Client.connect(metadata, undefined, { database: SCHEMA });
  const sql = "SELECT id, step, state, reason, frozen_ms FROM qs_move ORDER BY id DESC LIMIT 1";
  const [row] = await client.query(sql).catch((error) => {
    if (error.errno === 1146) return [];
    throw error;
  });
  if (row === undefined) return undefined;
  const { id, step, state, reason, frozen_ms: frozen } = row;
  return {
    id: Number(id),
    step: String(step) as MoveStep,
    state: String(state) as MoveState,
    reason: reason === null ? undefined : String(reason),
    frozen: frozen === null ? undefined : Number(frozen),
  };
}

/** Every row is where its slot is, once, with what was acknowledged; nothing of a move is left. */
export async function checkAll(entries: readonly Entry[], servers: readonly LabServer[]): Promise<void> {
  const owners = await ownersOf(servers);
  assertEquals(owners.flat().toSorted((a, b) => a - b), Array.from({ length: 1024 }, (_, slot) => slot));
  const rows = new Map<number, number>();
  const orders = new Map<number, number>();
  for (const [index, server] of servers.entries()) {
    await using client = await Client.connect(server, undefined, { database: SCHEMA });
    const isOwn = (key: number) => owners[index]!.includes(slotOf(String(key)));
    for (const { user_id: id, score } of await client.query("SELECT user_id, score FROM users")) {
      const key = Number(id);
      assert(isOwn(key), `key ${key} is on ${server.name}, which does not own its slot`);
      assert(!rows.has(key), `key ${key} is there twice`);
      rows.set(key, Number(score));
    }
    const counts = await client.query("SELECT customer_id, COUNT(*) AS n FROM orders GROUP BY customer_id");
    for (const { customer_id: id, n } of counts) {
      assert(isOwn(Number(id)), `orders of ${id} are on ${server.name}, which does not own their slot`);
      orders.set(Number(id), Number(n));
    }
    await nothingLeft(client, server.name);
  }
  for (let key = 1; key <= KEYS; key++) {
    assertEquals(rows.get(key), entries[key]!.score, `key ${key}`);
    assertEquals(orders.get(key) ?? 0, entries[key]!.orders, `orders of key ${key}`);
  }
  assertEquals([...rows.keys()].filter((key) => key >= FIRST_RESTING).length, RESTING);
}

async function nothingLeft(client: Client, name: string): Promise<void> {
  assertEquals(await client.query("SHOW TRIGGERS"), []);
  assertEquals(await client.query("SHOW TABLES LIKE 'qs_log%'"), []);
  const [shard] = await client.query("SELECT COUNT(*) AS n FROM qs_slots WHERE state <> 'owned'")
    .catch((error) => {
      if (error.errno === 1146) return [{ n: 0 }];
      throw error;
    });
  assertEquals(Number(shard!["n"]), 0, `${name} has slots that are not owned`);
}
