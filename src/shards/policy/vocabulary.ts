import { type NameRow, type Vocabulary, vocabularyOf } from "../../language/mod.ts";

/** Names of values of one shard; the names of databases are added. */
const SHARD_NAMES = [
  { name: "cpu", type: "percent", meaning: "busy time of the processors of its host, between two looks" },
  { name: "memory", type: "percent", meaning: "memory of its host that is in use" },
  { name: "disk", type: "percent", meaning: "space in use of the file system with its data" },
  {
    name: "rows",
    type: "number",
    meaning: "rows of the sharded tables, of slots that it owns",
    partly: true,
  },
  { name: "size", type: "bytes", meaning: "data and indexes of the schema, as the server estimates them" },
  { name: "qps", type: "number", meaning: "statements a second between two looks, this program's left out" },
  { name: "connections", type: "number", meaning: "open connections, this program's own included" },
] as const satisfies readonly Omit<NameRow, "scope">[];

/** A name of a shard's own value. */
export type ShardName = typeof SHARD_NAMES[number]["name"];

export const SHARD_NAME_LIST: readonly ShardName[] = SHARD_NAMES.map(({ name }) => name);

/** Names from other tools, each with its name here. */
const FAMILIAR: Readonly<Record<string, ShardName>> = {
  cpu_percent: "cpu",
  memory_percent: "memory",
  ram: "memory",
  disk_percent: "disk",
  total_entries: "rows",
  entries: "rows",
  row_count: "rows",
  database_size_bytes: "size",
  database_size: "size",
  bytes: "size",
  queries_per_second: "qps",
  queries: "qps",
  connection_count: "connections",
};

/**
 * The names that policies about shards use: those of a shard, and those of the database that it is. The names of
 * sessions are known, so that a policy that uses one can be told why not.
 */
export function shardVocabulary({ rows, familiar, unread }: Vocabulary): Vocabulary {
  const own = new Set<string>(SHARD_NAME_LIST);
  return vocabularyOf({
    member: "shard",
    rows: [...SHARD_NAMES.map((row): NameRow => ({ ...row, scope: "database" })), ...rows],
    families: [],
    familiar: new Map([...familiar, ...Object.entries(FAMILIAR)]),
    unread: new Set([...unread].filter((name) => !own.has(name))),
  });
}
