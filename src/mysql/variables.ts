import type { Connection } from "../connection/mod.ts";
import { SESSION_VARIABLES } from "./session_variables.ts";

/** What is asked of all servers; each knows some of them. */
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

/** The server's variables, by name, and those of the session that it knows; absent is what this server does not know. */
export type Variables = Readonly<Partial<Record<typeof NAMES[number], string>>>;

/** Session variables that not all servers know. */
const OPTIONAL = SESSION_VARIABLES.filter(({ optional }) => optional).map(({ name }) => name);

/**
 * Reads all variables that tell what a server is, and which session variables it knows, in one round trip: asked for by
 * `@@NAME`, one that is unknown is an error, and each would take a statement of its own. Takes no privilege.
 * @throws {DatabaseError} Where the connection is lost.
 */
export async function readVariables(connection: Connection): Promise<Variables> {
  const names = [...NAMES, ...OPTIONAL].map((name) => `'${name}'`).join(", ");
  const rows = await connection.query(`SHOW SESSION VARIABLES WHERE Variable_name IN (${names})`);
  return Object.fromEntries(rows.map((row) => [row["Variable_name"], String(row["Value"] ?? "")]));
}
