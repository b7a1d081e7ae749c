import { DatabaseError } from "../../connection/mod.ts";
import { quoted } from "../../text/nearest.ts";
import { readFacts } from "../check/facts.ts";
import { differencesOf, findingsOf } from "../check/findings.ts";
import { METADATA_TABLES, SHARD_TABLES, WIDEN_SERVING } from "../slots/tables.ts";
import { type GroupAccess, MoveError } from "./contract.ts";
import { databaseOf, openSession, withMetadata } from "./group.ts";
import { copyReference } from "./reference.ts";
import { dryRun } from "./requests.ts";
import { Session, textLiteral } from "./session.ts";
import { readStanding } from "./standing.ts";
import { readTables } from "./table.ts";
import { quotedName } from "../../text/sql_name.ts";

/**
 * Makes a server a shard without slots: the schema and the tables of a shard that serves, the rows of the reference tables,
 * our own tables; then the map names it. May be run again.
 * @throws {MoveError} Where it is not empty, or does not become what the others are.
 * @throws {DatabaseError}
 */
export async function prepareShard(group: GroupAccess, name: string): Promise<void> {
  if (group.sharding.mode === "dry-run") throw dryRun();
  const model = await servingShard(group);
  if (model === name) throw new MoveError(`it is a shard with slots already: ${quoted(name)}`);
  const source = await openSession(group, model);
  try {
    await createSchema(group, name, source);
    const shard = await openSession(group, name, "destination");
    try {
      await fill(group, { name, shard, source });
    } finally {
      await shard.close();
    }
  } finally {
    await source.close();
  }
  await register(group, name);
}

/** What {@linkcode prepareShard} would do on the new shard, as SQL; rows of reference tables are not among it. */
export async function prepareShardSql(group: GroupAccess, name: string): Promise<readonly string[]> {
  const source = await openSession(group, await servingShard(group));
  try {
    return [
      await schemaSql(group, source),
      ...await tablesSql(group, source),
      ...ownSql(name),
    ];
  } finally {
    await source.close();
  }
}

/** A shard that owns slots. */
async function servingShard(group: GroupAccess): Promise<string> {
  const name = await withMetadata(
    group,
    (metadata) => metadata.value("SELECT shard FROM qs_map ORDER BY slot LIMIT 1"),
  );
  if (typeof name !== "string") throw new MoveError("the map has no slots", "begin with shards init");
  return name;
}

async function schemaSql({ sharding: { schema } }: GroupAccess, source: Session): Promise<string> {
  const [row] = await source.rows(
    "SELECT DEFAULT_CHARACTER_SET_NAME AS s, DEFAULT_COLLATION_NAME AS c FROM information_schema.SCHEMATA " +
      `WHERE SCHEMA_NAME = '${schema}'`,
  );
  return `CREATE DATABASE IF NOT EXISTS ${quotedName(schema)} CHARACTER SET ${row!["s"]} COLLATE ${
    row!["c"]
  }`;
}

/** The statements as the server writes them; a table that is there already is left as it is, and checked later. */
async function tablesSql({ sharding: { tables } }: GroupAccess, source: Session): Promise<readonly string[]> {
  const statements: string[] = [];
  for (const { name } of tables) {
    const [row] = await source.rows(`SHOW CREATE TABLE ${quotedName(name)}`);
    const sql = row?.["Create Table"];
    if (typeof sql !== "string") throw new MoveError(`"${name}" is no table on ${source.name}`);
    statements.push(
      sql.replace(/^CREATE TABLE /, "CREATE TABLE IF NOT EXISTS ").replace(/ AUTO_INCREMENT=\d+/, ""),
    );
  }
  return statements;
}

function ownSql(name: string): readonly string[] {
  return [
    ...SHARD_TABLES,
    `INSERT IGNORE INTO qs_shard (id, name, epoch) VALUES (1, ${textLiteral(name)}, 1)`,
  ];
}

async function createSchema(group: GroupAccess, name: string, source: Session): Promise<void> {
  const session = await Session.open({ database: databaseOf(group, name) });
  try {
    const there = await session.rows(
      `SELECT 1 AS there FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '${group.sharding.schema}'`,
    );
    if (there.length > 0) return;
    try {
      await session.run(await schemaSql(group, source));
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.errno !== UNKNOWN_COLLATION) throw error;
      // The tables name their own.
      await session.run(
        `CREATE DATABASE IF NOT EXISTS ${quotedName(group.sharding.schema)} CHARACTER SET utf8mb4`,
      );
    }
  } finally {
    await session.close();
  }
}

const UNKNOWN_COLLATION = 1273;

interface Filling {
  readonly name: string;
  readonly shard: Session;
  readonly source: Session;
}

async function fill(group: GroupAccess, { name, shard, source }: Filling): Promise<void> {
  const { sharding } = group;
  const standing = await readStanding(shard);
  if (standing !== undefined && standing.name !== name) {
    throw new MoveError(
      `it is another shard: it calls itself ${quoted(standing.name)}`,
      "see the addresses in databases",
    );
  }
  if (standing !== undefined && standing.states.size > 0) {
    throw new MoveError(`it has slots already: ${quoted(name)}`);
  }
  for (const sql of await tablesSql(group, source)) await runTable(shard, sql);
  for (const table of await readTables(shard, sharding, "sharded")) {
    const rows = await shard.rows(`SELECT 1 AS there FROM ${table.sql} LIMIT 1`);
    if (rows.length > 0) {
      throw new MoveError(`"${table.name}" has rows on "${name}" already`, "begin with empty tables");
    }
  }
  const [theirs, ours] = [
    await readFacts(source.connection, sharding),
    await readFacts(shard.connection, sharding),
  ];
  const [finding] = [...findingsOf(ours, sharding), ...differencesOf(ours, theirs, sharding)];
  if (finding !== undefined) throw new MoveError(`${name}: ${finding.problem}`, finding.help);
  for (const table of await readTables(source, sharding, "reference")) {
    await copyReference({ sharding }, table, { from: source, to: shard });
  }
  for (const sql of ownSql(name)) await shard.run(sql);
}

async function runTable(shard: Session, sql: string): Promise<void> {
  try {
    await shard.run(sql);
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.kind === "lost") throw error;
    const table = /`((?:[^`]|``)*)`/.exec(sql)?.[1] ?? "?";
    throw new MoveError(
      `${shard.name} does not take the table ${quoted(table)} of the other shards: ${error.message}`,
      "create it there by hand, so that shards check finds no difference",
    );
  }
}

/** Names the shard in the map, at its own epoch. */
async function register(group: GroupAccess, name: string): Promise<void> {
  const epoch = await withEpoch(group, name);
  await withMetadata(group, async (metadata) => {
    for (const sql of METADATA_TABLES) await metadata.run(sql);
    const columns = await metadata.rows(
      "SELECT COLUMN_NAME AS c FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'qs_serving'",
    );
    if (!columns.some(({ c }) => c === "hides")) await metadata.run(WIDEN_SERVING);
    await metadata.run(
      `INSERT IGNORE INTO qs_serving (shard, epoch) VALUES (${textLiteral(name)}, ${epoch})`,
    );
    const served = await metadata.value(
      `SELECT CAST(epoch AS CHAR) AS epoch FROM qs_serving WHERE shard = ${textLiteral(name)}`,
    );
    if (served === epoch) return;
    throw new MoveError(
      `the map knows "${name}" at epoch ${served}, and it is at ${epoch}`,
      "see shards check",
    );
  });
}

async function withEpoch(group: GroupAccess, name: string): Promise<string> {
  const session = await openSession(group, name);
  try {
    return (await readStanding(session))!.epoch;
  } finally {
    await session.close();
  }
}
