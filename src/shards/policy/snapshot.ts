import type { Readings } from "../../language/mod.ts";
import type { SelfReport } from "../../policy/mod.ts";

/** The rows of a table on one shard. */
export interface TableCount {
  readonly rows: number;
  /** Counted; otherwise the server's estimate, which may count rows that are about to be deleted. */
  readonly exact: boolean;
}

/** What was read of one shard at one look. JSON-able. */
export interface ShardMetrics {
  readonly shard: string;
  /** When its reading began, by the clock's `now`. */
  readonly at: number;
  /** By the names of the language: `cpu`, `rows` … A value that could not be read is unknown, with its reason. */
  readonly values: Readings;
  /** Where each known value comes from. */
  readonly sources: Readonly<Record<string, string>>;
  /** Why a value is not known, by name. */
  readonly unknown: Readonly<Record<string, string>>;
  /** Of all tables of the group, reference tables too; a table that could not be read is not there. */
  readonly table_counts: Readonly<Record<string, TableCount>>;
  /** Whether all of `rows` was counted. */
  readonly rows_exact: boolean;
  readonly reachable: boolean;
  /** What the server says of itself; absent where it is not reachable. */
  readonly report?: SelfReport;
  /** How many slots it owns; absent where it is not reachable. */
  readonly slots?: number;
  /** By slot: its rows in all tables, for slots that have any; absent where some were not counted. */
  readonly slot_rows?: Readonly<Record<string, number>>;
  /** The key with the most rows, where it has more than half of the shard's; its value is not told. */
  readonly hot_key?: { readonly table: string; readonly percent: number };
}

/** What the map says, and whether the shards say the same. */
export interface MapState {
  /** 0 where it could not be read. */
  readonly version: number;
  readonly agrees: boolean;
  /** Why it does not. */
  readonly reason?: string;
}

/** What was read of a group of shards at one look. JSON-able. */
export interface GroupSnapshot {
  /** By the clock's `now`. */
  readonly at: number;
  readonly shards: readonly ShardMetrics[];
  readonly map: MapState;
  /** Whether slots are on their way, or what they left is still there. */
  readonly moving: boolean;
}
