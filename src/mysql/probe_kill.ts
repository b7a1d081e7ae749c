import { attempt, type Connection, DatabaseError } from "../connection/mod.ts";
import type { KillProcedures } from "./capabilities.ts";
import { gapOf, type PrivilegeGap, type ServerAccount } from "./need.ts";

/** How this account may kill. */
export interface KillProbe {
  readonly procedures: KillProcedures | undefined;
  readonly gaps: readonly PrivilegeGap[];
}

/**
 * KILL if the account has the privilege, otherwise a procedure of the provider that it may execute.
 * @throws {DatabaseError} If the connection is lost.
 */
export async function probeKill(connection: Connection, asked: ServerAccount): Promise<KillProbe> {
  const gaps = await probeKillPrivilege(connection, asked);
  if (gaps.length === 0) return { procedures: undefined, gaps };
  const procedures = await findKillProcedures(connection);
  return procedures === undefined ? { procedures, gaps } : { procedures, gaps: [] };
}

/** The procedures of managed servers (RDS and Aurora, Azure): by connection id, and on MariaDB by query id. */
export const KILL_PROCEDURES = [
  { connection: "rds_kill", query: "rds_kill_query", queryId: "rds_kill_query_id" },
  { connection: "az_kill", query: "az_kill_query", queryId: undefined },
] as const;

/** The server lists only those procedures that this account may execute. */
async function findKillProcedures(connection: Connection): Promise<KillProcedures | undefined> {
  const rows = await attempt(
    connection,
    "SELECT ROUTINE_NAME AS name FROM information_schema.ROUTINES " +
      "WHERE ROUTINE_SCHEMA = 'mysql' AND ROUTINE_TYPE = 'PROCEDURE'",
  );
  if (rows instanceof DatabaseError) return undefined;
  const names = new Set(rows.map((row) => String(row["name"])));
  const found = KILL_PROCEDURES.find(({ connection, query }) => names.has(connection) && names.has(query));
  if (found === undefined) return undefined;
  const { connection: ofConnection, query, queryId } = found;
  return {
    connection: `mysql.${ofConnection}`,
    query: `mysql.${query}`,
    queryId: queryId !== undefined && names.has(queryId) ? `mysql.${queryId}` : undefined,
  };
}

/** A privilege granted through a role is not visible here. The first kill will show whether it works. */
async function probeKillPrivilege(
  connection: Connection,
  asked: ServerAccount,
): Promise<readonly PrivilegeGap[]> {
  return await readKillPrivilege(connection) === "none" ? [gapOf("kill", asked)] : [];
}

/** Whether the account's current grants include the privilege to kill. `unknown`: it may have it through a role. */
export async function readKillPrivilege(connection: Connection): Promise<"granted" | "none" | "unknown"> {
  const rows = await attempt(connection, "SHOW GRANTS");
  if (rows instanceof DatabaseError) return "unknown";
  const grants = rows.map((row) => String(Object.values(row)[0]));
  const global = grants.filter((grant) => / ON \*\.\* TO /.test(grant));
  const byRole = grants.some((grant) => !/ ON /.test(grant));
  const mayKill = global.some((grant) => /\b(ALL PRIVILEGES|SUPER|CONNECTION[_ ]ADMIN)\b/.test(grant));
  return mayKill ? "granted" : byRole ? "unknown" : "none";
}
