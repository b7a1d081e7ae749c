import { assertEquals } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { type Account, Client, type LabPair, type LabServer, startPair } from "../lab/mod.ts";
import { runProgram } from "../program.ts";
import { errorOf, runOnce, writeConfig } from "../integration/fixture.ts";

/** A server's settings beside which holds are shown in another way, or not at all. */
export interface Setting {
  readonly flavor: LabPair["flavor"];
  readonly name: string;
  readonly serverArguments: readonly string[];
  /** MariaDB's plugin. */
  readonly plugin?: true;
  /** Whether the server shows what connections hold. */
  readonly shows: boolean;
  /** Whether it shows what clients call themselves. */
  readonly programs: boolean;
}

/** Of all of them. */
export const SETTINGS: readonly Setting[] = [
  { flavor: "mysql", name: "mysql", serverArguments: [], shows: true, programs: true },
  {
    flavor: "mysql",
    name: "mysql without its performance schema",
    serverArguments: ["--performance-schema=OFF"],
    shows: false,
    programs: false,
  },
  { flavor: "mariadb", name: "mariadb", serverArguments: [], shows: false, programs: false },
  {
    flavor: "mariadb",
    name: "mariadb with its plugin",
    serverArguments: [],
    plugin: true,
    shows: true,
    programs: false,
  },
  {
    flavor: "mariadb",
    name: "mariadb with its performance schema",
    serverArguments: [
      "--performance-schema=ON",
      "--performance-schema-instrument=wait/lock/metadata/sql/mdl=ON",
    ],
    shows: true,
    programs: true,
  },
];

/** May lock whatever can be locked, and is no system user. */
const KEEPER: Account = { user: "keeper", password: "keeper" };

/** A pair with these settings, and an account that may lock. */
export async function startWith({ flavor, serverArguments, plugin }: Setting): Promise<LabPair> {
  const pair = await startPair(flavor, { serverArguments, alone: true });
  await using root = await Client.connect(pair.primary);
  if (plugin) await root.query("INSTALL SONAME 'metadata_lock_info'");
  for (const table of TABLES) {
    await root.query(`CREATE TABLE test.${table} (id INT PRIMARY KEY) ENGINE = InnoDB`);
  }
  await errorOf(root.query("GRANT SELECT ON performance_schema.* TO sniper@'%'"));
  await root.query("CREATE USER keeper@'%' IDENTIFIED BY 'keeper'");
  await root.query("GRANT ALL ON test.* TO keeper@'%'");
  await root.query("GRANT RELOAD ON *.* TO keeper@'%'");
  if (flavor === "mysql") {
    await root.query("GRANT BACKUP_ADMIN, SESSION_VARIABLES_ADMIN ON *.* TO keeper@'%'");
  }
  return pair;
}

/** Tables that nobody else locks. */
export const TABLES = ["kept_1", "kept_2", "kept_3", "kept_4", "kept_5", "kept_6"] as const;

/** A client that holds something. Its statements are over when this returns. */
export async function keeperWith(
  server: LabServer,
  statements: readonly string[],
  program = "",
): Promise<Client> {
  const connectAttributes = { program_name: program };
  const client = await Client.connect(server, KEEPER, {
    database: "test",
    ...program !== "" && { connectAttributes },
  });
  for (const statement of statements) await client.query(statement);
  return client;
}

/** What one client is to do, and what it calls itself. */
export interface Kept {
  readonly statements: readonly string[];
  readonly program?: string;
}

/** Clients that hold something, and have done nothing for as long as the policy wants. */
export async function keepersWith(
  server: LabServer,
  kept: readonly Kept[],
): Promise<AsyncDisposable & { readonly clients: readonly Client[] }> {
  const clients: Client[] = [];
  for (const { statements, program } of kept) clients.push(await keeperWith(server, statements, program));
  await rest();
  return {
    clients,
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}

/** Waits until clients are idle for as long as the policy wants, also where a server tells whole seconds. */
export async function rest(): Promise<void> {
  await systemClock.sleep(1200);
}

/** The policy that ends idle connections, or those that `where` is true for. */
export function idlePolicy(where = "idle and idle_time > 500ms"): string {
  return `policies: [{ name: p, rollback: any, where: "user = 'keeper' and (${where})", then: kill connection }]`;
}

/** What was said of a session by `explain`, a dry run, and a run that kills. */
interface Verdicts {
  readonly explained: string;
  readonly rehearsed: string;
  readonly enforced: string;
}

/** What all three say of one that is to be ended. */
const ENDED: Verdicts = { explained: "kill", rehearsed: "would-kill", enforced: "killed" };
/** What all three say of one that is never selected. */
export const NEVER: Verdicts = { explained: "never", rehearsed: "nothing", enforced: "nothing" };

/** Asks all three of them about sessions. */
export async function verdictsOn(
  server: LabServer,
  rules: string,
  clients: readonly Client[],
): Promise<readonly Verdicts[]> {
  const config = { rules, databases: [server] };
  await using written = await writeConfig(config);
  const { stdout } = await runProgram(["explain", "-c", written.file, "--format", "json"]);
  const { sessions } = JSON.parse(stdout) as Explained;
  const [rehearsed, enforced] = [await killsBy(config, "dry-run"), await killsBy(config, "enforce")];
  return clients.map(({ id }) => {
    const told = sessions.find(({ session }) => session.id === id);
    const [verdict] = told?.verdicts ?? [];
    return {
      explained: told?.never === undefined
        ? verdict?.reason ?? verdict?.decision ?? `selects: ${verdict?.selects}`
        : "never",
      rehearsed: rehearsed.get(id) ?? "nothing",
      enforced: enforced.get(id) ?? "nothing",
    };
  });
}

/** What `once` makes of sessions: the outcome, or the reason for which one is skipped. */
async function killsBy(
  config: { readonly rules: string; readonly databases: readonly LabServer[] },
  mode: "dry-run" | "enforce",
): Promise<ReadonlyMap<number, string>> {
  const { stdout } = await runOnce({ ...config, mode });
  const lines = stdout.trim().split("\n").map((line) => JSON.parse(line) as KillLine);
  return new Map(
    lines.flatMap(({ event, reason, outcome = "", session }) =>
      event === "kill" && session !== undefined ? [[session.id, reason ?? outcome]] : []
    ),
  );
}

interface Explained {
  readonly sessions: readonly {
    readonly session: { readonly id: number };
    readonly never?: string;
    readonly verdicts: readonly {
      readonly selects: boolean | null;
      readonly decision?: string;
      readonly reason?: string;
    }[];
  }[];
}

interface KillLine {
  readonly event: string;
  readonly outcome?: string;
  readonly reason?: string;
  readonly session?: { readonly id: number };
}

/** Demands that all three spare sessions for the same reason, and that they are there afterwards. */
export async function assertSparedFor(
  server: LabServer,
  clients: readonly Client[],
  { reason, rules }: { readonly reason: string; readonly rules: string },
): Promise<void> {
  const verdicts = await verdictsOn(server, rules, clients);
  const spared = { explained: reason, rehearsed: reason, enforced: reason };
  assertEquals(verdicts, clients.map(() => spared));
  for (const client of clients) assertEquals(await errorOf(client.query("DO 0")), 0);
}

/** Demands that all three would end sessions, and that they are gone afterwards. */
export async function assertEnded(
  server: LabServer,
  clients: readonly Client[],
  rules: string,
): Promise<void> {
  const verdicts = await verdictsOn(server, rules, clients);
  assertEquals(verdicts, clients.map(() => ENDED));
  for (const client of clients) assertEquals(await errorOf(client.query("DO 0")), -1);
}
