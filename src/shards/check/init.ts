import type { ShardingConfig, WatchedDatabase } from "../../config/mod.ts";
import { attempt, type Connection, DatabaseError } from "../../connection/mod.ts";
import { openSession } from "../router/session.ts";
import { readColumns } from "../schema/columns.ts";
import { evenParts, METADATA_TABLES, SHARD_TABLES } from "../slots/tables.ts";
import { misplaced, readOwnership } from "./ownership.ts";

/** What has to be written on one database, in this order. */
export interface InitStep {
  readonly database: string;
  readonly statements: readonly string[];
}

/** How long one statement may take, in milliseconds. */
const PATIENCE = 600_000;

/**
 * What gives the shards their slots: even parts, the shards first and the map last, so that nothing is routed before all is there.
 * Every statement may be run again.
 * @returns The steps; or a text that says why there are none.
 * @throws {DatabaseError}
 */
export async function initSteps(
  sharding: ShardingConfig,
  databases: readonly WatchedDatabase[],
): Promise<readonly InitStep[] | string> {
  const parts = evenParts(sharding.shards.length);
  const steps: InitStep[] = [];
  for (const [index, shard] of sharding.shards.entries()) {
    const slots = parts[index]!;
    const problem = await onDatabase(
      shard,
      { sharding, databases },
      (connection) => obstacle(connection, sharding, slots),
    );
    if (problem !== undefined) return `${shard}: ${problem}`;
    steps.push({ database: shard, statements: [...SHARD_TABLES, ...slotStatements(shard, slots)] });
  }
  const mapped = await onDatabase(
    sharding.metadata,
    { sharding, databases },
    (connection) => attempt(connection, "SELECT COUNT(*) AS n FROM qs_map"),
  );
  if (!(mapped instanceof DatabaseError) && Number(mapped[0]?.["n"]) > 0) {
    return "the map is there already: nothing is changed";
  }
  return [...steps, {
    database: sharding.metadata,
    statements: [...METADATA_TABLES, ...mapStatements(sharding.shards, parts)],
  }];
}

/** Runs the steps. Throws DatabaseError: they may be run again. */
export async function runSteps(
  steps: readonly InitStep[],
  options: { readonly sharding: ShardingConfig; readonly databases: readonly WatchedDatabase[] },
): Promise<void> {
  for (const { database, statements } of steps) {
    await onDatabase(database, options, async (connection) => {
      for (const sql of statements) await connection.query(sql);
    });
  }
}

async function obstacle(
  connection: Connection,
  sharding: ShardingConfig,
  slots: readonly number[],
): Promise<string | undefined> {
  const owned = await readOwnership(connection);
  const stranger = owned.slots.find((slot) => !slots.includes(slot));
  if (stranger !== undefined) return `it owns a slot already that it would not get: ${stranger}`;
  const columns = await readColumns(connection, sharding);
  const tables = await misplaced(connection, sharding, { columns, slots });
  if (tables.length === 0) return undefined;
  return `it has rows of slots that it would not get, in ${
    tables.join(", ")
  }: begin with this shard alone, or move them`;
}

async function onDatabase<T>(
  name: string,
  { sharding, databases }: {
    readonly sharding: ShardingConfig;
    readonly databases: readonly WatchedDatabase[];
  },
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const database = databases.find((database) => database.name === name)!;
  const connection = await openSession(database, { schema: sharding.schema, milliseconds: PATIENCE });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

function slotStatements(shard: string, slots: readonly number[]): readonly string[] {
  return [
    `INSERT IGNORE INTO qs_slots (slot, state) VALUES ${
      slots.map((slot) => `(${slot}, 'owned')`).join(", ")
    }`,
    `INSERT IGNORE INTO qs_shard (id, name, epoch) VALUES (1, '${shard}', 1)`,
  ];
}

function mapStatements(shards: readonly string[], parts: readonly (readonly number[])[]): readonly string[] {
  const rows = parts.flatMap((slots, index) => slots.map((slot) => `(${slot}, '${shards[index]}')`));
  return [
    `INSERT IGNORE INTO qs_serving (shard, epoch) VALUES ${
      shards.map((shard) => `('${shard}', 1)`).join(", ")
    }`,
    `INSERT INTO qs_map (slot, shard) VALUES ${rows.join(", ")}`,
  ];
}
