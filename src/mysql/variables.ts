import type { Connection } from "../connection/mod.ts";
import { SESSION_VARIABLES } from "./session_variables.ts";

/** The variables to read. Each server knows some of them. */
const NAMES = [
  "server_id",
  "port",
  "hostname",
  "report_host",
  "report_port",
  "gtid_executed",
  "gtid_binlog_pos",
  "server_uuid",
  "server_uid",
  "group_replication_group_name",
  "wsrep_on",
  "aurora_version",
  "sql_mode",
] as const;

/**
 * The server's variables by name, and the optional session variables that it has. A variable that it does not know
 * is absent.
 */
export type Variables = Readonly<Partial<Record<typeof NAMES[number], string>>>;

const OPTIONAL = SESSION_VARIABLES.filter(({ optional }) => optional).map(({ name }) => name);

/**
 * Reads, in one round trip, all variables that identify a server, and which session variables it has. With
 * `@@NAME`, each unknown one would be an error and need a statement of its own. Requires no privilege.
 * @throws {DatabaseError} If the connection is lost.
 */
export async function readVariables(connection: Connection): Promise<Variables> {
  const names = [...NAMES, ...OPTIONAL].map((name) => `'${name}'`).join(", ");
  const rows = await connection.query(`SHOW SESSION VARIABLES WHERE Variable_name IN (${names})`);
  return Object.fromEntries(rows.map((row) => [row["Variable_name"], String(row["Value"] ?? "")]));
}
