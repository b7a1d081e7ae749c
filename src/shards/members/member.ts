import type { ShardingConfig, WatchedDatabase } from "../../config/mod.ts";
import { attempt, type Connection, DatabaseError, type Row } from "../../connection/mod.ts";
import { type MEMBER_SOURCES, type MEMBER_STATES, READ_MEMBERS } from "./tables.ts";

/** A server that was added to the configured shards, or is to be. */
export interface Member {
  readonly shard: string;
  readonly source: typeof MEMBER_SOURCES[number];
  readonly state: typeof MEMBER_STATES[number];
  /** Absent for one of the pool, whose address is configured, and as long as it is not there. */
  readonly address?: { readonly host: string; readonly port: number };
  /** The id of the decision for which it was claimed. */
  readonly decision?: string;
  /** Why it failed. */
  readonly problem?: string;
  /** When it was claimed, in milliseconds since 1970. */
  readonly claimed: number;
}

const NO_TABLE = 1146;

/** Reads the servers that were added; none where nobody ever added one. Throws DatabaseError. */
export async function readMembers(connection: Connection): Promise<readonly Member[]> {
  const rows = await attempt(connection, READ_MEMBERS);
  if (!(rows instanceof DatabaseError)) return membersOf(rows);
  if (rows.errno !== NO_TABLE) throw rows;
  return [];
}

/** The servers of these rows. */
export function membersOf(rows: readonly Row[]): readonly Member[] {
  return rows.map(({ shard, source, state, host, port, decision, problem, claimed }): Member => ({
    shard: String(shard),
    source: String(source) as Member["source"],
    state: String(state) as Member["state"],
    ...host !== null && port !== null && { address: { host: String(host), port: Number(port) } },
    ...decision !== null && { decision: String(decision) },
    ...problem !== null && { problem: String(problem) },
    claimed: Number(claimed),
  }));
}

/** A group: what is configured, with what was added. */
export interface Group {
  /** Its `shards` are all that may own slots. */
  readonly sharding: ShardingConfig;
  /** With those of servers that were made for it. */
  readonly databases: readonly WatchedDatabase[];
}

/** The configured group with the servers that were added. */
export function groupWith(members: readonly Member[], { sharding, databases }: Group): Group {
  const joined = members.filter(({ state, shard }) =>
    (state === "ready" || state === "serving") && !sharding.shards.includes(shard)
  );
  const found = joined.flatMap((member) => {
    const database = databaseOf(member, { sharding, databases });
    return database === undefined ? [] : [database];
  });
  const strangers = found.filter(({ name }) => !databases.some((database) => database.name === name));
  return {
    sharding: { ...sharding, shards: [...sharding.shards, ...found.map(({ name }) => name)] },
    databases: [...databases, ...strangers],
  };
}

/**
 * How to reach a server that was added; undefined where that is not known. What is configured under its name comes
 * first; else it has the account and the TLS of the first shard.
 */
export function databaseOf(
  { shard, address }: Pick<Member, "shard" | "address">,
  { sharding, databases }: Group,
): WatchedDatabase | undefined {
  const named = databases.find(({ name }) => name === shard);
  if (named !== undefined) return named;
  const first = databases.find(({ name }) => name === sharding.shards[0]);
  return address === undefined || first === undefined ? undefined : { ...first, name: shard, address };
}
