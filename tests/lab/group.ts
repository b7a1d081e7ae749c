import { type Account, ACCOUNTS } from "./account.ts";
import { primaryStatements, ROOT_STATEMENTS } from "./bootstrap.ts";
import { Client } from "./client.ts";
import { clusterOf, type LabCluster } from "./cluster.ts";
import { Guard } from "./guard.ts";
import { run } from "./pair.ts";
import type { LabServer } from "./server.ts";
import { freePort, initialize, programOf, startServer } from "./start.ts";
import { waitFor } from "./wait_for.ts";

const MEMBERS = ["mysql-member-1", "mysql-member-2", "mysql-member-3"] as const;
const JOIN_MS = 60_000;

/**
 * Starts a group of three MySQL servers on loopback (Group Replication, single-primary), with the bootstrap's
 * accounts and tables on all of them. Throws with the end of a server's error log when one does not start; then
 * nothing is left behind.
 */
export async function startGroup(): Promise<LabCluster> {
  const program = await programOf("mysql");
  const guard = await Guard.start();
  try {
    await initialize(guard, program, MEMBERS);
    const group = crypto.randomUUID();
    const seeds = MEMBERS.map(() => `127.0.0.1:${freePort()}`);
    const servers = await Promise.all(MEMBERS.map((name, index) =>
      startServer(guard, program, {
        name,
        serverId: index + 1,
        isReplica: false,
        extra: memberArguments(group, seeds, index),
      })
    ));
    await form(servers);
    return clusterOf(guard, "mysql", servers);
  } catch (error) {
    await guard.stop();
    throw error;
  }
}

function memberArguments(group: string, seeds: readonly string[], index: number): readonly string[] {
  return [
    "--plugin-load-add=group_replication.so",
    "--report-host=127.0.0.1",
    `--group-replication-group-name=${group}`,
    "--group-replication-start-on-boot=OFF",
    `--group-replication-local-address=${seeds[index]}`,
    `--group-replication-group-seeds=${seeds.join(",")}`,
    "--group-replication-ip-allowlist=127.0.0.1/8",
    // Without TLS, caching_sha2_password sends the password encrypted with the other member's key.
    "--group-replication-recovery-get-public-key=ON",
  ];
}

/** The first server makes the group, and what it is given then comes to the others as they join. */
async function form(servers: readonly LabServer[]): Promise<void> {
  const { user, password } = ACCOUNTS.replication;
  const [first, ...others] = servers;
  const nobody: Account = { ...ACCOUNTS.root, password: "" };
  await using primary = await Client.connect(first!, nobody, { bySocket: true });
  await run(primary, [
    "RESET BINARY LOGS AND GTIDS",
    "SET GLOBAL group_replication_bootstrap_group = ON",
    "START GROUP_REPLICATION",
    "SET GLOBAL group_replication_bootstrap_group = OFF",
    ...primaryStatements("mysql"),
    `GRANT CONNECTION_ADMIN, BACKUP_ADMIN, GROUP_REPLICATION_STREAM ON *.* TO ${user}@'%'`,
    ...ROOT_STATEMENTS,
  ]);
  for (const server of others) {
    await using client = await Client.connect(server, nobody, { bySocket: true });
    await run(client, [
      "RESET BINARY LOGS AND GTIDS",
      `CHANGE REPLICATION SOURCE TO SOURCE_USER = '${user}', SOURCE_PASSWORD = '${password}'
        FOR CHANNEL 'group_replication_recovery'`,
      "START GROUP_REPLICATION",
    ]);
  }
  await waitFor("all members of the group to be online", async () => {
    const online = await primary.query(
      "SELECT * FROM performance_schema.replication_group_members WHERE MEMBER_STATE = 'ONLINE'",
    );
    return online.length === servers.length;
  }, { timeoutMs: JOIN_MS });
}
