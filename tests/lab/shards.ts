import { type Account, ACCOUNTS } from "./account.ts";
import { primaryStatements, ROOT_STATEMENTS } from "./bootstrap.ts";
import { Client } from "./client.ts";
import { clusterOf, type LabCluster } from "./cluster.ts";
import type { Flavor } from "./discover.ts";
import { Guard } from "./guard.ts";
import { run } from "./pair.ts";
import { initialize, programOf, startServer } from "./start.ts";

/**
 * Starts servers that know nothing of each other, with the bootstrap's accounts and tables on each.
 * Throws with the end of a server's error log when one does not start; then nothing is left behind.
 * @param extraOf Arguments for a server, by its place.
 */
export async function startShards(
  flavor: Flavor,
  count: number,
  extraOf: (index: number) => readonly string[] = () => [],
): Promise<LabCluster> {
  const program = await programOf(flavor);
  const guard = await Guard.start();
  try {
    const names = Array.from({ length: count }, (_, index) => `${flavor}-shard-${index + 1}`);
    await initialize(guard, program, names);
    const servers = await Promise.all(
      names.map((name, index) =>
        startServer(guard, program, { name, serverId: index + 1, isReplica: false, extra: extraOf(index) })
      ),
    );
    const nobody: Account = { ...ACCOUNTS.root, password: "" };
    await Promise.all(servers.map(async (server) => {
      await using client = await Client.connect(server, nobody, { bySocket: true });
      await run(client, [...primaryStatements(flavor), ...ROOT_STATEMENTS]);
    }));
    return clusterOf(guard, flavor, servers);
  } catch (error) {
    await guard.stop();
    throw error;
  }
}
