import { type Account, ACCOUNTS } from "./account.ts";
import { primaryStatements, replicaStatements, ROOT_STATEMENTS } from "./bootstrap.ts";
import { Client } from "./client.ts";
import { clusterOf, type LabCluster } from "./cluster.ts";
import type { Flavor } from "./discover.ts";
import { Guard } from "./guard.ts";
import { replay, run } from "./pair.ts";
import { initialize, programOf, startServer } from "./start.ts";

/**
 * Starts a primary, its replica, and the replica's replica, in this order, with the bootstrap's accounts and tables.
 * Throws with the end of a server's error log when one does not start; then nothing is left behind.
 */
export async function startChain(flavor: Flavor): Promise<LabCluster> {
  const program = await programOf(flavor);
  const guard = await Guard.start();
  try {
    const names = [`${flavor}-first`, `${flavor}-second`, `${flavor}-third`];
    await initialize(guard, program, names);
    const servers = await Promise.all(
      names.map((name, index) =>
        startServer(guard, program, { name, serverId: index + 1, isReplica: index > 0, extra: [] })
      ),
    );
    const nobody: Account = { ...ACCOUNTS.root, password: "" };
    let source: Client | undefined;
    for (const [index, server] of servers.entries()) {
      const client = await Client.connect(server, nobody, { bySocket: true });
      const above = servers[index - 1];
      await run(
        client,
        above === undefined
          ? [...primaryStatements(flavor), ...ROOT_STATEMENTS]
          : replicaStatements(flavor, above.host, above.port),
      );
      if (source !== undefined) await replay(flavor, source, client);
      await source?.close();
      source = client;
    }
    await source?.close();
    return clusterOf(guard, flavor, servers);
  } catch (error) {
    await guard.stop();
    throw error;
  }
}
