import type { MoveContext } from "./context.ts";
import { applyRows, keyText, readRows } from "./rows.ts";
import { amongSql, keyLiterals, type MovedTable } from "./table.ts";

/** Entries of a log that are read at once: their keys are looked up by one statement. */
const ENTRIES = 500;

/**
 * Brings rows that changed at the source to the destination, until the log of a table is empty, or for so many rounds.
 * @returns How many entries there were in all. Throws DatabaseError.
 */
export async function drainTable(
  context: MoveContext,
  table: MovedTable,
  rounds = Infinity,
): Promise<number> {
  let count = 0;
  for (let round = 0; round < rounds; round++) {
    const found = await drainOnce(context, table);
    count += found;
    if (found < ENTRIES) break;
  }
  return count;
}

/** The same of all tables. */
export async function drainAll(context: MoveContext, rounds = Infinity): Promise<number> {
  let count = 0;
  for (const table of context.tables) count += await drainTable(context, table, rounds);
  return count;
}

async function drainOnce(
  { source, destination, slots, touched }: MoveContext,
  table: MovedTable,
): Promise<number> {
  const columns = table.key.map((_, index) => `k${index}`).join(", ");
  const [answer] = await source.answers(
    `SELECT CAST(qs_id AS CHAR) AS id, ${columns} FROM ${table.log} ORDER BY qs_id LIMIT ${ENTRIES}`,
  );
  const entries = answer!.rows;
  if (entries.length === 0) return 0;
  const keys = new Map(entries.map((entry) => {
    const key = keyLiterals(table, entry.slice(1));
    return [keyText(key), key] as const;
  }));
  // As it is now: what changes from here on is in the log again.
  const rows = await readRows(
    source,
    table,
    `${amongSql(table, [...keys.values()])} AND ${table.slot} IN (${slots})`,
  );
  const there = new Set(rows.map(({ key }) => keyText(key)));
  const gone = [...keys].flatMap(([text, key]) => there.has(text) ? [] : [key]);
  const known = touched?.get(table.name);
  if (known !== undefined) {
    for (const [text, key] of keys) known.set(text, key);
    for (const { key } of rows) known.set(keyText(key), key);
  }
  await applyRows(destination, table, { rows, gone, slots });
  const decoder = new TextDecoder();
  // By their ids: entries of transactions that ended later may have lower ones.
  await source.run(
    `DELETE FROM ${table.log} WHERE qs_id IN (${entries.map(([id]) => decoder.decode(id!)).join(", ")})`,
  );
  return entries.length;
}
