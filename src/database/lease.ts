import type { Connection } from "./connection.ts";
import { DatabaseError } from "./error.ts";

/**
 * The right to kill on a server, held as a named lock by the watching connection of one program: it ends
 * with the connection. `holder` is the connection that has it, as a person finds it in the process list.
 */
export type Lease =
  | { readonly state: "held" }
  | { readonly state: "elsewhere"; readonly holder: string }
  | { readonly state: "unavailable"; readonly reason: string };

const LOCK = "'query-sniper'";

/**
 * Takes the lease of a server, unless this connection has it already or another one does.
 * @throws {DatabaseError} `lost`.
 */
export async function takeLease(connection: Connection): Promise<Lease> {
  try {
    const [row] = await connection.query(
      `SELECT IF(IS_USED_LOCK(${LOCK}) <=> CONNECTION_ID(), 1, GET_LOCK(${LOCK}, 0)) AS taken, ` +
        `IS_USED_LOCK(${LOCK}) AS holder`,
    );
    if (Number(row?.["taken"]) === 1 && Number(row?.["holder"]) === connection.id) return { state: "held" };
    return { state: "elsewhere", holder: await describeHolder(connection, Number(row?.["holder"])) };
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.kind === "lost") throw error;
    return { state: "unavailable", reason: error.message };
  }
}

async function describeHolder(connection: Connection, id: number): Promise<string> {
  if (!Number.isSafeInteger(id) || id <= 0) return "unknown";
  const [row] = await connection.query(
    `SELECT CONCAT(USER, '@', HOST) AS account FROM information_schema.PROCESSLIST WHERE ID = ${id}`,
  );
  return `connection ${id}${row === undefined ? "" : ` of ${row["account"]}`}`;
}

/** A condition in SQL that holds while a connection has the lease. */
export function hasLease(connection: number): string {
  if (!Number.isSafeInteger(connection)) throw new RangeError("not a connection's id");
  return `IS_USED_LOCK(${LOCK}) = ${connection}`;
}
