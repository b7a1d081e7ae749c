const TABLE = {
  settle: "the policy waits for the effect of what it did last",
  "gave-up": "what the policy did improved nothing; it waits until its gate has closed",
  acted: "the policy has acted, and its gate has not closed since",
  budget: "the shards of the budget are spent",
  "max-shards": "the group has as many shards as `max_shards` allows",
  changing: "another change is under way: one at a time",
  "not-seen": "the last change has not been seen in two looks yet",
  unreachable: "a shard cannot be reached",
  grace: "a shard has just been reached for the first time, or has restarted or changed its role",
  map: "the map and the shards do not agree, or the map cannot be read",
  "hot-key": "one key has most of the shard's rows, and a key cannot be divided",
  "one-slot": "the shard owns one slot, and a slot cannot be divided",
  paused: "changes are paused; `note` says why",
  lease: "another program holds the lease, or nobody knows who does",
  journal: "the journal cannot be written",
} as const;

/** Why a decision about the group is not carried out. */
export type GroupReason = keyof typeof TABLE;

/** Their meanings. A new reason is a new row here. */
export const GROUP_REASONS: Readonly<Record<GroupReason, string>> = TABLE;

/** Those that a test of policies can bring about. */
export const TESTED_GROUP_REASONS = [
  "settle",
  "gave-up",
  "acted",
  "budget",
  "max-shards",
  "changing",
  "not-seen",
  "unreachable",
] as const satisfies readonly GroupReason[];
