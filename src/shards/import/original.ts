/** What the file of the system that this one follows says; nothing of it is written, or guessed, beyond that. */
export interface Original {
  readonly shards: readonly OriginalShard[];
  /** By table. */
  readonly keys: ReadonlyMap<string, string>;
  readonly schema?: string;
  readonly user?: string;
  readonly thresholds: ReadonlyMap<ThresholdName, number>;
  readonly maxShards?: number;
  /** In milliseconds. */
  readonly interval?: number;
  readonly settle?: number;
  readonly routerPort?: number;
  readonly adminPort?: number;
}

export interface OriginalShard {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** By the names that policies use, with what a number of the file means there. */
export const THRESHOLDS = {
  cpu: { unit: "%", most: 100, names: ["cpu", "cpu_percent", "cpu_threshold", "max_cpu", "max_cpu_percent"] },
  memory: {
    unit: "%",
    most: 100,
    names: ["memory", "memory_percent", "memory_threshold", "max_memory", "max_memory_percent", "mem", "ram"],
  },
  disk: {
    unit: "%",
    most: 100,
    names: ["disk", "disk_percent", "disk_threshold", "max_disk", "max_disk_percent"],
  },
  rows: {
    unit: "",
    most: 1e15,
    names: [
      "rows",
      "entries",
      "total_entries",
      "max_entries",
      "max_rows",
      "entry_threshold",
      "entries_per_shard",
    ],
  },
  connections: {
    unit: "",
    most: 1e6,
    names: ["connections", "connection_count", "max_connections", "connection_threshold"],
  },
  qps: {
    unit: "",
    most: 1e9,
    names: ["qps", "queries_per_second", "max_qps", "max_queries_per_second", "qps_threshold"],
  },
} as const;

export type ThresholdName = keyof typeof THRESHOLDS;

/** What is wrong in a file, and what of it is left out. Paths are those of JSON, such as `shards[0].port`. */
export interface Findings {
  /** It is not converted. */
  readonly wrong: readonly string[];
  /** It is converted without that. */
  readonly left: readonly string[];
}
