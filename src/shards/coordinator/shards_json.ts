import { isUnknown, leastOf, type Readings } from "../../language/mod.ts";
import type { Member } from "../members/member.ts";
import type { MoveStatus } from "../move/mod.ts";
import type { GroupSnapshot, ShardMetrics } from "../policy/mod.ts";
import type { SlotMap } from "../slots/slot_map.ts";

/** A shard as `GET /shards` shows it. What is not known is null, and `unknown` says why, by the names of policies. */
export interface ShardJson {
  readonly shard_id: string;
  readonly cpu_percent: number | null;
  readonly memory_percent: number | null;
  readonly disk_percent: number | null;
  readonly total_entries: number | null;
  readonly connection_count: number | null;
  readonly queries_per_second: number | null;
  readonly database_size_bytes: number | null;
  /** By table. */
  readonly table_counts: Readonly<Record<string, number>>;
  /** `joining`: it has no slot yet; `draining`: its slots go to others. */
  readonly status: "healthy" | "unreachable" | "joining" | "draining" | "drained" | "unknown";
  /** In UTC; null before the first look. */
  readonly last_updated: string | null;
  readonly slots: number;
  /** As the map has it; null where the map does not name it. */
  readonly epoch: string | null;
  /** Whether slots move from it or to it now. */
  readonly moving: boolean;
  readonly rows_exact: boolean;
  readonly unknown: Readonly<Record<string, string>>;
}

/** What is known of a group at a moment. */
export interface GroupView {
  readonly map: SlotMap;
  readonly members: readonly Member[];
  readonly shards: readonly string[];
  readonly moves: readonly MoveStatus[];
  readonly snapshot: GroupSnapshot | undefined;
  /** The shard that is drained now. */
  readonly draining: string | undefined;
  /** When the snapshot was taken, in milliseconds since 1970. */
  readonly at: number;
}

/** All shards, in the order of the configuration, then those that were added. */
export function shardsJson(view: GroupView): readonly ShardJson[] {
  return view.shards.map((shard) => shardJson(shard, view));
}

function shardJson(shard: string, view: GroupView): ShardJson {
  const { map, moves, snapshot, at } = view;
  const metrics = snapshot?.shards.find((each) => each.shard === shard);
  const slots = map.owners.filter((owner) => owner === shard).length;
  const { values = {}, table_counts: counts = {}, unknown = NOT_YET, rows_exact = false } = metrics ?? {};
  return {
    shard_id: shard,
    cpu_percent: number(values, "cpu", 2),
    memory_percent: number(values, "memory", 2),
    disk_percent: number(values, "disk", 2),
    total_entries: number(values, "rows"),
    connection_count: number(values, "connections"),
    queries_per_second: number(values, "qps", 2),
    database_size_bytes: number(values, "size"),
    table_counts: Object.fromEntries(Object.entries(counts).map(([table, { rows }]) => [table, rows])),
    status: statusOf(shard, { view, metrics, slots }),
    last_updated: metrics === undefined ? null : new Date(at).toISOString(),
    slots,
    epoch: map.epochs.get(shard) ?? null,
    moving: moves.some(({ from, to, state }) =>
      (from === shard || to === shard) && state !== "done" && state !== "aborted"
    ),
    rows_exact,
    unknown,
  };
}

const NOT_YET = { all: "the shards have not been looked at yet" };

function statusOf(
  shard: string,
  { view, metrics, slots }: {
    readonly view: GroupView;
    readonly metrics: ShardMetrics | undefined;
    readonly slots: number;
  },
): ShardJson["status"] {
  if (metrics?.reachable === false) return "unreachable";
  if (view.draining === shard) return "draining";
  if (slots === 0) {
    return view.members.some((member) => member.shard === shard && member.state === "drained")
      ? "drained"
      : "joining";
  }
  return metrics === undefined ? "unknown" : "healthy";
}

/** A lower bound is a value here; that it is one is among what is unknown. */
function number(values: Readings, name: string, digits = 0): number | null {
  const value = values[name];
  const known = isUnknown(value) ? leastOf(value) : value;
  return typeof known === "number" && Number.isFinite(known) ? Number(known.toFixed(digits)) : null;
}
