import { parseQuantity } from "../language/mod.ts";
import {
  duration,
  expression,
  filePath,
  integer,
  list,
  name,
  object,
  optional,
  preset,
  record,
  required,
  scalar,
  type ValueOf,
  word,
} from "../yaml/mod.ts";
import { quoted } from "../text/nearest.ts";
import { admin, provision } from "./provision_keys.ts";
import { shardGrowthKeys } from "./shard_policy_keys.ts";

/** Statements that a router takes, unless told otherwise. */
export const ROUTED = ["select", "insert", "update", "delete", "replace"] as const;

const IDENTIFIER = "the name of a schema, a table or a column: letters, digits and underscores, 64 at most";

/** A name in a database that needs no quotes. */
const identifier = scalar(
  IDENTIFIER,
  { type: "string", pattern: "^[A-Za-z_][0-9A-Za-z_]{0,63}$" },
  (text, wrong) => /^[A-Za-z_]\w{0,63}$/.test(text) ? text : wrong(`expected ${IDENTIFIER}: ${quoted(text)}`),
);

const LOOPBACK = "an address of this host with a port, such as 127.0.0.1:8080";

/** Where to listen: SQL by HTTP is for this host; a proxy with TLS and its own checks brings it to others. */
const loopback = scalar(
  LOOPBACK,
  { type: "string", pattern: "^(?:127\\.\\d+\\.\\d+\\.\\d+|localhost|\\[::1\\]):\\d+$" },
  (text, wrong) => {
    const found = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\]):(\d{1,5})$/.exec(text);
    return found !== null && Number(found[2]) <= 65535
      ? text
      : wrong(`expected ${LOOPBACK}: ${quoted(text)}`);
  },
);

/** A number of rows, such as 10k. */
const rows = scalar(
  "a number of rows, such as 10k",
  { type: ["integer", "string"], pattern: "^[0-9]+[kM]?$" },
  (text, wrong) => {
    const quantity = parseQuantity(text);
    const isRows = typeof quantity !== "string" && quantity.type === "number" &&
      Number.isInteger(quantity.value) &&
      quantity.value >= 1 && quantity.value <= 1_000_000;
    return isRows
      ? quantity.value
      : wrong(`expected a number of rows, such as 10k, 1M at most: ${quoted(text)}`);
  },
);

const flag = scalar(
  "true",
  { enum: [true, "true"] },
  (text, wrong) => text === "true" ? true : wrong(`expected true, or no such key: ${quoted(text)}`),
);

/** The keys of a table of the shards. */
export const shardedTableKeys = {
  key: optional(identifier, "The column whose value says on which shard a row is."),
  with: optional(
    identifier,
    "The table whose rows with the same key are on the same shard: both may be joined on it.",
  ),
  reference: optional(flag, "The whole table is on every shard; the router only reads it."),
};

/** The keys of a router. */
export const routerKeys = {
  listen: preset(
    loopback,
    "127.0.0.1:8080",
    "Where it takes statements, in `run` too where this is written; default {default}.",
  ),
  tokens_file: optional(
    filePath,
    "The file with the tokens of those who may ask, one a line; without it, whoever is on this host.",
  ),
  statements: preset(list(word(ROUTED)), [...ROUTED], "The statements that it takes; default {default}."),
  timeout: preset(
    duration({ min: "100ms", max: "10m" }),
    "10s",
    "How long a request may take; default {default}.",
  ),
  wait_for_move: preset(
    duration({ min: "0s", max: "1m" }),
    "5s",
    "How long a request waits for a slot that is moving; default {default}.",
  ),
  rows: preset(rows, "10k", "The most rows of an answer; default {default}."),
  connections: preset(
    integer({ min: 1, max: 1000 }),
    "20",
    "The most connections to one shard; default {default}.",
  ),
};

/** The keys of moves. */
export const moveKeys = {
  chunk: preset(
    integer({ min: 1, max: 100_000 }),
    "2000",
    "How many rows of a table are read at once; default {default}.",
  ),
  pause_when: preset(
    expression,
    "lag > 5s or threads_running > 30 or hll > 1M",
    "When a move rests, asked of both shards, in the names of a policy's `when`; also while it is unknown. Default {default}.",
  ),
  freeze: preset(
    duration({ min: "50ms", max: "1m" }),
    "1s",
    "How long nobody may write to slots, at their change of shard; what takes longer is tried again. Default {default}.",
  ),
  keep_old: preset(
    duration({ min: "0s", max: "30d" }),
    "5m",
    "How long the shard that had the rows keeps them; default {default}.",
  ),
};

/** The keys of a group of shards. */
export const sharding = object({
  mode: preset(
    word(["dry-run", "enforce"] as const),
    "dry-run",
    "enforce: `shards init` and `shards add` do what they print. Routing works in both.",
  ),
  engine: preset(
    word(["slots", "endpoint"] as const),
    "slots",
    "{default} (default): this program divides the tables; endpoint: another one does, behind one address.",
  ),
  endpoint: optional(
    name,
    "With `engine: endpoint`: the database, one of `databases`, that divides the tables itself, such as vtgate.",
  ),
  metadata: optional(name, "The database, one of `databases`, that keeps the map of slots to shards."),
  slots: preset(
    integer({ min: 1024, max: 1024 }),
    "1024",
    "Into how many parts keys are divided: {default}, for good.",
  ),
  schema: required(identifier, "The schema with the tables, on all shards."),
  tables: optional(
    record(object(shardedTableKeys, { either: ["key", "reference"] })),
    "By name: the tables that the router knows.",
  ),
  shards: optional(list(name, { min: 1 }), "The shards, by their names among `databases`."),
  pool: optional(
    list(name),
    "Servers that wait, by their names among `databases`: empty, and claimed in this order when a shard is added.",
  ),
  provision: optional(
    provision,
    "How further servers are made when a shard is added; with `engine: endpoint` who adds it. Omitted: from `pool` only.",
  ),
  admin: optional(admin, "Where `coordinator` is asked and told. Omitted: as said."),
  router: optional(object(routerKeys), "How `router` takes statements. Omitted: as said."),
  move: optional(object(moveKeys), "How rows move from shard to shard. Omitted: as said."),
  ...shardGrowthKeys,
});

/** The group as read. */
export type WrittenSharding = ValueOf<typeof sharding>;
