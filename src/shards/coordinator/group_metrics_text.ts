import { Gauge, Registry } from "prom-client";
import type { ShardJson } from "./shards_json.ts";

interface Row {
  readonly name: string;
  readonly help: string;
  /** Undefined or null: there is no series. */
  of(shard: ShardJson): number | null | undefined;
}

/** The metrics of each shard. */
export const SHARD_METRICS: readonly Row[] = [
  {
    name: "query_sniper_shard_up",
    help: "Whether the shard can be reached: 1, or 0.",
    of: ({ status }) => status === "unknown" ? undefined : Number(status !== "unreachable"),
  },
  { name: "query_sniper_shard_slots", help: "The slots that it owns.", of: ({ slots }) => slots },
  {
    name: "query_sniper_shard_moving",
    help: "Whether slots move from it or to it: 1, or 0.",
    of: ({ moving }) => Number(moving),
  },
  { name: "query_sniper_shard_rows", help: "Its rows.", of: ({ total_entries }) => total_entries },
  {
    name: "query_sniper_shard_rows_exact",
    help: "Whether its rows are counted: 1, or 0 where they are estimated.",
    of: ({ rows_exact, total_entries }) => total_entries === null ? undefined : Number(rows_exact),
  },
  {
    name: "query_sniper_shard_size_bytes",
    help: "The size of its data and indexes.",
    of: ({ database_size_bytes }) => database_size_bytes,
  },
  {
    name: "query_sniper_shard_connections",
    help: "Its open connections.",
    of: ({ connection_count }) => connection_count,
  },
  {
    name: "query_sniper_shard_queries_per_second",
    help: "Statements a second, between two looks.",
    of: ({ queries_per_second }) => queries_per_second,
  },
  {
    name: "query_sniper_shard_cpu_ratio",
    help: "The busy share of its processors.",
    of: ({ cpu_percent }) => cpu_percent === null ? null : cpu_percent / 100,
  },
  {
    name: "query_sniper_shard_memory_ratio",
    help: "The used share of its memory.",
    of: ({ memory_percent }) => memory_percent === null ? null : memory_percent / 100,
  },
  {
    name: "query_sniper_shard_disk_ratio",
    help: "The used share of its disk.",
    of: ({ disk_percent }) => disk_percent === null ? null : disk_percent / 100,
  },
];

/** What is measured of the coordinator itself. */
export interface CoordinatorFigures {
  readonly active: boolean;
  readonly looks: number;
  readonly mapVersion: number;
  /** Changes and moves that are under way. */
  readonly underWay: number;
}

/** The lines that Prometheus reads. */
export async function metricsText(
  shards: readonly ShardJson[],
  { active, looks, mapVersion, underWay }: CoordinatorFigures,
): Promise<{ readonly type: string; readonly text: string }> {
  const registry = new Registry();
  for (const { name, help, of } of SHARD_METRICS) {
    const gauge = new Gauge({ name, help, labelNames: ["shard"], registers: [registry] });
    for (const shard of shards) {
      const value = of(shard);
      if (value !== null && value !== undefined) gauge.set({ shard: shard.shard_id }, value);
    }
  }
  const own = [
    [
      "query_sniper_coordinator_active",
      "Whether it holds the lease, and may change the group.",
      Number(active),
    ],
    ["query_sniper_coordinator_looks", "How many looks at the group succeeded since its start.", looks],
    ["query_sniper_shards_map_version", "The version of the map.", mapVersion],
    ["query_sniper_shards_changes", "Changes and moves that are under way.", underWay],
  ] as const;
  for (const [name, help, value] of own) new Gauge({ name, help, registers: [registry] }).set(value);
  return { type: registry.contentType, text: await registry.metrics() };
}
