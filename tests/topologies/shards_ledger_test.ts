// Slots change their shard while writers and readers go on through two routers: every acknowledged write is there once,
// and no count is ever wrong. The test moves the rows itself, by the steps that a move has to take: freeze, copy, the new
// owner, the old one, the map. $SHARDS_SEED repeats a run.

import { assert, assertEquals } from "@std/assert";
import { slotOf } from "../../src/shards/slots/key.ts";
import { Client, type LabCluster, requireFlavors } from "../lab/mod.ts";
import { numbersFrom } from "../shards/ledger/numbers.ts";
import {
  groupConfig,
  ROUTER,
  type RunningRouter,
  SCHEMA,
  startGroup,
  startRouter,
  writeGroup,
} from "../shards/stage.ts";

const KEYS = 40;
const FLIPS = 30;
const SEED = Number(Deno.env.get("SHARDS_SEED") ?? 20);

/** What the writers were told. */
class Ledger {
  readonly acknowledged = new Array<number>(KEYS + 1).fill(0);
  /** Begun, and not known to have failed. */
  readonly begun = new Array<number>(KEYS + 1).fill(0);
  writes = 0;
  reads = 0;
  counts = 0;
  moving = 0;
}

interface Run {
  readonly routers: readonly RunningRouter[];
  readonly ledger: Ledger;
  readonly next: () => number;
  ended: boolean;
}

async function write(run: Run, writer: number): Promise<void> {
  const { ledger, routers, next } = run;
  while (!run.ended) {
    const key = 1 + Math.floor(next() * KEYS);
    ledger.begun[key]!++;
    const router = routers[writer % routers.length]!;
    const { status, body } = writer % 3 === 0
      ? await router.post("/query", {
        queries: [
          `UPDATE users SET score = score + 1 WHERE user_id = ${key}`,
          `SELECT score FROM users WHERE user_id = ${key}`,
        ],
      })
      : await router.query("UPDATE users SET score = score + 1 WHERE user_id = ?", [key]);
    if (status === 409) {
      // Nothing was written: the slot was frozen for too long.
      ledger.begun[key]!--;
      ledger.moving++;
      continue;
    }
    assertEquals(status, 200, JSON.stringify(body));
    assertEquals(body.results?.[0].affected_rows ?? body.affected_rows, 1);
    ledger.acknowledged[key]!++;
    ledger.writes++;
  }
}

async function read(run: Run, reader: number): Promise<void> {
  const { ledger, routers, next } = run;
  while (!run.ended) {
    const key = 1 + Math.floor(next() * KEYS);
    const before = ledger.acknowledged[key]!;
    const { status, body } = await routers[reader % routers.length]!.query(
      "SELECT score FROM users WHERE user_id = ?",
      [key],
    );
    if (status === 409) continue;
    assertEquals([status, body.data?.length], [200, 1], `key ${key}: ${JSON.stringify(body)}`);
    const found = Number(body.data[0].score);
    assert(
      found >= before && found <= ledger.begun[key]!,
      `key ${key}: ${before} were acknowledged, and ${found} are read`,
    );
    ledger.reads++;
  }
}

async function count(run: Run, reader: number): Promise<void> {
  const { ledger, routers } = run;
  const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);
  while (!run.ended) {
    const before = sum(ledger.acknowledged);
    const { status, body } = await routers[reader % routers.length]!.query(
      "SELECT COUNT(*) AS n, SUM(score) AS total FROM users",
    );
    if (status === 409) continue;
    assertEquals([status, body.data?.[0].n], [200, KEYS], JSON.stringify(body));
    const total = Number(body.data[0].total);
    assert(
      total >= before && total <= sum(ledger.begun),
      `${before} were acknowledged, and ${total} are read`,
    );
    ledger.counts++;
  }
}

/** Moves one slot to the other shard. */
async function flip(clients: readonly Client[], slot: number): Promise<void> {
  const owners = await Promise.all(
    clients.map((client) => client.query("SELECT slot FROM qs_slots WHERE slot = ?", [slot])),
  );
  const from = owners.findIndex((rows) => rows.length === 1);
  const [source, destination] = [clients[from]!, clients[1 - from]!];
  // Waits for the writers that hold the slot.
  await source.query("UPDATE qs_slots SET state = 'frozen' WHERE slot = ?", [slot]);
  const rows = (await source.query("SELECT * FROM users")).filter((row) =>
    slotOf(String(row["user_id"])) === slot
  );
  await destination.query("START TRANSACTION");
  for (const row of rows) {
    await destination.query("INSERT INTO users (user_id, name, score) VALUES (?, ?, ?)", [
      row["user_id"],
      row["name"],
      row["score"],
    ]);
  }
  await destination.query("INSERT INTO qs_slots VALUES (?, 'owned')", [slot]);
  await destination.query("UPDATE qs_shard SET epoch = epoch + 1");
  await destination.query("COMMIT");
  await source.query("START TRANSACTION");
  for (const row of rows) await source.query("DELETE FROM users WHERE user_id = ?", [row["user_id"]]);
  await source.query("DELETE FROM qs_slots WHERE slot = ?", [slot]);
  await source.query("UPDATE qs_shard SET epoch = epoch + 1");
  await source.query("COMMIT");
  const metadata = clients[0]!;
  await metadata.query("START TRANSACTION");
  await metadata.query("UPDATE qs_map SET shard = ? WHERE slot = ?", [`shard-${2 - from}`, slot]);
  await metadata.query("UPDATE qs_serving SET epoch = epoch + 1");
  await metadata.query("COMMIT");
}

async function ledgerHolds({ servers }: LabCluster): Promise<void> {
  await using config = await writeGroup(groupConfig(servers, "timeout: 20s, "), ROUTER);
  await using first = await startRouter(config.file);
  await using second = await startRouter(config.file);
  for (let key = 1; key <= KEYS; key++) {
    const { status, body } = await first.query(
      "INSERT INTO users (user_id, name, score) VALUES (?, 'x', 0)",
      [key],
    );
    assertEquals(status, 200, JSON.stringify(body));
  }
  const run: Run = { routers: [first, second], ledger: new Ledger(), next: numbersFrom(SEED), ended: false };
  const clients = await Promise.all(
    servers.map((server) => Client.connect(server, undefined, { database: SCHEMA })),
  );
  const going = Promise.all([
    ...[0, 1, 2, 3].map((writer) => write(run, writer)),
    ...[0, 1].map((reader) => read(run, reader)),
    ...[0, 1].map((reader) => count(run, reader)),
  ]);
  // A failure of theirs is told at once, and not only at the end.
  let failed: unknown;
  going.catch((error) => failed = error);
  for (let done = 0; done < FLIPS && failed === undefined; done++) {
    await flip(clients, slotOf(String(1 + Math.floor(run.next() * KEYS))));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  run.ended = true;
  await going;
  const { ledger } = run;
  const found = new Map<number, number>();
  for (const client of clients) {
    for (const row of await client.query("SELECT user_id, score FROM users")) {
      const key = Number(row["user_id"]);
      assertEquals(found.has(key), false, `key ${key} is on both shards`);
      found.set(key, Number(row["score"]));
    }
    await client.close();
  }
  for (let key = 1; key <= KEYS; key++) assertEquals(found.get(key), ledger.acknowledged[key], `key ${key}`);
  const { writes, reads, counts, moving } = ledger;
  // deno-lint-ignore no-console -- how much was tried is part of the result
  console.log(JSON.stringify({ flips: FLIPS, writes, reads, counts, moving }));
  assert(writes > 100 && reads > 50 && counts > 10, JSON.stringify({ writes, reads, counts }));
}

for (const flavor of await requireFlavors()) {
  Deno.test(`nothing is lost, doubled or stale while slots change their shard of ${flavor}`, async () => {
    await using group = await startGroup(flavor, 2);
    await ledgerHolds(group);
  });
}
