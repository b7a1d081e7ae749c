import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { systemClock } from "../../src/clock.ts";
import {
  type Account,
  ACCOUNTS,
  Client,
  type Flavor,
  type LabPair,
  type LabServer,
  type PairOptions,
  requireFlavors,
  startPair,
  waitFor,
} from "../lab/mod.ts";
import { type LoggedEvent, type ProgramResult, type RunningProgram, startProgram } from "../program.ts";

/**
 * A case on real servers: it has the pair to itself, and leaves it as it found it. What is so of one flavor alone is a case
 * of that one: of the other it is not told to have passed.
 */
export type Case = readonly [name: string, run: (pair: LabPair) => Promise<void>, only?: Flavor];

/**
 * Runs all cases on each flavor that the machine has, one pair for each flavor; or one primary alone, where no case needs
 * the replica.
 */
export async function onEachFlavor(
  subject: string,
  cases: readonly Case[],
  options: Pick<PairOptions, "alone"> = {},
): Promise<void> {
  for (const flavor of await requireFlavors()) {
    Deno.test(`${subject} on ${flavor}`, async (t) => {
      await using pair = await startPair(flavor, options);
      for (const [name, run, only = flavor] of cases) {
        await t.step({ name, ignore: only !== flavor, fn: () => run(pair) });
      }
    });
  }
}

/** A configuration in a folder of its own, with credentials for the databases that it names. */
export interface ConfigText {
  readonly mode?: "dry-run" | "enforce";
  /** YAML of everything but `databases`. */
  readonly rules: string;
  readonly databases: readonly (string | LabServer)[];
  readonly account?: Account;
  /** More of the credentials file. */
  readonly credentials?: string;
}

/** Writes a configuration and its credentials; looks every 100 ms. Disposing of it removes the folder. */
export async function writeConfig(
  { mode = "enforce", rules, databases, account = ACCOUNTS.sniper, credentials = "" }: ConfigText,
): Promise<AsyncDisposable & { readonly file: string; readonly folder: string }> {
  const folder = await Deno.makeTempDir({ prefix: "query-sniper-test-" });
  const file = join(folder, "query-sniper.yaml");
  const rows = databases.map((database) =>
    typeof database === "string"
      ? database
      : `{ name: ${database.name}, host: ${database.host}, port: ${database.port} }`
  );
  const list = rows.map((row) => `  - ${row}`).join("\n");
  // A lab has few sessions: the usual share of them would be one.
  const share = "budget: { share: 100%";
  const budgeted = /^\s*budget:/m.test(rules)
    ? dedent(rules).replace(/^budget: \{(?!.*share)/m, `${share},`)
    : `${share} }\n${dedent(rules)}`;
  const top = `mode: ${mode}\ninterval: 100ms\n${budgeted}`;
  await Deno.writeTextFile(file, `${top}\ndatabases:\n${list}\n`);
  const { user, password } = account;
  await Deno.writeTextFile(
    join(folder, "credentials.yaml"),
    `default: { user: ${user}, password: ${password} }\n${credentials}`,
    {
      mode: 0o600,
    },
  );
  return { file, folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

/** The program while it runs on a configuration. */
export interface Sniper extends AsyncDisposable {
  readonly program: RunningProgram;
  /** Where its configuration and its journal are. */
  readonly folder: string;
  /** Its events so far. */
  events(): readonly LoggedEvent[];
  /** Its `kill` events so far, each as `OUTCOME ID`, or for what is skipped `REASON ID`. */
  kills(): readonly string[];
  event(what: string, test: (event: LoggedEvent) => boolean): Promise<LoggedEvent>;
  stop(signal?: Deno.Signal): Promise<ProgramResult>;
}

/** Starts the service on a configuration. */
export async function startSniper(config: ConfigText, args: readonly string[] = []): Promise<Sniper> {
  const written = await writeConfig(config);
  const program = startProgram(["run", "-c", written.file, "--log-format", "json", ...args]);
  return {
    program,
    folder: written.folder,
    events: () => program.lines.map((line) => JSON.parse(line) as LoggedEvent),
    kills: () => killsOf(program.lines),
    event: (what, test) => program.event(what, test),
    stop: (signal) => program.stop(signal),
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
      await written[Symbol.asyncDispose]();
    },
  };
}

/** The `kill` events among lines of JSON, each as `OUTCOME ID`, or for what is skipped `REASON ID`. */
export function killsOf(lines: readonly string[]): readonly string[] {
  return lines.map((line) => JSON.parse(line) as LoggedEvent)
    .filter(({ event }) => event === "kill")
    .map((event) => `${event["reason"] ?? event["outcome"]} ${(event["session"] as { id: number }).id}`);
}

/** Runs `once` on a configuration. */
export async function runOnce(config: ConfigText, args: readonly string[] = []): Promise<ProgramResult> {
  await using written = await writeConfig(config);
  const program = startProgram(["once", "-c", written.file, "--log-format", "json", ...args]);
  return await program.ended;
}

/** The number of the error that a killed statement ends with: `Query execution was interrupted`. */
export const INTERRUPTED = 1317;

/** A statement under way; `error` is the server's number once it failed, and 0 once it succeeded. */
export interface Running {
  readonly id: number;
  readonly error: Promise<number>;
}

/** A query that runs for `seconds` unless it is ended: then its client gets an error on both flavors. */
export function slowQuery(seconds: number, note = "sesame-4711"): string {
  return `SELECT '${note}' AS note, SLEEP(${seconds / 2}) FROM (SELECT 1 UNION ALL SELECT 2) AS two`;
}

/** Leaves the program time for what it must not do: what comes next in a test demands that it did not do it. */
export function nothingHappensFor(milliseconds: number): Promise<void> {
  return systemClock.sleep(milliseconds);
}

/** Starts a statement without waiting for it. */
export function start(client: Client, sql: string): Running {
  return { id: client.id, error: errorOf(client.query(sql)) };
}

/**
 * Demands that a statement was spared: that it runs on, whatever was done meanwhile. Then it is ended, so that it can
 * be one that outlives any program, however slow the machine is.
 */
export async function assertSpared(server: LabServer, { id, error }: Running): Promise<void> {
  await using root = await Client.connect(server);
  const sql = "SELECT COMMAND AS command FROM information_schema.PROCESSLIST WHERE ID = ?";
  const rows = await waitFor(
    "MariaDB to show more of the session than that its data are locked",
    async () => {
      const rows = await root.query(sql, [id]);
      return rows[0]?.["command"] === "Busy" ? undefined : rows;
    },
  );
  assertEquals(rows, [{ command: "Query" }]);
  await root.query(`KILL QUERY ${id}`);
  assertEquals(await error, INTERRUPTED);
}

/** What a server was asked while something was done, by its general log; that of one user, or of all. */
export async function loggedDuring(
  server: LabServer,
  act: () => Promise<void>,
  { user = "" }: { readonly user?: string } = {},
): Promise<readonly string[]> {
  await using root = await Client.connect(server);
  await root.query("SET GLOBAL log_output = 'TABLE'");
  const [begun] = await root.query("SELECT CAST(NOW(6) AS CHAR) AS at");
  await root.query("SET GLOBAL general_log = 1");
  await act();
  await root.query("SET GLOBAL general_log = 0");
  const sql = "SELECT CONVERT(argument USING utf8mb4) AS text FROM mysql.general_log " +
    "WHERE event_time >= ? AND user_host LIKE ?";
  return (await root.query(sql, [begun!["at"], `${user}%`])).map(({ text }) => String(text));
}

/** The number of the error that a statement ends with; 0 without one, -1 where the connection ended. */
export function errorOf(result: Promise<unknown>): Promise<number> {
  return result.then(() => 0, (error: { errno?: number; fatal?: boolean }) => {
    // MariaDB says goodbye with 1927 before it hangs up.
    return error.errno === undefined || error.errno < 0 || error.errno === 1927 ? -1 : error.errno;
  });
}

/** Connects several clients as the application. */
export async function appClients(
  server: LabServer,
  count: number,
): Promise<AsyncDisposable & { readonly clients: readonly Client[] }> {
  const clients = await Promise.all(
    Array.from({ length: count }, () => Client.connect(server, ACCOUNTS.app, { database: "test" })),
  );
  return {
    clients,
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}

/** The lines that a program printed. */
export function linesOf({ stdout }: Pick<ProgramResult, "stdout">): readonly string[] {
  return stdout.trim().split("\n");
}

/** MariaDB shows who holds metadata locks by a plugin, until this is disposed of; MySQL does so by itself. */
export async function withLockInfo({ flavor }: LabPair, server: LabServer): Promise<AsyncDisposable> {
  const root = await Client.connect(server);
  if (flavor === "mariadb") await root.query("INSTALL SONAME 'metadata_lock_info'");
  return {
    async [Symbol.asyncDispose]() {
      if (flavor === "mariadb") await errorOf(root.query("UNINSTALL SONAME 'metadata_lock_info'"));
      await root.close();
    },
  };
}

/** Demands that the program ended well, told nothing on standard error, and leaked no literal. */
export function assertCleanEnd({ code, stdout, stderr }: ProgramResult, expected = 0): void {
  assertEquals({ code, stderr }, { code: expected, stderr: "" });
  // The names of temporary folders are random.
  assertEquals(/\b4711\b/.test(stdout), false, `a literal is in the output: ${stdout}`);
}

/** YAML as it stands indented in a test, moved to the left margin. */
function dedent(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const indent = Math.min(...lines.map((line) => line.search(/\S/)));
  return lines.map((line) => line.slice(indent)).join("\n");
}
