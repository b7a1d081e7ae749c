import type { Lease } from "../target/mod.ts";
import { type Connection, refusal, type Row } from "../connection/mod.ts";

const LOCK = "'query-sniper'";

/**
 * Expressions in SQL, by column, that take the lease unless this connection has it already or another one
 * does; see {@linkcode leaseOf}. In this order.
 */
export const LEASE_COLUMNS: Readonly<Record<string, string>> = {
  lease: `IF(IS_USED_LOCK(${LOCK}) <=> CONNECTION_ID(), 1, GET_LOCK(${LOCK}, 0))`,
  lease_holder: `IS_USED_LOCK(${LOCK})`,
};

/** Who has the lease now. */
export function leaseOf(row: Row | undefined, connection: Connection): Lease {
  const holder = Number(row?.["lease_holder"] ?? 0);
  return Number(row?.["lease"]) === 1 && holder === connection.id
    ? { state: "held" }
    : { state: "elsewhere", holder };
}

/**
 * Takes the lease by itself.
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
 * Who holds the lease, as a person finds it in the process list.
 * @throws {DatabaseError}
 */
export async function describeHolder(connection: Connection, id: number): Promise<string> {
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
