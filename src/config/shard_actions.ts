/** Everything the program has to know about what can be done with a group of shards. */
export interface ShardActionRow {
  readonly meaning: string;
  /** It is done to one shard, so that only a policy about each shard can say to which. */
  readonly of_shard: boolean;
  /** Whether it changes anything; otherwise it only reports. */
  readonly changes: boolean;
  /** How many shards there are more afterwards; each is a unit of the budget. */
  readonly adds: 0 | 1;
  /** No share of anything limits it: the budget counts shards. */
  readonly share_of: null;
}

const TABLE = {
  log: {
    meaning: "tells that `when` holds",
    of_shard: false,
    changes: false,
    adds: 0,
    share_of: null,
  },
  split: {
    meaning: "a new shard takes half of the rows of this one",
    of_shard: true,
    changes: true,
    adds: 1,
    share_of: null,
  },
  "add shard": {
    meaning: "a new shard takes an even part of the rows of all",
    of_shard: false,
    changes: true,
    adds: 1,
    share_of: null,
  },
  rebalance: {
    meaning: "rows are divided anew among the shards that there are",
    of_shard: false,
    changes: true,
    adds: 0,
    share_of: null,
  },
} as const satisfies Readonly<Record<string, ShardActionRow>>;

/** What a policy about shards does. */
export type ShardAction = keyof typeof TABLE;

/** What can be done with a group of shards. A new action is a new row here. */
export const SHARD_ACTIONS: Readonly<Record<ShardAction, ShardActionRow>> = TABLE;
