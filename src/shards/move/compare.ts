import type { MoveContext } from "./context.ts";
import { drainTable } from "./catch_up.ts";
import { spansOf } from "./copy.ts";
import { keyText } from "./rows.ts";
import type { Session } from "./session.ts";
import { amongSql, checksumSql, keyLiterals, keySql, type MovedTable, type Span, spanSql } from "./table.ts";

/** What was found of all rows of a move. */
export interface Comparison {
  /** Keys of rows that differ although nobody changed them. */
  readonly differing: readonly {
    readonly table: MovedTable;
    readonly keys: readonly (readonly string[])[];
  }[];
  /** A table with rows of slots that a shard neither owns nor gets; undefined: none. */
  readonly stranger?: { readonly shard: string; readonly table: string };
}

/** How often a part is compared before its rows are compared one by one: it may be written to all the time. */
const ATTEMPTS = 4;
/** Keys that are looked up by one statement. */
const KEYS = 500;

/** Compares all rows while they are written to. `step` is called after each part. Throws DatabaseError. */
export async function compareTables(context: MoveContext, step: () => Promise<void>): Promise<Comparison> {
  const { source, tables } = context;
  context.touched = new Map(tables.map(({ name }) => [name, new Map()]));
  context.samples = new Map(tables.map(({ name }) => [name, []]));
  const differing: { table: MovedTable; keys: readonly (readonly string[])[] }[] = [];
  for (const table of tables) {
    for await (const span of spansOf(context, source, table)) {
      const found = await compareSpan(context, table, span);
      if (found.stranger !== undefined) {
        return { differing, stranger: { shard: found.stranger, table: table.name } };
      }
      if (found.keys.length > 0) differing.push({ table, keys: found.keys });
      await sample(context, table, span);
      await step();
    }
  }
  return { differing };
}

/** The most samples of a table. */
const SAMPLES = 200;

/** Remembers a row of a part; of a large table those of every second part, and so on. */
async function sample(
  { destination, slots, samples }: MoveContext,
  table: MovedTable,
  span: Span,
): Promise<void> {
  const known = samples.get(table.name)!;
  if (known.length === SAMPLES) samples.set(table.name, known.filter((_, index) => index % 2 === 0));
  const [answer] = await destination.answers(
    `SELECT ${keySql(table)} FROM ${table.sql} WHERE ${
      spanSql(table, span)
    } AND ${table.slot} IN (${slots}) LIMIT 1`,
  );
  for (const row of answer!.rows) samples.get(table.name)!.push(keyLiterals(table, row));
}

/** Whether the samples of all tables are the same on both shards, once the log is empty. Throws DatabaseError. */
export async function areSamplesEqual(
  { source, destination, tables, samples, slots }: MoveContext,
): Promise<boolean> {
  for (const table of tables) {
    const keys = samples.get(table.name) ?? [];
    if (keys.length === 0) continue;
    const where = `${amongSql(table, keys)} AND ${table.slot} IN (${slots})`;
    const [theirs, ours] = await Promise.all([
      checksums(source, table, where),
      checksums(destination, table, where),
    ]);
    const isEqual = theirs.size === ours.size &&
      [...theirs].every(([text, { sum }]) => ours.get(text)?.sum === sum);
    if (!isEqual) return false;
  }
  return true;
}

interface Sums {
  readonly text: string;
  readonly stranger: boolean;
}

async function compareSpan(
  context: MoveContext,
  table: MovedTable,
  span: Span,
): Promise<{ readonly keys: readonly (readonly string[])[]; readonly stranger?: string }> {
  const { source, destination, slots } = context;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await drainTable(context, table, 4);
    const theirs = await sumsOf(source, table, { span, slots });
    const ours = await sumsOf(destination, table, { span, slots });
    if (theirs.stranger || ours.stranger) {
      return { keys: [], stranger: theirs.stranger ? source.name : destination.name };
    }
    if (theirs.text === ours.text) return { keys: [] };
  }
  return {
    keys: await differingRows(context, table, `${spanSql(table, span)} AND ${table.slot} IN (${slots})`),
  };
}

/** Number, sum and XOR of the rows of the slots, and whether there are rows of slots that are not known at all. */
async function sumsOf(
  session: Session,
  table: MovedTable,
  { span, slots }: { readonly span: Span; readonly slots: string },
): Promise<Sums> {
  const isMoving = `${table.slot} IN (${slots})`;
  const [row] = await session.rows(
    `SELECT COUNT(*) AS n, CAST(COALESCE(SUM(c), 0) AS CHAR) AS s, CAST(BIT_XOR(c) AS CHAR) AS x FROM (SELECT ` +
      `${checksumSql(table)} AS c FROM ${table.sql} WHERE ${spanSql(table, span)} AND ${isMoving}) AS moving`,
  );
  const strangers = await session.rows(
    `SELECT 1 AS there FROM ${table.sql} WHERE ${spanSql(table, span)} AND ${table.slot} NOT IN ` +
      "(SELECT slot FROM qs_slots) LIMIT 1",
  );
  return { text: `${row!["n"]} ${row!["s"]} ${row!["x"]}`, stranger: strangers.length > 0 };
}

/** The checksums of rows by their keys. */
async function checksums(
  session: Session,
  table: MovedTable,
  where: string,
): Promise<ReadonlyMap<string, { readonly sum: string; readonly key: readonly string[] }>> {
  const decoder = new TextDecoder();
  const [answer] = await session.answers(
    `SELECT CAST(${checksumSql(table)} AS CHAR) AS c, ${keySql(table)} FROM ${table.sql} WHERE ${where}`,
  );
  return new Map(answer!.rows.map(([sum, ...values]) => {
    const key = keyLiterals(table, values);
    return [keyText(key), { sum: decoder.decode(sum!), key }];
  }));
}

/** Keys of rows that differ, and are not in the log: what is there is still to come. Throws DatabaseError. */
async function differingRows(
  context: MoveContext,
  table: MovedTable,
  where: string,
): Promise<readonly (readonly string[])[]> {
  const { source, destination } = context;
  await drainTable(context, table, 4);
  const theirs = await checksums(source, table, where);
  const ours = await checksums(destination, table, where);
  const found = new Map<string, readonly string[]>();
  for (const [text, { sum, key }] of theirs) if (ours.get(text)?.sum !== sum) found.set(text, key);
  for (const [text, { key }] of ours) if (!theirs.has(text)) found.set(text, key);
  if (found.size === 0) return [];
  // They changed after the log was read, or they are wrong.
  const before = context.touched?.get(table.name);
  context.touched?.set(table.name, new Map());
  await drainTable(context, table);
  const late = context.touched?.get(table.name) ?? new Map();
  for (const [text, key] of late) before?.set(text, key);
  if (before !== undefined) context.touched?.set(table.name, before);
  return [...found].flatMap(([text, key]) => late.has(text) ? [] : [key]);
}

/**
 * Compares the rows that changed since they were compared; those that are equal are forgotten.
 * @returns How many are left. Throws DatabaseError.
 */
export async function compareTouched(context: MoveContext): Promise<number> {
  let left = 0;
  for (const table of context.tables) {
    const touched = context.touched!.get(table.name)!;
    const all = [...touched];
    for (let at = 0; at < all.length; at += KEYS) {
      const part = all.slice(at, at + KEYS);
      const where = `${amongSql(table, part.map(([, key]) => key))} AND ${table.slot} IN (${context.slots})`;
      const [theirs, ours] = await Promise.all([
        checksums(context.source, table, where),
        checksums(context.destination, table, where),
      ]);
      for (const [text] of part) if (theirs.get(text)?.sum === ours.get(text)?.sum) touched.delete(text);
    }
    left += touched.size;
  }
  return left;
}
