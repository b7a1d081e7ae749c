import type { Connection, Row } from "./connection.ts";
import { DatabaseError } from "./error.ts";

/** Whether the server takes a statement. A lost connection is thrown. */
export async function works(connection: Connection, sql: string): Promise<boolean> {
  return !(await attempt(connection, sql) instanceof DatabaseError);
}

/** The rows of a statement, or the server's refusal. A lost connection is thrown. */
export async function attempt(connection: Connection, sql: string): Promise<readonly Row[] | DatabaseError> {
  try {
    return await connection.query(sql);
  } catch (error) {
    if (error instanceof DatabaseError && error.kind !== "lost") return error;
    throw error;
  }
}
