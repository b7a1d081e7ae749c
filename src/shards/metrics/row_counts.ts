import type { Clock } from "../../clock.ts";
import type { ShardedTable, ShardingConfig } from "../../config/mod.ts";
import { attempt, type Connection, DatabaseError } from "../../connection/mod.ts";
import { isUnknown, type Unknown } from "../../language/mod.ts";
import type { TableCount } from "../policy/snapshot.ts";
import { type ColumnRow, type SlotColumn, slotColumnOf } from "../schema/columns.ts";
import { quotedName } from "../../text/sql_name.ts";

/** The rows of a shard. */
export interface RowCounts {
  /** Of the sharded tables, of slots that it owns. */
  readonly rows: number | Unknown;
  readonly exact: boolean;
  readonly tables: Readonly<Record<string, TableCount>>;
  /** In bytes, of the whole schema. */
  readonly size: number | Unknown;
  /** By slot; absent where not all tables were counted. */
  readonly slotRows?: Readonly<Record<string, number>>;
  readonly hotKey?: { readonly table: string; readonly percent: number };
}

export interface CountOptions {
  readonly sharding: Pick<ShardingConfig, "schema" | "tables">;
  readonly columns: readonly ColumnRow[];
  /** The slots that the shard owns; undefined before it has any: all rows count. */
  readonly slots: ReadonlySet<number> | undefined;
  /** Larger tables are estimated. */
  readonly exactUpTo: number;
  readonly clock: Clock;
}

/** For how long tables are counted at one look, in milliseconds: what is not counted by then is estimated. */
const COUNTING = 6_000;

/** From this share of a shard's rows on, in percent, one key is most of its load. */
const MOST = 50;

/** How a server estimates a table. */
interface Estimate {
  readonly rows: number | undefined;
  readonly bytes: number;
}

/**
 * Counts the rows of a shard: one by one up to a size, else as the server estimates them.
 * @throws {DatabaseError} `lost`: the connection cannot be used any more.
 */
export async function countRows(connection: Connection, options: CountOptions): Promise<RowCounts> {
  const { sharding: { schema, tables }, clock } = options;
  const estimates = await readEstimates(connection, schema);
  if (estimates instanceof DatabaseError) {
    const unknown = { unknown: `the tables cannot be read: ${estimates.message}` };
    return { rows: unknown, exact: false, tables: {}, size: unknown };
  }
  const until = clock.now() + COUNTING;
  const counter = new TableCounter(connection, options);
  const counts: Record<string, TableCount> = {};
  let missing: Unknown | undefined;
  for (const table of tables) {
    const count = await counter.count(table, estimates.get(table.name.toLowerCase()), clock.now() < until);
    if (!isUnknown(count)) counts[table.name] = count;
    else if (table.key !== undefined) missing ??= count;
  }
  const sharded = tables.filter(({ key }) => key !== undefined).map(({ name }) => counts[name]);
  const rows = missing ?? sharded.reduce((sum, count) => sum + (count?.rows ?? 0), 0);
  const exact = missing === undefined && sharded.every((count) => count?.exact === true);
  const hotKey = exact && typeof rows === "number" ? await counter.hotKey(rows) : undefined;
  return {
    rows,
    exact,
    tables: counts,
    size: [...estimates.values()].reduce((sum, { bytes }) => sum + bytes, 0),
    ...exact && { slotRows: counter.slotRows() },
    ...hotKey && { hotKey },
  };
}

async function readEstimates(
  connection: Connection,
  schema: string,
): Promise<ReadonlyMap<string, Estimate> | DatabaseError> {
  const rows = await attempt(
    connection,
    "SELECT TABLE_NAME AS t, TABLE_ROWS AS n, COALESCE(DATA_LENGTH, 0) + COALESCE(INDEX_LENGTH, 0) AS b " +
      `FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${schema}' AND TABLE_TYPE = 'BASE TABLE'`,
  );
  if (rows instanceof DatabaseError) return rows;
  return new Map(
    rows.map(({ t, n, b }) =>
      [String(t).toLowerCase(), { rows: n === null ? undefined : Number(n), bytes: Number(b) }] as const
    ),
  );
}

class TableCounter {
  readonly #connection: Connection;
  readonly #options: CountOptions;
  /** By table: its rows by slot. */
  readonly #slots = new Map<string, ReadonlyMap<number, number>>();

  constructor(connection: Connection, options: CountOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  async count(
    table: ShardedTable,
    estimate: Estimate | undefined,
    inTime: boolean,
  ): Promise<TableCount | Unknown> {
    if (estimate === undefined) {
      return { unknown: `there is no table "${table.name}", or it may not be read` };
    }
    const { exactUpTo } = this.#options;
    if (inTime && exactUpTo > 0 && (estimate.rows ?? 0) <= exactUpTo) {
      const rows = await this.#exact(table);
      if (!(rows instanceof DatabaseError)) return { rows, exact: true };
      if (rows.kind === "denied") {
        return { unknown: `the table "${table.name}" cannot be read: ${rows.message}` };
      }
      // It took too long: the estimate is better than nothing.
    }
    return estimate.rows === undefined
      ? { unknown: `the server has no estimate of the table "${table.name}"` }
      : { rows: estimate.rows, exact: false };
  }

  /** The rows of a table, of slots that the shard owns where the table has a key. */
  async #exact(table: ShardedTable): Promise<number | DatabaseError> {
    const slot = this.#slotOf(table);
    if (slot === undefined) {
      const rows = await attempt(this.#connection, `SELECT COUNT(*) AS n FROM ${quotedName(table.name)}`);
      return rows instanceof DatabaseError ? rows : Number(rows[0]?.["n"]);
    }
    const rows = await attempt(
      this.#connection,
      `SELECT ${slot.sql} AS qs_slot_number, COUNT(*) AS n FROM ${
        quotedName(table.name)
      } GROUP BY qs_slot_number`,
    );
    if (rows instanceof DatabaseError) return rows;
    const { slots } = this.#options;
    const own = new Map(
      rows.map(({ qs_slot_number: slot, n }) => [Number(slot), Number(n)] as const)
        .filter(([slot]) => slots?.has(slot) ?? true),
    );
    this.#slots.set(table.name, own);
    return [...own.values()].reduce((sum, rows) => sum + rows, 0);
  }

  /** Undefined where the table has no key that can be one. */
  #slotOf(table: ShardedTable): SlotColumn | undefined {
    const slot = slotColumnOf(table, this.#options.columns);
    return typeof slot === "object" ? slot : undefined;
  }

  slotRows(): Readonly<Record<string, number>> {
    const sums = new Map<number, number>();
    for (const slots of this.#slots.values()) {
      for (const [slot, rows] of slots) sums.set(slot, (sums.get(slot) ?? 0) + rows);
    }
    return Object.fromEntries([...sums].toSorted(([a], [b]) => a - b));
  }

  /** The key of a table that alone has most of the shard's rows: looked for in a slot that has, which is rare. */
  async hotKey(all: number): Promise<RowCounts["hotKey"]> {
    for (const [table, slots] of this.#slots) {
      const [slot, rows] = fullest(slots);
      if (slot === undefined || 100 * rows <= MOST * all) continue;
      const sharded = this.#options.sharding.tables.find(({ name }) => name === table)!;
      const { column, sql } = this.#slotOf(sharded)!;
      const found = await attempt(
        this.#connection,
        `SELECT COUNT(*) AS n FROM ${quotedName(table)} WHERE ${sql} = ${slot} ` +
          `GROUP BY ${quotedName(column.name)} ORDER BY n DESC LIMIT 1`,
      );
      if (found instanceof DatabaseError) continue;
      const percent = Math.floor(100 * Number(found[0]?.["n"] ?? 0) / all);
      if (percent > MOST) return { table, percent };
    }
  }
}

function fullest(slots: ReadonlyMap<number, number>): readonly [slot: number | undefined, rows: number] {
  let best: readonly [number | undefined, number] = [undefined, 0];
  for (const [slot, rows] of slots) if (rows > best[1]) best = [slot, rows];
  return best;
}
