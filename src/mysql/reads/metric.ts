import { type Connection, refusal } from "../../connection/mod.ts";
import type { Unknown } from "../../language/mod.ts";

/**
 * Runs the user's own SQL, which must return one number. Any other result is unknown.
 * @throws {DatabaseError} `lost`, also if it took too long.
 */
export async function readMetric(connection: Connection, sql: string): Promise<number | Unknown> {
  try {
    return numberOf(await connection.query(sql));
  } catch (error) {
    return { unknown: `its SQL is refused: ${refusal(error).message}` };
  }
}

function numberOf(rows: Awaited<ReturnType<Connection["query"]>>): number | Unknown {
  const [row = {}] = rows;
  const values = Object.values(row);
  if (rows.length !== 1 || values.length !== 1) {
    return { unknown: `its SQL yields ${rows.length} rows of ${values.length} columns, not one number` };
  }
  const [value] = values;
  if (value === null) return { unknown: "its SQL yields NULL" };
  const number = value === "" ? Number.NaN : Number(value);
  return Number.isFinite(number) ? number : { unknown: "its SQL yields no number" };
}
