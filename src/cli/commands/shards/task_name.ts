/** What `shards` can be told to do. */
export const SHARD_TASKS = [
  "list",
  "check",
  "init",
  "move",
  "moves",
  "pause",
  "resume",
  "abort",
  "verify",
  "rebuild-map",
  "add",
  "drain",
  "import",
  "plan",
  "explain",
  "record",
  "replay",
] as const;

export type ShardTask = typeof SHARD_TASKS[number];
