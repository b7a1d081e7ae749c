// What the system promised that this one follows, asked by HTTP as it was there: one shard fills, a second is added, old
// and new rows are found, and a third is added.

import { assert, assertEquals } from "@std/assert";
import { type LabCluster, requireFlavors, startShards, waitFor } from "../lab/mod.ts";
import { type RunningCoordinator, smallConfig, startCoordinator, startSmall } from "../shards/growing.ts";
import { ROUTER, type RunningRouter, startRouter, writeGroup } from "../shards/stage.ts";

/** The fields of the original, and ours behind them. */
const FIELDS = [
  ...["shard_id", "cpu_percent", "memory_percent", "disk_percent", "total_entries", "connection_count"],
  ...["queries_per_second", "database_size_bytes", "table_counts", "status", "last_updated"],
  ...["slots", "epoch", "moving", "rows_exact", "unknown"],
];

const KEYS = [
  "pool: [shard-2, shard-3]",
  "metrics: { interval: 1s }",
  "max_shards: 3",
  "budget: { shards: 2, per: 1h }",
  "move: { keep_old: 0s }",
  "policies: [{ name: hot, each: shard, when: rows > 100, for: 2s, then: split, settle: 1s }]",
];

/** How long the second shard may take, in milliseconds. */
const DEADLINE = 30_000;

async function insert(router: RunningRouter, from: number, to: number): Promise<void> {
  for (let key = from; key <= to; key++) {
    const { status, body } = await router.query("INSERT INTO users (user_id, name, age) VALUES (?, ?, ?)", [
      ...[key, `name ${key}`, key % 90],
    ]);
    assertEquals([status, body.affected_rows], [200, 1], JSON.stringify(body));
  }
}

/** Each key is found by itself, and all of them are counted. */
async function finds(router: RunningRouter, count: number): Promise<readonly string[]> {
  for (let key = 1; key <= count; key++) {
    const { body } = await router.query(`SELECT name FROM users WHERE user_id = ${key}`);
    assertEquals(body.data, [{ name: `name ${key}` }], JSON.stringify(body));
  }
  const { body } = await router.query("SELECT COUNT(*) AS n, SUM(user_id) AS sum FROM users");
  assertEquals(body.data, [{ n: count, sum: String(count * (count + 1) / 2) }]);
  return body.shards ?? [body.shard];
}

/** Waits for so many shards with slots; looks for a key all the while, which is always found. */
async function grownTo(
  count: number,
  { coordinator, router }: { readonly coordinator: RunningCoordinator; readonly router: RunningRouter },
): Promise<number> {
  const began = performance.now();
  let key = 0;
  await waitFor(`${count} shards`, async () => {
    key = key % 101 + 1;
    const { status, body } = await router.query(`SELECT user_id FROM users WHERE user_id = ${key}`);
    assertEquals([status, body.data], [200, [{ user_id: key }]]);
    const { body: shards } = await coordinator.get("/shards");
    return shards.filter(({ slots }: { readonly slots: number }) => slots > 0).length >= count;
  }, { timeoutMs: DEADLINE });
  return performance.now() - began;
}

async function scenario({ servers }: LabCluster): Promise<void> {
  await startSmall(servers);
  await using config = await writeGroup(smallConfig(servers, KEYS), { user: "root", password: "root" });
  await using routerConfig = await writeGroup(smallConfig(servers, KEYS), ROUTER);
  await using coordinator = await startCoordinator(config.file);
  await using router = await startRouter(routerConfig.file);
  await insert(router, 1, 90);
  assertEquals(await finds(router, 90), ["shard-1"]);
  const { body: [first, ...others] } = await coordinator.get("/shards");
  assertEquals([Object.keys(first), others], [FIELDS, []]);
  await insert(router, 91, 101);
  const took = await grownTo(2, { coordinator, router });
  assert(took < DEADLINE, `${took} ms`);
  assertEquals(await finds(router, 101), ["shard-1", "shard-2"]);
  await insert(router, 102, 240);
  await grownTo(3, { coordinator, router });
  assertEquals(await finds(router, 240), ["shard-1", "shard-2", "shard-3"]);
  // There are as many shards as there may be.
  await insert(router, 241, 500);
  await coordinator.program.event(
    "a refusal",
    ({ event, state, reason }) =>
      event === "shard-change" && state === "skipped" && String(reason).startsWith("max-shards"),
    { timeoutMs: DEADLINE },
  );
  assertEquals((await finds(router, 500)).length, 3);
  const { body: changes } = await coordinator.get("/changes");
  assertEquals(
    changes.map(({ action, outcome, policy }: Record<string, string>) => [action, outcome, policy]),
    [["split", "done", "hot"], ["split", "done", "hot"]],
  );
}

for (const flavor of await requireFlavors()) {
  Deno.test(`a group of ${flavor} servers grows from one shard to three while it is read and written`, async () => {
    await using cluster = await startShards(flavor, 3);
    await scenario(cluster);
  });
}
