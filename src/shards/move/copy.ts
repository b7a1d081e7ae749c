import type { MoveContext } from "./context.ts";
import { type MovedRow, readRows, replaceSql } from "./rows.ts";
import type { Session } from "./session.ts";
import { drainTable } from "./catch_up.ts";
import { keyLiterals, keySql, type MovedTable, orderSql, type Span, spanSql } from "./table.ts";

/** How far rows were copied. */
export interface CopyPlace {
  readonly table: string;
  /** The key of the last row that was looked at; absent: the table has been begun. */
  readonly after?: readonly string[];
}

/** Bytes of rows that are read at once, as far as the server knows how large a row is. */
const CHUNK_BYTES = 8 * 2 ** 20;

/**
 * Copies the rows of all tables, from a place on. In between the log is read too, so that it does not grow.
 * @param step Told after each part; where it throws, copying ends. Throws DatabaseError.
 */
export async function copyTables(
  context: MoveContext,
  from: CopyPlace | undefined,
  step: (place: CopyPlace, rows: number) => Promise<void>,
): Promise<void> {
  const first = from === undefined
    ? 0
    : Math.max(0, context.tables.findIndex(({ name }) => name === from.table));
  for (const [index, table] of context.tables.entries()) {
    if (index < first) continue;
    const begin = index === first ? from?.after : undefined;
    for await (const span of spansOf(context, context.source, table, begin)) {
      const rows = await copySpan(context, table, span);
      await drainTable(context, table, 1);
      if (span.to !== undefined) await step({ table: table.name, after: span.to }, rows);
      else {
        const next = context.tables[index + 1];
        await step({
          table: next?.name ?? table.name,
          ...next === undefined && span.after && { after: span.after },
        }, rows);
      }
    }
  }
}

/** The rows that are read now are written now: whoever changes them from here on is in the log. */
async function copySpan(
  { source, destination, slots }: MoveContext,
  table: MovedTable,
  span: Span,
): Promise<number> {
  const rows: readonly MovedRow[] = await readRows(
    source,
    table,
    `${spanSql(table, span)} AND ${table.slot} IN (${slots})`,
  );
  for (const sql of replaceSql(table, rows)) await destination.run(sql);
  return rows.length;
}

/** The parts of a table, each of so many rows at most. Throws DatabaseError. */
export async function* spansOf(
  { sharding: { schema, move: { chunk } } }: Pick<MoveContext, "sharding">,
  session: Session,
  table: MovedTable,
  begin?: readonly string[],
): AsyncGenerator<Span, void, undefined> {
  const size = await session.value(
    `SELECT CAST(AVG_ROW_LENGTH AS CHAR) AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${schema}' ` +
      `AND TABLE_NAME = '${table.name}'`,
  );
  const count = Math.max(1, Math.min(chunk, Math.floor(CHUNK_BYTES / Math.max(1, Number(size ?? 0)))));
  let after = begin;
  for (;;) {
    const where = spanSql(table, { after, to: undefined });
    const [answer] = await session.answers(
      `SELECT ${keySql(table)} FROM ${table.sql} WHERE ${where} ORDER BY ${orderSql(table)} LIMIT 1 OFFSET ${
        count - 1
      }`,
    );
    const [last] = answer!.rows;
    if (last === undefined) {
      yield { after, to: undefined };
      return;
    }
    const to = keyLiterals(table, last);
    yield { after, to };
    after = to;
  }
}
