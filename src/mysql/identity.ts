import type { Identity, SelfReport } from "../policy/mod.ts";
import type { Capabilities } from "./capabilities.ts";
import { type Connection, DatabaseError, type Row } from "../connection/mod.ts";
import { statusTable } from "./status_table.ts";

/** SQL expressions, by column, for the identity and the role of the server; see {@linkcode reportOf}. */
export function identityColumns(
  { serverName, flavor }: Pick<Capabilities, "serverName" | "flavor">,
): Readonly<Record<string, string>> {
  return {
    server: serverName,
    server_now: "UNIX_TIMESTAMP()",
    read_only: "@@global.read_only",
    uptime: uptimeOf({ flavor }),
  };
}

/**
 * Reads the server's identity from a row.
 * @throws {DatabaseError} `statement`, if the server does not identify itself.
 */
export function reportOf(row: Row | undefined): SelfReport {
  const [server, uptime, started] = [
    row?.["server"],
    Number(row?.["uptime"]),
    Number(row?.["server_now"]) - Number(row?.["uptime"]),
  ];
  if (typeof server !== "string" || !IDENTITY.test(server) || !Number.isSafeInteger(started)) {
    throw new DatabaseError("statement", "the server does not say who it is");
  }
  return { identity: { server, started }, uptime: uptime * 1000, readOnly: Number(row?.["read_only"]) !== 0 };
}

/**
 * Reads the identity, start time and role of a server.
 * @throws {DatabaseError}
 */
export async function readIdentity(connection: Connection, capabilities: Capabilities): Promise<SelfReport> {
  const columns = Object.entries(identityColumns(capabilities)).map(([name, sql]) => `${sql} AS ${name}`);
  const [row] = await connection.query(`SELECT ${columns.join(", ")}`);
  return reportOf(row);
}

/** The allowed characters of a server's identity, which is put into statements. */
const IDENTITY = /^[A-Za-z0-9+/=:._-]{1,200}$/;

/**
 * An SQL condition that is true only in this very server process. The start time may differ by a second, for
 * rounding.
 */
export function isSameServer({ server, started }: Identity, capabilities: Capabilities): string {
  if (!IDENTITY.test(server) || !Number.isSafeInteger(started)) {
    throw new RangeError("not a server's identity");
  }
  return `${capabilities.serverName} = '${server}' AND ` +
    `ABS(UNIX_TIMESTAMP() - ${uptimeOf(capabilities)} - ${started}) <= 1`;
}

function uptimeOf(capabilities: Pick<Capabilities, "flavor">): string {
  const table = statusTable(["Uptime"], capabilities);
  return `(SELECT VARIABLE_VALUE FROM ${table} WHERE VARIABLE_NAME = 'Uptime')`;
}
