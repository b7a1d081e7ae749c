import { assertEquals } from "@std/assert";
import { metricsText } from "../../../src/shards/coordinator/group_metrics_text.ts";
import { type GroupView, shardsJson } from "../../../src/shards/coordinator/shards_json.ts";

const VIEW = {
  map: {
    version: 9,
    owners: Array.from({ length: 1024 }, (_, slot) => slot < 1000 ? "a" : "b"),
    epochs: new Map([["a", "4"], ["b", "5"]]),
  },
  members: [{ shard: "d", source: "configured", state: "drained", claimed: 0 }],
  shards: ["a", "b", "c", "d"],
  moves: [{ from: "a", to: "c", state: "running" }, { from: "a", to: "b", state: "done" }],
  draining: "b",
  at: Date.UTC(2026, 10, 27, 12),
  snapshot: {
    at: 0,
    shards: [{
      shard: "a",
      reachable: true,
      rows_exact: true,
      values: {
        cpu: 12.345,
        memory: 50,
        rows: 120,
        size: 16384,
        qps: 3.14159,
        connections: 7,
        disk: { unknown: "x" },
      },
      unknown: { disk: "x" },
      table_counts: { users: { rows: 100, exact: true }, countries: { rows: 20, exact: true } },
    }, {
      shard: "b",
      reachable: true,
      rows_exact: false,
      values: { rows: { unknown: "a table cannot be read", atLeast: 10 } },
      unknown: { rows: "a table cannot be read" },
      table_counts: {},
    }, { shard: "c", reachable: false, rows_exact: false, values: {}, unknown: {}, table_counts: {} }],
  },
} as unknown as GroupView;

Deno.test("GET /shards shows the fields of the original, and null with a reason for what is not known", () => {
  const [a, b, c, d] = shardsJson(VIEW);
  assertEquals(a, {
    shard_id: "a",
    cpu_percent: 12.35,
    memory_percent: 50,
    disk_percent: null,
    total_entries: 120,
    connection_count: 7,
    queries_per_second: 3.14,
    database_size_bytes: 16384,
    table_counts: { users: 100, countries: 20 },
    status: "healthy",
    last_updated: "2026-11-27T12:00:00.000Z",
    slots: 1000,
    epoch: "4",
    moving: true,
    rows_exact: true,
    unknown: { disk: "x" },
  });
  assertEquals([b!.total_entries, b!.status, b!.moving, b!.rows_exact], [10, "draining", false, false]);
  assertEquals([c!.status, c!.moving, c!.epoch, c!.slots], ["unreachable", true, null, 0]);
  assertEquals([d!.status, d!.last_updated], ["drained", null]);
  const [early] = shardsJson({ ...VIEW, snapshot: undefined, draining: undefined });
  assertEquals([early!.status, early!.cpu_percent, early!.unknown], [
    "unknown",
    null,
    { all: "the shards have not been looked at yet" },
  ]);
});

Deno.test("what is not known has no series", async () => {
  const { text } = await metricsText(shardsJson(VIEW), {
    active: true,
    looks: 3,
    mapVersion: 9,
    underWay: 1,
  });
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  assertEquals(lines.filter((line) => line.includes("disk")), []);
  assertEquals(lines.filter((line) => /_(?:cpu_ratio|up|rows)\{/.test(line)), [
    'query_sniper_shard_up{shard="a"} 1',
    'query_sniper_shard_up{shard="b"} 1',
    'query_sniper_shard_up{shard="c"} 0',
    'query_sniper_shard_up{shard="d"} 1',
    'query_sniper_shard_rows{shard="a"} 120',
    'query_sniper_shard_rows{shard="b"} 10',
    'query_sniper_shard_cpu_ratio{shard="a"} 0.1235',
  ]);
  assertEquals(lines.includes("query_sniper_coordinator_active 1"), true);
});
