import { attempt, Connection, type ConnectionTarget, DatabaseError, works } from "../../connection/mod.ts";
import { quotedName } from "../../text/sql_name.ts";

/**
 * What makes all sessions of the router alike, and a statement mean what the planner reads in it. ONLY_FULL_GROUP_BY:
 * without it a server may answer with any row of a group.
 */
const SETUP = "SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci, " +
  "SESSION sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', " +
  "SESSION time_zone = '+00:00', SESSION autocommit = 1, SESSION group_concat_max_len = 1048576, " +
  "SESSION div_precision_increment = 4, SESSION sql_auto_is_null = 0, SESSION sql_safe_updates = 0";

/**
 * Opens a session of the router.
 * @param milliseconds How long a statement may take; the server ends it then, where it can.
 * @throws {DatabaseError}
 */
export async function openSession(
  target: ConnectionTarget,
  { schema, milliseconds }: { readonly schema: string; readonly milliseconds: number },
): Promise<Connection> {
  const connection = await Connection.open(target, { multipleStatements: true });
  try {
    await connection.query(SETUP);
    await connection.query("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    await connection.query(`USE ${quotedName(schema)}`);
    // In seconds, or in milliseconds and of SELECT only: a server has one or the other.
    if (!await works(connection, `SET SESSION max_statement_time = ${milliseconds / 1000}`)) {
      const set = await attempt(connection, `SET SESSION max_execution_time = ${Math.ceil(milliseconds)}`);
      if (set instanceof DatabaseError) throw set;
    }
    return connection;
  } catch (error) {
    connection.drop();
    throw error;
  }
}
