import type { Chronicle } from "../journal/mod.ts";
import type { Identity } from "../policy/mod.ts";
import type { TargetConnection } from "../target/mod.ts";

/**
 * Asks a target how often statements ran that were killed there, and tells the chronicle. This runs beside the looks, and
 * never fails: what cannot be read stays unknown.
 */
export async function keepExecutions(
  { executions }: TargetConnection,
  { database, server, chronicle }: {
    readonly database: string;
    readonly server: Identity | undefined;
    readonly chronicle: Chronicle | undefined;
  },
): Promise<void> {
  if (executions === undefined || chronicle === undefined || server === undefined) return;
  const digests = chronicle.killedDigests(database);
  if (digests.length === 0) return;
  const counts = await executions(digests);
  if (counts !== undefined) chronicle.executed(database, `${server.server} ${server.started}`, counts);
}
