import {
  type Capabilities,
  type Connection,
  DatabaseError,
  readIdentity,
  type SelfReport,
} from "../database/mod.ts";
import type { DatabaseName } from "../language/mod.ts";
import type { HealthRead } from "./health_read.ts";
import { readHistory } from "./history.ts";
import { readReplication } from "./replication.ts";
import type { Health } from "./snapshot.ts";
import { readStatus } from "./status.ts";

/** What of a database can be read, and by which round trip. */
const READS: readonly HealthRead[] = [readStatus, readHistory, readReplication];

/** A database's health, and who it is that reports it. */
export interface HealthReport {
  readonly health: Health;
  readonly report: SelfReport;
}

/**
 * Reads who the server is, and what is needed of its health. What it refuses is unknown, with its reason.
 * @throws {DatabaseError} `lost`; `statement` where it does not say who it is.
 */
export async function readHealth(
  connection: Connection,
  capabilities: Capabilities,
  needs: ReadonlySet<string>,
): Promise<HealthReport> {
  const report = await readIdentity(connection, capabilities);
  let health: Health = {
    flavor: capabilities.flavor,
    uptime: report.uptime,
    read_only: report.readOnly,
  };
  for (const read of READS) {
    if (!read.names.some((name) => needs.has(name))) continue;
    health = { ...health, ...await orUnknown(read.names, () => read.read(connection, capabilities, health)) };
  }
  return { health, report };
}

async function orUnknown(names: readonly DatabaseName[], read: () => Promise<Health>): Promise<Health> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.kind === "lost") throw error;
    return Object.fromEntries(names.map((name) => [name, { unknown: error.message }]));
  }
}
