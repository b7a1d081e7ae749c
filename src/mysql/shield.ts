import type { ShieldedAccount } from "../policy/mod.ts";
import { attempt, type Connection, DatabaseError } from "../connection/mod.ts";
import { grantOf, quotedAccount, type ServerAccount } from "./need.ts";

/**
 * The accounts whose sessions this one may not kill; undefined if that is unknown. On MySQL those are accounts with
 * SYSTEM_USER, unless this one has it too: CONNECTION_ADMIN is not enough for them. MariaDB has no such privilege,
 * and CONNECTION ADMIN reaches all (10.11).
 * @throws {DatabaseError} If the connection is lost.
 */
export async function probeShield(
  connection: Connection,
  { flavor }: Pick<ServerAccount, "flavor">,
): Promise<readonly ShieldedAccount[] | undefined> {
  if (flavor === "mariadb") return [];
  const privileges = await attempt(connection, "SHOW PRIVILEGES");
  const isThere = privileges instanceof DatabaseError ||
    privileges.some((row) => String(row["Privilege"]).toUpperCase() === "SYSTEM_USER");
  if (!isThere) return [];
  const grants = await attempt(connection, "SHOW GRANTS");
  const hasItself = !(grants instanceof DatabaseError) &&
    grants.some((row) => /\bSYSTEM_USER\b.* ON \*\.\* TO /.test(String(Object.values(row)[0])));
  if (hasItself) return [];
  const all = await attempt(connection, WITH_ROLES);
  const rows = all instanceof DatabaseError ? await attempt(connection, DIRECT) : all;
  if (rows instanceof DatabaseError) return undefined;
  return rows.map((row) => ({ user: String(row["user"]), host: String(row["host"]) }));
}

const DIRECT = "SELECT USER AS user, HOST AS host FROM mysql.global_grants WHERE PRIV = 'SYSTEM_USER'";

/** An account that was granted a role with the privilege may have it too. */
const WITH_ROLES = `WITH RECURSIVE shielded AS (${DIRECT} UNION SELECT r.TO_USER, r.TO_HOST ` +
  "FROM mysql.role_edges r JOIN shielded s ON r.FROM_USER = s.user AND r.FROM_HOST = s.host) " +
  "SELECT user, host FROM shielded";

/** What would show them, in words for people. */
export function shieldRemedy(user: string): string {
  return grantOf({ word: "SELECT", on: "mysql.global_grants" }, quotedAccount(user, "%"));
}
