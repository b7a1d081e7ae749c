import type { Clause } from "../language/mod.ts";
import type { GateState } from "../policy/mod.ts";

/**
 * Who changes a group of shards, and whether it can be looked at. Emitted when that changes. `active`: this program holds
 * the lease; `standby`: it does not, or cannot know; `unreadable`, `readable`: the looks at the group. Of what `run` serves
 * beside its kills: `waiting`, the router cannot answer yet; `answering`, it can. `failed`: the router or the coordinator has
 * ended by an error.
 */
export interface ShardsEvent {
  readonly event: "shards";
  readonly state:
    | "active"
    | "standby"
    | "dry-run"
    | "unreadable"
    | "readable"
    | "waiting"
    | "answering"
    | "failed";
  readonly schema: string;
  readonly reason?: string;
}

/**
 * What a policy decided about a group of shards, and what becomes of a change. `match`, `would` and `skipped` change nothing;
 * `decided` is followed by the steps of the change in the journal, and by its end.
 */
export interface ShardChangeEvent {
  readonly event: "shard-change";
  readonly state:
    | "match"
    | "would"
    | "skipped"
    | "decided"
    | "step"
    | "waiting"
    | "done"
    | "failed"
    | "cancelled"
    | "refused";
  readonly schema: string;
  readonly action: string;
  /** Absent: somebody asked for it. */
  readonly policy?: string;
  /** The shard that it is about. */
  readonly shard?: string;
  /** The shard that is added. */
  readonly added?: string;
  /** The id of the change. */
  readonly change?: string;
  readonly step?: string;
  readonly reason?: string;
  /** The clauses that hold the gate open. */
  readonly because?: readonly Clause[];
}

/** A gate of a policy about shards opened, closed, or became unknown. */
export interface ShardGateEvent {
  readonly event: "shard-gate";
  readonly schema: string;
  readonly policy: string;
  /** Absent of a policy about the whole group. */
  readonly shard?: string;
  readonly state: GateState;
  readonly because: readonly Clause[];
}

/** A move of slots from one shard to another: its steps, why it waits, and its end; or that one is refused. */
export interface ShardMoveEvent {
  readonly event: "shard-move";
  readonly state: "step" | "copied" | "waiting" | "ended" | "refused";
  readonly schema: string;
  /** Absent of one that is refused: there is none. */
  readonly move?: string;
  readonly step?: string;
  readonly rows?: number;
  readonly reason?: string;
}
