import { MoveError } from "./contract.ts";
import { literal } from "./column.ts";
import { type Session } from "./session.ts";
import { amongSql, keyLiterals, type MovedTable, rowSql } from "./table.ts";

/** A value as the server sent it. */
export type Value = Uint8Array | null;

/** A row: its values, and the literals of its key. */
export interface MovedRow {
  readonly values: readonly Value[];
  readonly key: readonly string[];
}

/** The most bytes of one statement that writes rows. */
const STATEMENT_BYTES = 2 ** 20;

/** Reads rows. Throws DatabaseError. */
export async function readRows(
  session: Session,
  table: MovedTable,
  where: string,
): Promise<readonly MovedRow[]> {
  const [answer] = await session.answers(`SELECT ${rowSql(table)} FROM ${table.sql} WHERE ${where}`);
  const count = table.columns.length;
  return answer!.rows.map((row) => ({
    values: row.slice(0, count),
    key: keyLiterals(table, row.slice(count)),
  }));
}

/**
 * Makes rows of the destination what they are at the source: those of these keys that are not among the rows are deleted,
 * first: a key that differs in its letters only may be that of a row.
 * @throws {MoveError} Where a row is larger than the destination takes.
 * @throws {DatabaseError}
 */
export async function applyRows(
  destination: Session,
  table: MovedTable,
  { rows, gone, slots }: {
    readonly rows: readonly MovedRow[];
    readonly gone: readonly (readonly string[])[];
    /** Nothing else is deleted. */
    readonly slots: string;
  },
): Promise<void> {
  const statements = [
    ...gone.length === 0
      ? []
      : [`DELETE FROM ${table.sql} WHERE ${amongSql(table, gone)} AND ${table.slot} IN (${slots})`],
    ...replaceSql(table, rows),
  ];
  if (statements.length === 0) return;
  await destination.transaction(async () => {
    for (const sql of statements) {
      try {
        await destination.run(sql);
      } catch (error) {
        if ((error as { errno?: number }).errno === TOO_LARGE) throw tooLarge(table);
        throw error;
      }
    }
  });
}

const TOO_LARGE = 1153;

function tooLarge({ name }: MovedTable): MoveError {
  return new MoveError(
    `a row of "${name}" is larger than the destination takes`,
    "raise max_allowed_packet there",
  );
}

/** Statements that write rows, none of them too long. */
export function* replaceSql(
  table: MovedTable,
  rows: readonly MovedRow[],
): Generator<string, void, undefined> {
  const head = `REPLACE INTO ${table.sql} (${table.columns.map(({ sql }) => sql).join(", ")}) VALUES `;
  let list = "";
  for (const { values } of rows) {
    const row = `(${values.map((value, at) => literal(value, table.columns[at]!)).join(", ")})`;
    if (list !== "" && list.length + row.length > STATEMENT_BYTES) {
      yield head + list;
      list = "";
    }
    list += list === "" ? row : `, ${row}`;
  }
  if (list !== "") yield head + list;
}

/** A key as one text, to be found by. */
export function keyText(key: readonly string[]): string {
  return key.join(",");
}
