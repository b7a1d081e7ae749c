/** What `shards` can be told to do. */
export const SHARD_TASKS = ["list", "check", "init", "plan", "explain", "record", "replay"] as const;

export type ShardTask = typeof SHARD_TASKS[number];
