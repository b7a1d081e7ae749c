import type { Clock } from "../../clock.ts";
import type { ShardingConfig, WatchedDatabase } from "../../config/mod.ts";
import { Connection, DatabaseError, type Row } from "../../connection/mod.ts";
import type { Catalog } from "../plan/mod.ts";
import { readFacts, type ShardFacts } from "../check/facts.ts";
import { differencesOf, findingsOf } from "../check/findings.ts";
import { catalogOf } from "../schema/columns.ts";
import { MapError, type SlotMap, slotMapOf } from "../slots/slot_map.ts";
import { READ_MAP, READ_OLD_MAP } from "../slots/tables.ts";
import { databaseOf, type Group, type Member, membersOf } from "../members/member.ts";
import { Pool } from "./pool.ts";
import { RouterProblem } from "./problem.ts";
import { Router, type Routing } from "./router.ts";
import { quotedName } from "../../text/sql_name.ts";

/** A router with its connections. */
export interface OpenRouter {
  readonly router: Routing;
  readonly pools: ReadonlyMap<string, Pool>;
  /** Ends its connections. */
  end(): Promise<void>;
}

/** The map, with the servers that were added to the configured shards. */
export interface GroupMap extends SlotMap {
  readonly members: readonly Member[];
}

/**
 * Makes a router: reads the tables from the first shard that answers, and connects to others when they are needed.
 * @throws {RouterProblem} Where no shard answers, or its tables cannot be routed.
 */
export async function openRouter(
  sharding: ShardingConfig,
  { databases, clock }: { readonly databases: readonly WatchedDatabase[]; readonly clock: Clock },
): Promise<OpenRouter> {
  const { schema, router: { connections, timeout, statements, waitForMove, rows } } = sharding;
  const named = (name: string) => databases.find((database) => database.name === name)!;
  const poolOf = (target: WatchedDatabase) =>
    new Pool({ name: target.name, target, schema, size: connections, timeout, clock });
  const pools = new Map(sharding.shards.map((name) => [name, poolOf(named(name))] as const));
  const end = async () => void await Promise.all([...pools.values()].map((pool) => pool.end()));
  try {
    const { catalog, facts } = await readCatalog(sharding, [...pools.values()], clock.now() + timeout);
    const loadMap = async () => {
      const map = await readMap(sharding, named(sharding.metadata));
      const owners = new Set(map.owners);
      for (const shard of owners) {
        if (pools.has(shard)) continue;
        const target = sharding.shards.includes(shard)
          ? named(shard)
          : memberDatabase(shard, map, { sharding, databases });
        const pool = poolOf(target);
        await checkJoined(pool, facts, { sharding, until: clock.now() + timeout });
        pools.set(shard, pool);
      }
      // A shard that was drained may be gone, and is asked nothing any more.
      for (const [shard, pool] of [...pools]) {
        if (owners.has(shard)) continue;
        pools.delete(shard);
        pool.retire();
      }
      return map;
    };
    const router = new Router({ catalog, pools, loadMap, clock, statements, timeout, waitForMove, rows });
    return { router, pools, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Reads the tables, and refuses what would make answers wrong, as far as the account of the router sees it. */
async function readCatalog(
  sharding: ShardingConfig,
  pools: readonly Pool[],
  until: number,
): Promise<{ readonly catalog: Catalog; readonly facts: ShardFacts }> {
  let problem: unknown;
  let first: ShardFacts | undefined;
  for (const pool of pools) {
    try {
      const facts = await pool.use({ until }, (connection) => readFacts(connection, sharding));
      const [finding] = [
        ...findingsOf(facts, sharding),
        ...first === undefined ? [] : differencesOf(facts, first, sharding),
      ];
      if (finding !== undefined) {
        throw new RouterProblem("map", `${pool.name}: ${finding.problem}`, finding.help);
      }
      first ??= facts;
    } catch (error) {
      if (error instanceof DatabaseError) {
        problem ??= new RouterProblem("shard_down", `${pool.name}: ${error.message}`, error.advice);
      } else if (error instanceof RouterProblem && error.code === "shard_down") problem ??= error;
      else throw error;
    }
  }
  if (first === undefined) throw problem;
  const catalog = catalogOf(sharding, first.columns);
  if (typeof catalog !== "string") return { catalog, facts: first };
  throw new RouterProblem("map", catalog, "`shards check` says what helps");
}

function memberDatabase(shard: string, { members }: GroupMap, group: Group): WatchedDatabase {
  const found = databaseOf(members.find((member) => member.shard === shard)!, group);
  if (found !== undefined) return found;
  throw new RouterProblem(
    "map",
    `a shard was added whose address is not known here: "${shard}"`,
    "name it under `databases`, as the coordinator's configuration does, and start the router again",
  );
}

/** A shard that was added has to be like the first one; where it does not answer, its statements tell that. */
async function checkJoined(
  pool: Pool,
  first: ShardFacts,
  { sharding, until }: { readonly sharding: ShardingConfig; readonly until: number },
): Promise<void> {
  let facts: ShardFacts;
  try {
    facts = await pool.use({ until }, (connection) => readFacts(connection, sharding));
  } catch (error) {
    if (error instanceof DatabaseError || (error instanceof RouterProblem && error.code === "shard_down")) {
      return;
    }
    throw error;
  }
  const [finding] = [...findingsOf(facts, sharding), ...differencesOf(facts, first, sharding)];
  if (finding === undefined) return;
  await pool.end();
  throw new RouterProblem("map", `${pool.name}: ${finding.problem}`, finding.help);
}

/** Reads the map, over a connection of its own: it is seldom read. Throws {@linkcode RouterProblem}. */
export async function readMap(
  { schema, shards }: Pick<ShardingConfig, "schema" | "shards">,
  metadata: WatchedDatabase,
): Promise<GroupMap> {
  let connection: Connection | undefined;
  try {
    connection = await Connection.open(metadata, { multipleStatements: true });
    await connection.query(`USE ${quotedName(schema)}`);
    return await mapOver(connection, shards);
  } catch (error) {
    throw mapProblem(error, metadata.name);
  } finally {
    connection?.drop();
  }
}

/**
 * Reads the map over a connection that takes several statements at once, and may be left in a transaction by an error.
 * @throws {DatabaseError}
 * @throws {MapError}
 */
export async function mapOver(connection: Connection, shards: readonly string[]): Promise<GroupMap> {
  const [slots = [], serving = [], members = []] = await mapRows(connection);
  const added = membersOf(members);
  const known = [...shards, ...added.map(({ shard }) => shard)];
  return { ...slotMapOf(slots, serving, known), members: added };
}

/** What {@linkcode mapOver} has thrown, for those who ask: a {@linkcode RouterProblem} where it is about the map. */
export function mapProblem(error: unknown, metadata: string): unknown {
  if (error instanceof MapError) return new RouterProblem("map", error.message);
  if (!(error instanceof DatabaseError)) return error;
  const message = `the map cannot be read from ${metadata}: ${error.message}`;
  return new RouterProblem("map", message, error.advice);
}

async function mapRows(connection: Connection): Promise<readonly (readonly Row[])[]> {
  try {
    return await connection.queryAll(READ_MAP);
  } catch (error) {
    const isOld = error instanceof DatabaseError && error.errno === NO_TABLE &&
      error.message.includes("qs_member");
    if (!isOld) throw error;
    await connection.query("ROLLBACK");
    return await connection.queryAll(READ_OLD_MAP);
  }
}

const NO_TABLE = 1146;
