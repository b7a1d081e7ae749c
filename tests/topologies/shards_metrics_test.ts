// What is measured of shards, compared with what an independent client counts.

import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { SHARD_VOCABULARY } from "../../src/cli/shard_vocabulary.ts";
import { loadConfig, type WatchedDatabase } from "../../src/config/mod.ts";
import { DATABASE_DOMAIN, mysqlTarget } from "../../src/mysql/mod.ts";
import { GroupMetrics, type GroupSnapshot } from "../../src/shards/policy/mod.ts";
import { slotOf } from "../../src/shards/slots/key.ts";
import { Client, type LabServer, requireFlavors } from "../lab/mod.ts";
import { groupConfig, ROUTER, SCHEMA, startGroup, writeGroup } from "../shards/stage.ts";

/** The metrics of a group by a configuration of its own. */
async function metricsOf(
  servers: readonly LabServer[],
  more: string,
  account = { user: "root", password: "root" },
): Promise<GroupMetrics & AsyncDisposable> {
  await using written = await writeGroup(`${groupConfig(servers)}${more}`, account);
  const { config } = await loadConfig(written.file, {
    domain: DATABASE_DOMAIN,
    shards: SHARD_VOCABULARY,
    credentials: "required",
    environment: () => undefined,
  });
  const databases = config.databases as readonly WatchedDatabase[];
  const metrics = new GroupMetrics({
    clock: systemClock,
    group: () => ({ sharding: config.sharding!, databases }),
    target: (database) => mysqlTarget(database, { clock: systemClock, armed: false }),
  });
  return Object.assign(metrics, { [Symbol.asyncDispose]: () => metrics.close() });
}

async function valueOf(client: Client, sql: string): Promise<number> {
  const [row] = await client.query(sql);
  return Number(Object.values(row!).at(-1));
}

function shardOf({ shards }: GroupSnapshot, name: string) {
  return shards.find(({ shard }) => shard === name)!;
}

const POLICIES = "  policies:\n" +
  "    - { name: hot, each: shard, when: cpu > 70% or threads_running > 90 or hll > 1M or lag > 1h, then: log }\n";

for (const flavor of await requireFlavors()) {
  Deno.test(`shards are measured as a second client counts: ${flavor}`, async (t) => {
    await using cluster = await startGroup(flavor, 2);
    const [first, second] = cluster.servers as [LabServer, LabServer];
    await using client = await Client.connect(first);
    await using other = await Client.connect(second);
    for (const each of [client, other]) await each.query(`USE ${SCHEMA}`);
    const own = new Set((await client.query("SELECT slot FROM qs_slots")).map(({ slot }) => Number(slot)));
    assertEquals(own.size, 512);
    const keys = Array.from({ length: 900 }, (_, index) => index + 1);
    const isOwn = (key: number) => own.has(slotOf(String(key)));
    const rows = keys.map((key) => `(${key}, 'name ${key}')`).join(", ");
    // All keys on the first shard: as after a move, before the old rows are deleted.
    await client.query(`INSERT INTO users (user_id, name) VALUES ${rows}`);
    await client.query("INSERT INTO products (sku, title) VALUES ('a', 'x'), ('b', 'y'), ('ä', 'z')");
    await client.query("INSERT INTO countries VALUES ('CH', 'Schweiz')");
    const skus = ["a", "b", "ä"].filter((sku) => own.has(slotOf(sku))).length;
    const mine = keys.filter(isOwn).length;
    assert(mine > 300 && mine < 600, String(mine));

    await t.step("rows of owned slots, tables, sizes, connections, and why the rest is unknown", async () => {
      await using metrics = await metricsOf(cluster.servers, POLICIES);
      const found = await metrics.look();
      assertEquals(found.map.agrees, true, found.map.reason);
      assertEquals(found.moving, false);
      const shard = shardOf(found, "shard-1");
      assertEquals(shard.values["rows"], mine + skus);
      assertEquals(shard.table_counts, {
        users: { rows: mine, exact: true },
        orders: { rows: 0, exact: true },
        products: { rows: skus, exact: true },
        countries: { rows: 1, exact: true },
      });
      assertEquals([shard.rows_exact, shard.slots, shard.hot_key], [true, 512, undefined]);
      const slots = Object.entries(shard.slot_rows!);
      assertEquals(slots.reduce((sum, [, rows]) => sum + rows, 0), mine + skus);
      assert(slots.every(([slot]) => own.has(Number(slot))));
      assertEquals(shardOf(found, "shard-2").values["rows"], 0);
      const size = await valueOf(
        client,
        `SELECT SUM(DATA_LENGTH + INDEX_LENGTH) FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${SCHEMA}'`,
      );
      assertEquals(shard.values["size"], size);
      const connections = await valueOf(client, "SHOW GLOBAL STATUS LIKE 'Threads_connected'");
      assert(Math.abs(Number(shard.values["connections"]) - connections) <= 1, String(connections));
      assertEquals(shard.values["lag"], 0);
      assert(Number(shard.values["hll"]) >= 0 && Number(shard.values["threads_running"]) >= 1);
      assertEquals(shard.unknown, {
        cpu: "there is no source: `metrics.node_exporter` can name one for this shard",
        memory: "there is no source: `metrics.node_exporter` can name one for this shard",
        disk: "there is no source: `metrics.node_exporter` can name one for this shard",
        qps: "it takes two looks",
      });
      assertEquals(JSON.parse(JSON.stringify(found)), found);
    });

    await t.step("statements between two looks, not one of them its own", async () => {
      await using metrics = await metricsOf(cluster.servers, POLICIES);
      await metrics.look();
      const begun = systemClock.now();
      for (let count = 0; count < 60; count++) await client.query("DO 1");
      await systemClock.sleep(1000);
      const found = await metrics.look();
      const ended = systemClock.now();
      const qps = Number(shardOf(found, "shard-1").values["qps"]);
      // Between the end of one look and the begin of the next: the time of both looks is not known here.
      const seconds = 60 / qps;
      assert(seconds >= 0.9 && seconds <= (ended - begun) / 1000 + 0.01, `${qps} a second`);
      assertEquals(
        shardOf(found, "shard-2").values["qps"],
        0,
        "nobody asked the second shard but the program",
      );
    });

    await t.step("a lost connection is made again, and its statements are not counted", async () => {
      await using metrics = await metricsOf(cluster.servers, "");
      await metrics.look();
      const ids = (await other.query(
        "SELECT ID FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND USER = 'root'",
      ))
        .map(({ ID }) => Number(ID));
      assertEquals(ids.length, 1);
      await other.query(`KILL ${ids[0]}`);
      await systemClock.sleep(500);
      let found = await metrics.look();
      // A connection that has just ended may be noticed only when it is used.
      if (!shardOf(found, "shard-2").reachable) found = await metrics.look();
      const { reachable, values: { qps } } = shardOf(found, "shard-2");
      assertEquals(reachable, true);
      assert(typeof qps !== "number" || qps <= 10, String(qps));
    });

    await t.step("the metadata are asked over one connection, also for who was added", async () => {
      await using metrics = await metricsOf(cluster.servers, "");
      await metrics.look();
      const opened = () => valueOf(client, "SHOW GLOBAL STATUS LIKE 'Connections'");
      const before = await opened();
      for (let look = 0; look < 3; look++) {
        assertEquals(await metrics.members(), []);
        assertEquals((await metrics.look()).map.agrees, true);
      }
      assertEquals(await opened(), before);
    });

    await t.step("large tables are estimated, and told to be", async () => {
      await client.query("ANALYZE TABLE users, orders, products, countries");
      await using metrics = await metricsOf(cluster.servers, "  metrics: { rows: exact up to 100 }\n");
      const shard = shardOf(await metrics.look(), "shard-1");
      const { users, products } = shard.table_counts;
      assertEquals([users!.exact, products!.exact, shard.rows_exact, shard.slot_rows], [
        false,
        true,
        false,
        undefined,
      ]);
      assertEquals(
        users!.rows,
        await valueOf(
          client,
          `SELECT TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${SCHEMA}' AND TABLE_NAME = 'users'`,
        ),
      );
      assertEquals(shard.values["rows"], users!.rows + products!.rows);
      assert(shard.sources["rows"]!.includes("estimated"));
    });

    await t.step("one key with most of the rows is found, and its value is not told", async () => {
      const key = keys.find(isOwn)!;
      const orders = Array.from({ length: 2000 }, (_, id) => `(${key}, ${id})`).join(", ");
      await client.query(`INSERT INTO orders (customer_id, id) VALUES ${orders}`);
      await using metrics = await metricsOf(cluster.servers, "");
      const shard = shardOf(await metrics.look(), "shard-1");
      const percent = Math.floor(100 * 2000 / (2000 + mine + skus));
      assertEquals(shard.hot_key, { table: "orders", percent });
      await client.query("DELETE FROM orders");
    });

    await t.step("a table that may not be read makes the rows unknown, and nothing else", async () => {
      await using root = await Client.connect(first);
      await root.query(`REVOKE SELECT ON ${SCHEMA}.* FROM ${ROUTER.user}@'%'`);
      for (
        const table of ["orders", "products", "countries", "qs_slots", "qs_shard", "qs_map", "qs_serving"]
      ) {
        await root.query(`GRANT SELECT ON ${SCHEMA}.${table} TO ${ROUTER.user}@'%'`);
      }
      await root.query(`GRANT SELECT (user_id) ON ${SCHEMA}.users TO ${ROUTER.user}@'%'`);
      await root.query(`REVOKE SELECT (user_id) ON ${SCHEMA}.users FROM ${ROUTER.user}@'%'`);
      await root.query(`DROP TABLE IF EXISTS ${SCHEMA}.qs_move`);
      await root.query(`CREATE TABLE ${SCHEMA}.qs_move (active TINYINT NULL)`);
      await using metrics = await metricsOf(cluster.servers, "", ROUTER);
      const found = await metrics.look();
      assert(found.map.reason?.startsWith("the journal of moves cannot be read: "), found.map.reason);
      const shard = shardOf(found, "shard-1");
      assert(
        shard.unknown["rows"]?.includes('the table "users" cannot be read: '),
        JSON.stringify(shard.unknown),
      );
      assertEquals(Object.keys(shard.table_counts), ["orders", "products", "countries"]);
      assertEquals([shard.reachable, shard.rows_exact, typeof shard.values["size"]], [true, false, "number"]);
      await root.query(`GRANT SELECT ON ${SCHEMA}.* TO ${ROUTER.user}@'%'`);
    });

    await t.step("a move that is under way is seen", async () => {
      await using metrics = await metricsOf(cluster.servers, "");
      assertEquals((await metrics.look()).moving, false);
      await client.query("INSERT INTO qs_move VALUES (NULL), (1)");
      assertEquals((await metrics.look()).moving, true);
      await client.query("DELETE FROM qs_move");
    });

    await t.step(
      "a shard that owns other slots than the map says is told, and one that is frozen",
      async () => {
        await using metrics = await metricsOf(cluster.servers, "");
        await other.query("UPDATE qs_shard SET epoch = epoch + 1");
        const { map } = await metrics.look();
        assertEquals([map.agrees, map.reason], [false, "shard-2 has epoch 2, and in the map 1"]);
        await other.query("UPDATE qs_shard SET epoch = epoch - 1");
        await other.query("UPDATE qs_slots SET state = 'frozen' LIMIT 1");
        assertEquals((await metrics.look()).moving, true);
        await other.query("DELETE FROM qs_slots WHERE state = 'frozen'");
        const less = await metrics.look();
        assertEquals(less.map.reason, "shard-2 owns 511 slots, and in the map 512 or others");
      },
    );

    await t.step("a shard that hangs is given up in time, and the others are measured", async () => {
      await using metrics = await metricsOf(cluster.servers, POLICIES);
      await metrics.look();
      second.pause();
      try {
        const begun = systemClock.now();
        const found = await metrics.look();
        assert(systemClock.now() - begun < 15_000);
        assertEquals(found.shards.map(({ reachable }) => reachable), [true, false]);
        assertEquals(shardOf(found, "shard-1").values["rows"], mine + skus);
      } finally {
        second.resume();
      }
      const again = await metrics.look();
      assertEquals(again.shards.map(({ reachable }) => reachable), [true, true]);
    });

    await t.step("a shard that is down is not reachable, and all of it unknown", async () => {
      await using metrics = await metricsOf(cluster.servers, POLICIES);
      await metrics.look();
      await second.stop();
      const found = await metrics.look();
      const { reachable, values, unknown } = shardOf(found, "shard-2");
      assertEquals(reachable, false);
      assert(Object.keys(values).every((name) => unknown[name]?.startsWith("the shard cannot be reached: ")));
      assertEquals(shardOf(found, "shard-1").reachable, true);
    });
  });
}
