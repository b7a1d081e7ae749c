import type { WatchedDatabase } from "../../config/mod.ts";
import { DatabaseError } from "../../connection/mod.ts";
import { databaseOf } from "../move/group.ts";
import type { GroupAccess } from "../move/mod.ts";
import { Session, textLiteral } from "../move/session.ts";
import { quotedName } from "../../text/sql_name.ts";

/**
 * Why a server cannot become a shard: it is one of the group by another name, holds rows, or takes no writes; undefined: it
 * can. Nothing is written.
 * @param id Makes a name that nobody else knows.
 * @throws {DatabaseError} It, or one of the group, cannot be asked.
 */
export async function newcomerFault(
  group: GroupAccess,
  database: WatchedDatabase,
  id: () => string,
): Promise<string | undefined> {
  const session = await Session.open({ database });
  try {
    const readOnly = await session.value("SELECT @@GLOBAL.read_only");
    // In words since MariaDB 12.
    if (readOnly !== "0" && readOnly !== "OFF") return "it is read-only";
    return await twinFault(session, { group, database, id }) ??
      await contentFault(session, group, database.name);
  } finally {
    await session.close();
  }
}

/**
 * A lock that is taken on one server is seen on another one only where both are the same: names, addresses and ids of
 * servers may say otherwise.
 */
async function twinFault(
  session: Session,
  { group, database, id }: {
    readonly group: GroupAccess;
    readonly database: WatchedDatabase;
    readonly id: () => string;
  },
): Promise<string | undefined> {
  const lock = `qs_newcomer_${id()}`;
  await session.value(`SELECT GET_LOCK('${lock}', 0)`);
  const { sharding } = group;
  for (const name of new Set([...sharding.shards, ...sharding.pool])) {
    if (name === database.name) continue;
    const isShard = sharding.shards.includes(name);
    try {
      const other = await Session.open({ database: databaseOf(group, name) });
      try {
        if (await other.value(`SELECT IS_USED_LOCK('${lock}')`) !== null) {
          return `it is the server of "${name}"`;
        }
      } finally {
        await other.close();
      }
    } catch (error) {
      // Another standby may be down; that a shard is not the same has to be known.
      if (isShard || !(error instanceof DatabaseError)) throw error;
    }
  }
}

async function contentFault(
  session: Session,
  { sharding }: GroupAccess,
  shard: string,
): Promise<string | undefined> {
  const { schema, tables } = sharding;
  const there = new Set(
    (await session.rows(
      `SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${textLiteral(schema)}`,
    )).map(({ name }) => name!),
  );
  const at = (table: string) => `${quotedName(schema)}.${quotedName(table)}`;
  if (there.has("qs_shard")) {
    const name = await session.value(`SELECT name FROM ${at("qs_shard")} WHERE id = 1`);
    if (name !== undefined && name !== null && name !== shard) return `it calls itself the shard "${name}"`;
  }
  if (there.has("qs_slots") && await session.value(`SELECT 1 FROM ${at("qs_slots")} LIMIT 1`) !== undefined) {
    return "it owns slots";
  }
  for (const { name, key } of tables) {
    if (key === undefined || !there.has(name)) continue;
    if (await session.value(`SELECT 1 FROM ${at(name)} LIMIT 1`) !== undefined) {
      return `it has rows in "${name}"`;
    }
  }
}
