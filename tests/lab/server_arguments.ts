import { dirname, join } from "node:path";
import { type Flavor, installer, type Program } from "./discover.ts";

/** What one server's command line is made of. */
export interface ServerPlan {
  readonly folder: string;
  readonly name: string;
  readonly serverId: number;
  readonly port: number;
  readonly isReplica: boolean;
  /** Come last, so they win. */
  readonly extra: readonly string[];
}

const BY_FLAVOR: Readonly<Record<Flavor, readonly string[]>> = {
  mariadb: ["--log-slave-updates", "--gtid-strict-mode=1", "--innodb-log-file-size=32M"],
  mysql: [
    "--log-replica-updates",
    "--gtid-mode=ON",
    "--enforce-gtid-consistency=ON",
    "--mysqlx=OFF",
    "--secure-file-priv=",
    // With it, MySQL 9.7 takes 9 s instead of 3 to shut down: the scheduler's thread spins.
    "--event-scheduler=OFF",
  ],
};

// A commit survives SIGKILL of the server (it is in the kernel's hands), but no fsync is waited for.
const FAST = ["--innodb-flush-log-at-trx-commit=2", "--sync-binlog=0", "--innodb-buffer-pool-size=64M"];

/** The folder of a server's data. */
export function dataFolder(folder: string, name: string): string {
  return join(folder, name);
}

/** The path of a server's socket. */
export function socketPath(folder: string, name: string): string {
  return join(folder, `${name}.sock`);
}

/** The whole command line of a server. */
export function serverCommand(program: Program, plan: ServerPlan): readonly string[] {
  const { folder, name } = plan;
  const readOnly = program.flavor === "mysql" ? ["--read-only", "--super-read-only"] : ["--read-only"];
  return [
    ...program.command,
    ...asUser(),
    `--datadir=${dataFolder(folder, name)}`,
    `--tmpdir=${folder}`,
    `--socket=${socketPath(folder, name)}`,
    `--pid-file=${join(folder, `${name}.pid`)}`,
    "--bind-address=127.0.0.1",
    `--port=${plan.port}`,
    "--skip-name-resolve",
    `--server-id=${plan.serverId}`,
    "--log-bin=bin",
    "--relay-log=relay",
    ...FAST,
    ...BY_FLAVOR[program.flavor],
    ...(plan.isReplica ? readOnly : []),
    ...plan.extra,
  ];
}

/** A shell script that makes the data of each of `names`: once, then copies, which take a tenth of the time. */
export async function initializeScript(
  program: Program,
  folder: string,
  names: readonly string[],
): Promise<string> {
  const master = program.data ?? join(folder, "data");
  const lines = ["set -e"];
  if (program.data === undefined) {
    // A server that starts removes the temporary tables of all others from the folder for them.
    const own = [`--datadir=${master}`, `--tmpdir=${folder}`];
    lines.push(shellLine([...await initializeCommand(program), ...own, ...asUser()]));
    // Each server makes an identity of its own.
    lines.push(shellLine(["rm", "-f", join(master, "auto.cnf")]));
  }
  lines.push(...names.map((name) => shellLine(["cp", "-R", master, dataFolder(folder, name)])));
  return lines.join("\n") + "\n";
}

/** One command as a line of a shell script. */
export function shellLine(command: readonly string[]): string {
  return command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
}

async function initializeCommand(program: Program): Promise<readonly string[]> {
  if (program.flavor === "mysql") return [...program.command, "--initialize-insecure", "--skip-log-bin"];
  const server = program.command[0] ?? "";
  return [
    await installer(server),
    "--no-defaults",
    `--basedir=${dirname(dirname(server))}`,
    "--auth-root-authentication-method=normal",
    "--skip-test-db",
    "--skip-name-resolve",
    "--innodb-log-file-size=32M",
    "--innodb-flush-log-at-trx-commit=0",
  ];
}

/** Servers refuse to run as root unless told so. */
function asUser(): readonly string[] {
  return Deno.uid() === 0 ? ["--user=root"] : [];
}
