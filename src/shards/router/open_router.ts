import type { Clock } from "../../clock.ts";
import type { ShardingConfig, WatchedDatabase } from "../../config/mod.ts";
import { Connection, DatabaseError } from "../../connection/mod.ts";
import type { Catalog } from "../plan/mod.ts";
import { readFacts, type ShardFacts } from "../check/facts.ts";
import { differencesOf, findingsOf } from "../check/findings.ts";
import { catalogOf } from "../schema/columns.ts";
import { MapError, type SlotMap, slotMapOf } from "../slots/slot_map.ts";
import { READ_MAP } from "../slots/tables.ts";
import { Pool } from "./pool.ts";
import { RouterProblem } from "./problem.ts";
import { Router, type Routing } from "./router.ts";

/** A router with its connections. */
export interface OpenRouter {
  readonly router: Routing;
  readonly pools: ReadonlyMap<string, Pool>;
  /** Ends its connections. */
  end(): Promise<void>;
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
  const databaseOf = (name: string) => databases.find((database) => database.name === name)!;
  const pools = new Map(
    sharding.shards.map((name) =>
      [name, new Pool({ name, target: databaseOf(name), schema, size: connections, timeout, clock })] as const
    ),
  );
  const end = async () => void await Promise.all([...pools.values()].map((pool) => pool.end()));
  try {
    const catalog = await readCatalog(sharding, [...pools.values()], clock.now() + timeout);
    const loadMap = () => readMap(sharding, databaseOf(sharding.metadata));
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
): Promise<Catalog> {
  let problem: unknown;
  let first: ShardFacts | undefined;
  for (const pool of pools) {
    try {
      const facts = await pool.use(until, (connection) => readFacts(connection, sharding));
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
  if (typeof catalog !== "string") return catalog;
  throw new RouterProblem("map", catalog, "`shards check` says what helps");
}

/** Reads the map, over a connection of its own: it is seldom read. */
export async function readMap(
  { schema, shards }: ShardingConfig,
  metadata: WatchedDatabase,
): Promise<SlotMap> {
  let connection: Connection | undefined;
  try {
    connection = await Connection.open(metadata, { multipleStatements: true });
    await connection.query(`USE \`${schema}\``);
    const [slots = [], serving = []] = await connection.queryAll(READ_MAP);
    return slotMapOf(slots, serving, shards);
  } catch (error) {
    if (error instanceof MapError) throw new RouterProblem("map", error.message);
    if (!(error instanceof DatabaseError)) throw error;
    throw new RouterProblem(
      "map",
      `the map cannot be read from ${metadata.name}: ${error.message}`,
      error.advice,
    );
  } finally {
    connection?.drop();
  }
}
