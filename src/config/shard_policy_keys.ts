import { MODES } from "../policy/mod.ts";
import { parseQuantity } from "../language/mod.ts";
import { quoted } from "../text/nearest.ts";
import {
  duration,
  expression,
  integer,
  list,
  name,
  object,
  optional,
  preset,
  record,
  required,
  scalar,
  text,
  type ValueOf,
  word,
} from "../yaml/mod.ts";
import { schedule } from "./schedule.ts";
import { SHARD_ACTIONS, type ShardAction } from "./shard_actions.ts";
import { thenKind } from "./then_key.ts";

const then = thenKind<ShardAction>({
  actions: Object.keys(SHARD_ACTIONS) as readonly ShardAction[],
  silent: "log",
  example: "[split, notify NAME]",
  single: "a policy does one thing with the shards",
});

/** The keys of a policy about shards. */
export const shardPolicyKeys = {
  name: required(name, "What it is called in events."),
  description: optional(text, "What it is for, in words."),
  mode: optional(word(MODES), "dry-run: it only rehearses, beside the armed policies."),
  each: optional(
    word(["shard"] as const),
    "shard: it is asked for each shard by itself. Omitted: once, for all of them.",
  ),
  when: required(
    expression,
    "Its gate: with `each`, whether this shard is too full; else `sum`, `avg`, `min`, `max` and `count` over all.",
  ),
  until: optional(expression, "What closes the gate once it is open. Omitted: that `when` is not true."),
  for: preset(
    duration({ min: "0s", max: "7d" }),
    "0s",
    "How long the gate has to be open, at every look, before it acts.",
  ),
  during: optional(
    schedule,
    "The hours in which it is asked at all, such as Mon-Fri 08:00-20:00 Europe/Berlin; UTC without a zone.",
  ),
  then: required(
    then,
    "What is done; in a list also who is told of it: `notify NAME`, a channel of `notify`.",
  ),
  settle: optional(
    duration({ min: "0s", max: "7d" }),
    "How long it waits after a change is done. Omitted: until its gate has closed.",
  ),
  give_up_after: preset(
    integer({ min: 1, max: 1000 }),
    "1",
    "After so many changes that improved nothing it stops until its gate has closed.",
  ),
};

/** How many shards may be added. */
export const shardBudgetKeys = {
  shards: preset(integer({ min: 0, max: 1024 }), "2", "How many shards; default {default}."),
  per: preset(duration({ min: "1m", max: "365d" }), "1d", "Within how long; default {default}."),
};

/** How rows are counted: each table up to so many of them; Infinity: always; 0: never. */
export interface RowCounting {
  readonly exactUpTo: number;
}

const COUNTING = "exact, estimated, or exact up to a number of rows, such as exact up to 1M";

const rows = scalar<RowCounting>(
  COUNTING,
  { type: "string", pattern: "^(exact|estimated|exact up to [0-9.]+[kMG]?)$" },
  (text, wrong) => {
    if (text === "exact") return { exactUpTo: Infinity };
    if (text === "estimated") return { exactUpTo: 0 };
    const quantity = parseQuantity(/^exact up to (\S+)$/.exec(text)?.[1] ?? "");
    return typeof quantity === "object" && quantity.type === "number" && Number.isInteger(quantity.value)
      ? { exactUpTo: quantity.value }
      : wrong(`expected ${COUNTING}: ${quoted(text)}`);
  },
);

const EXPORTER = "the address of a node_exporter, such as http://10.0.0.1:9100/metrics";

/** Where a node_exporter answers. Its answers are no secret; what is in the address would be printed. */
const exporter = scalar(EXPORTER, { type: "string", pattern: "^https?://[^@]+$" }, (text, wrong) => {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    return wrong(`expected ${EXPORTER}: ${quoted(text)}`);
  }
  return url.username === "" && url.password === ""
    ? text
    : wrong("an address with a user or a password would be printed: leave it out");
});

/** How shards are measured. */
export const shardMetricsKeys = {
  interval: preset(
    duration({ min: "1s", max: "1h" }),
    "10s",
    "How often the shards are looked at; default {default}.",
  ),
  rows: preset(
    rows,
    "exact up to 1M",
    "How rows are counted: one by one in tables up to a size, else as the server estimates them; default {default}.",
  ),
  node_exporter: optional(
    record(exporter),
    "By shard: where cpu, memory and disk of its host are read. Omitted: what is not measured is unknown.",
  ),
};

/** The keys of a group of shards that say when it grows. */
export const shardGrowthKeys = {
  max_shards: preset(
    integer({ min: 1, max: 1024 }),
    "5",
    "The most shards that policies make; default {default}.",
  ),
  budget: optional(
    object(shardBudgetKeys),
    "How many shards policies may add within a time. Omitted: as said.",
  ),
  metrics: optional(object(shardMetricsKeys), "How shards are measured. Omitted: as said."),
  policies: optional(list(object(shardPolicyKeys)), "When shards are split and added; asked in this order."),
};

const shardPolicy = object(shardPolicyKeys);
const growth = object(shardGrowthKeys);

/** A policy as written. */
export type WrittenShardPolicy = ValueOf<typeof shardPolicy>;
/** These keys as written. */
export type WrittenGrowth = ValueOf<typeof growth>;
