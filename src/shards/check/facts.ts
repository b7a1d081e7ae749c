import type { ShardingConfig } from "../../config/mod.ts";
import type { Connection, Row } from "../../connection/mod.ts";
import { attempt, DatabaseError } from "../../connection/mod.ts";
import { type ColumnRow, readColumns } from "../schema/columns.ts";
import { OWN_TRIGGERS } from "../slots/tables.ts";

/** What a shard says of itself, as far as shards have to be alike. */
export interface ShardFacts {
  readonly columns: readonly ColumnRow[];
  /** By table: its kind and engine. */
  readonly tables: ReadonlyMap<string, { readonly type: string; readonly engine: string }>;
  readonly indexes: readonly Index[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly triggers: readonly { readonly table: string; readonly name: string }[];
  readonly settings: Readonly<Record<string, string>>;
  /** Why it has no temporary tables, which merges need; undefined where it has. */
  readonly noTemporary: string | undefined;
}

/** An index that allows no value twice. */
export interface Index {
  readonly table: string;
  readonly name: string;
  /** In small letters, in their order; of one of which only the beginning is indexed: `name(10)`. */
  readonly columns: readonly string[];
}

/** A foreign key of one of the tables, or to one. */
export interface ForeignKey {
  readonly table: string;
  readonly name: string;
  /** A table; with its schema where that is another one. */
  readonly references: string;
  /** Its columns with those that they refer to, in small letters. */
  readonly pairs: readonly (readonly [own: string, other: string])[];
  readonly onUpdate: string;
  readonly onDelete: string;
}

/** Settings that have to be the same on all shards, since they say what a statement means there. */
const ALIKE = ["lower_case_table_names"] as const;

/** Reads what a shard says of itself. Throws DatabaseError. */
export async function readFacts(connection: Connection, sharding: ShardingConfig): Promise<ShardFacts> {
  const { schema, tables } = sharding;
  const names = tables.map(({ name }) => `'${name}'`).join(", ");
  const where = (column: string) => `${column}_SCHEMA = '${schema}'`;
  const kinds = await connection.query(
    `SELECT TABLE_NAME AS t, TABLE_TYPE AS k, ENGINE AS e FROM information_schema.TABLES WHERE ${
      where("TABLE")
    } AND TABLE_NAME IN (${names})`,
  );
  const indexes = await connection.query(
    "SELECT TABLE_NAME AS t, INDEX_NAME AS i, COLUMN_NAME AS c, SUB_PART AS p FROM information_schema.STATISTICS WHERE " +
      `${
        where("TABLE")
      } AND TABLE_NAME IN (${names}) AND NON_UNIQUE = 0 ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`,
  );
  const foreignKeys = await connection.query(
    "SELECT TABLE_NAME AS t, CONSTRAINT_NAME AS n, CONSTRAINT_SCHEMA AS h, UNIQUE_CONSTRAINT_SCHEMA AS s, REFERENCED_TABLE_NAME AS r, UPDATE_RULE AS u, DELETE_RULE AS d " +
      `FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE ${
        where("CONSTRAINT")
      } AND (TABLE_NAME IN (${names}) ` +
      `OR REFERENCED_TABLE_NAME IN (${names}))`,
  );
  const pairs = await connection.query(
    "SELECT TABLE_NAME AS t, CONSTRAINT_NAME AS n, COLUMN_NAME AS c, REFERENCED_COLUMN_NAME AS o " +
      `FROM information_schema.KEY_COLUMN_USAGE WHERE ${
        where("TABLE")
      } AND REFERENCED_TABLE_NAME IS NOT NULL`,
  );
  const triggers = await connection.query(
    `SELECT EVENT_OBJECT_TABLE AS t, TRIGGER_NAME AS n FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = '${schema}' ` +
      // Those of a move are ours.
      `AND EVENT_OBJECT_TABLE IN (${names}) AND TRIGGER_NAME NOT LIKE '${OWN_TRIGGERS}%'`,
  );
  const [settings = {}] = await connection.query(
    `SELECT ${ALIKE.map((name) => `@@GLOBAL.${name} AS ${name}`).join(", ")}, ` +
      "@@GLOBAL.read_only AS read_only",
  );
  return {
    columns: await readColumns(connection, sharding),
    tables: new Map(kinds.map(({ t, k, e }) => [String(t), { type: String(k), engine: String(e) }])),
    indexes: indexesOf(indexes),
    foreignKeys: foreignKeys.map(({ t, n, h, s, r, u, d }) => ({
      table: String(t),
      name: String(n),
      references: s === h ? String(r) : `${s}.${r}`,
      pairs: pairs.filter((pair) => pair["t"] === t && pair["n"] === n)
        .map(({ c, o }) => [String(c).toLowerCase(), String(o).toLowerCase()] as const),
      onUpdate: String(u),
      onDelete: String(d),
    })),
    triggers: triggers.map(({ t, n }) => ({ table: String(t), name: String(n) })),
    settings: Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)])),
    noTemporary: await temporaryProblem(connection),
  };
}

function indexesOf(rows: readonly Row[]): readonly Index[] {
  const found = new Map<string, { table: string; name: string; columns: string[] }>();
  for (const { t, i, c, p } of rows) {
    const id = `${t}.${i}`;
    const index = found.get(id) ?? { table: String(t), name: String(i), columns: [] };
    const column = String(c).toLowerCase();
    index.columns.push(p === null ? column : `${column}(${p})`);
    found.set(id, index);
  }
  return [...found.values()];
}

async function temporaryProblem(connection: Connection): Promise<string | undefined> {
  const made = await attempt(connection, "CREATE TEMPORARY TABLE qs_part (a INT)");
  if (made instanceof DatabaseError) return made.message;
  const used = await attempt(connection, "INSERT INTO qs_part SELECT 1");
  await attempt(connection, "DROP TEMPORARY TABLE qs_part");
  return used instanceof DatabaseError ? used.message : undefined;
}
