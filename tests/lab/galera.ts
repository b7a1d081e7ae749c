import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Account, ACCOUNTS } from "./account.ts";
import { primaryStatements, ROOT_STATEMENTS } from "./bootstrap.ts";
import { Client } from "./client.ts";
import { clusterOf, type LabCluster } from "./cluster.ts";
import type { Program } from "./discover.ts";
import { Guard } from "./guard.ts";
import { run } from "./pair.ts";
import type { LabServer } from "./server.ts";
import { dataFolder, shellLine } from "./server_arguments.ts";
import { freePort, initialize, programOf, runScript, startServer } from "./start.ts";
import { waitFor } from "./wait_for.ts";

const NODES = ["mariadb-node-1", "mariadb-node-2"] as const;
const READY_MS = 60_000;
/** Where Debian's package galera-4 and those of others put it. */
const PROVIDERS = ["/usr/lib/galera/libgalera_smm.so", "/usr/lib64/galera-4/libgalera_smm.so"] as const;

/**
 * Starts a Galera cluster of two MariaDB nodes on loopback, with the bootstrap's accounts and tables on both.
 * Throws what to install where there is no Galera, and with the end of a server's error log when one does not
 * start; then nothing is left behind.
 */
export async function startGalera(): Promise<LabCluster> {
  const program = await programOf("mariadb");
  const provider = await providerOf(program);
  const guard = await Guard.start();
  try {
    const cluster = { guard, program: withScripts(program), provider, address: `127.0.0.1:${freePort()}` };
    await initialize(guard, program, [NODES[0]]);
    const first = await startNode(cluster, 0);
    // Its data have no place in the cluster's history before it was in one, and a node needs one to join.
    await ready(first, "");
    await first.stop();
    await runScript(guard, "copy", copyScript(guard.folder));
    await first.start();
    await ready(first, "");
    const second = await startNode(cluster, 1);
    await ready(second, "");
    await bootstrap(first);
    await ready(second);
    return clusterOf(guard, "mariadb", [first, second]);
  } catch (error) {
    await guard.stop();
    throw error;
  }
}

interface Cluster {
  readonly guard: Guard;
  readonly program: Program;
  readonly provider: string;
  /** Of the first node, for the others of the cluster. */
  readonly address: string;
}

async function providerOf({ command: [server = ""] }: Program): Promise<string> {
  // A server that was fetched has its own.
  const fetched = join(dirname(server), "usr/lib/galera/libgalera_smm.so");
  for (const path of [fetched, ...PROVIDERS]) {
    if (await Deno.stat(path).catch(() => undefined)) return path;
  }
  throw new Error("No Galera on this machine: apt-get install galera-4");
}

/** The server finds the script of a state transfer on its path. */
function withScripts(program: Program): Program {
  const scripts = dirname(fileURLToPath(new URL("./wsrep_sst_lab", import.meta.url)));
  const path = `PATH=${scripts}:${Deno.env.get("PATH") ?? "/usr/bin:/bin"}`;
  return { ...program, command: ["/usr/bin/env", path, ...program.command] };
}

async function startNode({ guard, program, provider, address }: Cluster, index: number): Promise<LabServer> {
  const name = NODES[index]!;
  const own = index === 0 ? address : `127.0.0.1:${freePort()}`;
  const options = [
    "base_host=127.0.0.1",
    `base_port=${own.split(":")[1]}`,
    `gmcast.listen_addr=tcp://${own}`,
    `ist.recv_addr=127.0.0.1:${freePort()}`,
    "gcache.size=8M",
  ];
  const extra = [
    "--binlog-format=ROW",
    "--innodb-autoinc-lock-mode=2",
    "--gtid-strict-mode=0",
    "--wsrep-on=ON",
    `--wsrep-provider=${provider}`,
    `--wsrep-provider-options=${options.join(";")}`,
    "--wsrep-cluster-name=lab",
    `--wsrep-node-name=${name}`,
    "--wsrep-node-address=127.0.0.1",
    "--wsrep-sst-method=lab",
    `--wsrep-sst-receive-address=127.0.0.1:${freePort()}`,
    ...(index === 0
      ? ["--wsrep-new-cluster", "--wsrep-cluster-address=gcomm://"]
      : [`--wsrep-cluster-address=gcomm://${address}`]),
  ];
  return await startServer(guard, program, { name, serverId: index + 1, isReplica: false, extra });
}

function copyScript(folder: string): string {
  const [from, to] = NODES.map((name) => dataFolder(folder, name));
  const value = (key: string) => `sed -n 's/^${key}: *//p' ${join(to!, "grastate.dat")}`;
  return [
    "set -e",
    shellLine(["cp", "-R", from!, to!]),
    shellLine(["rm", "-f", join(to!, "galera.cache"), join(to!, "gvwstate.dat")]),
    `echo "$(${value("uuid")}):$(${value("seqno")})" >${join(to!, "lab_position")}`,
    "",
  ].join("\n");
}

/** A node greets before it is a part of the cluster. */
async function ready(server: LabServer, password: string = ACCOUNTS.root.password): Promise<void> {
  await waitFor(`"${server.name}" to be a part of the cluster`, async () => {
    try {
      const account: Account = { ...ACCOUNTS.root, password };
      await using client = await Client.connect(server, account, { bySocket: true });
      const [status] = await client.query("SHOW GLOBAL STATUS LIKE 'wsrep_ready'");
      return status?.Value === "ON";
    } catch {
      return false; // it is not there yet
    }
  }, { timeoutMs: READY_MS });
}

async function bootstrap(server: LabServer): Promise<void> {
  const nobody: Account = { ...ACCOUNTS.root, password: "" };
  await using client = await Client.connect(server, nobody, { bySocket: true });
  await run(client, [...primaryStatements("mariadb"), ...ROOT_STATEMENTS]);
}
