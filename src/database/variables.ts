import type { Connection } from "./connection.ts";

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
] as const;

/** The server's global variables, by name; absent is what this server does not know. */
export type Variables = Readonly<Partial<Record<typeof NAMES[number], string>>>;

/**
 * Reads all variables that tell what a server is, in one round trip: asked for by `@@NAME`, one that is unknown is an
 * error, and each would take a statement of its own. Takes no privilege.
 * @throws {DatabaseError} Where the connection is lost.
 */
export async function readVariables(connection: Connection): Promise<Variables> {
  const names = NAMES.map((name) => `'${name}'`).join(", ");
  const rows = await connection.query(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names})`);
  return Object.fromEntries(rows.map((row) => [row["Variable_name"], String(row["Value"] ?? "")]));
}
