import type { Lease } from "../target/mod.ts";
import { type Connection, refusal, type Row } from "../connection/mod.ts";

const LOCK = "'query-sniper'";

/**
 * SQL expressions, by column, that take the lease unless this connection or another one holds it; see {@linkcode
 * leaseOf}. The order matters.
 */
export const LEASE_COLUMNS: Readonly<Record<string, string>> = {
  lease: `IF(IS_USED_LOCK(${LOCK}) <=> CONNECTION_ID(), 1, GET_LOCK(${LOCK}, 0))`,
  lease_holder: `IS_USED_LOCK(${LOCK})`,
};

/** Reads from a row who holds the lease. */
export function leaseOf(row: Row | undefined, connection: Connection): Lease {
  const holder = Number(row?.["lease_holder"] ?? 0);
  return Number(row?.["lease"]) === 1 && holder === connection.id
    ? { state: "held" }
    : { state: "elsewhere", holder };
}

/**
 * Takes the lease in a statement of its own.
 * @throws {DatabaseError} `lost`.
 */
export async function takeLease(connection: Connection): Promise<Lease> {
  try {
    const columns = Object.entries(LEASE_COLUMNS).map(([name, sql]) => `${sql} AS ${name}`);
    const [row] = await connection.query(`SELECT ${columns.join(", ")}`);
    return leaseOf(row, connection);
  } catch (error) {
    return { state: "unavailable", reason: refusal(error).message };
  }
}

/**
 * Describes the holder of the lease, so that a person can find it in the process list.
 * @throws {DatabaseError}
 */
export async function describeHolder(connection: Connection, id: number): Promise<string> {
  if (!Number.isSafeInteger(id) || id <= 0) return "unknown";
  const [row] = await connection.query(
    `SELECT CONCAT(USER, '@', HOST) AS account FROM information_schema.PROCESSLIST WHERE ID = ${id}`,
  );
  return `connection ${id}${row === undefined ? "" : ` of ${row["account"]}`}`;
}

/** An SQL condition that is true while a connection holds the lease. */
export function hasLease(connection: number): string {
  if (!Number.isSafeInteger(connection)) throw new RangeError("not a connection's id");
  return `IS_USED_LOCK(${LOCK}) = ${connection}`;
}
