import { type Capabilities, type Connection, DatabaseError } from "../database/mod.ts";
import type { DatabaseName } from "../language/mod.ts";
import type { HealthRead } from "./health_read.ts";
import { readHistory } from "./history.ts";
import { readReplication } from "./replication.ts";
import type { Health } from "./snapshot.ts";
import { readStatus } from "./status.ts";

/** What of a database can be read, and by which round trip. */
const READS: readonly HealthRead[] = [readStatus, readHistory, readReplication];

/**
 * Reads what is needed of a database's health, and always its uptime: no session is older than that.
 * What the server refuses is unknown, with its reason.
 * @throws {DatabaseError} `lost`.
 */
export async function readHealth(
  connection: Connection,
  capabilities: Capabilities,
  needs: ReadonlySet<string>,
): Promise<Health> {
  let health: Health = { flavor: capabilities.flavor };
  for (const read of READS) {
    if (read !== readStatus && !read.names.some((name) => needs.has(name))) continue;
    health = { ...health, ...await orUnknown(read.names, () => read.read(connection, capabilities, health)) };
  }
  return health;
}

async function orUnknown(names: readonly DatabaseName[], read: () => Promise<Health>): Promise<Health> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.kind === "lost") throw error;
    return Object.fromEntries(names.map((name) => [name, { unknown: error.message }]));
  }
}
