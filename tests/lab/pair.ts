import { join } from "node:path";
import { type Account, ACCOUNTS } from "./account.ts";
import { primaryStatements, replicaStatements, ROOT_STATEMENTS } from "./bootstrap.ts";
import { Client } from "./client.ts";
import {
  findPrograms,
  type Flavor,
  FLAVORS,
  missingMessage,
  NoServerError,
  type Program,
} from "./discover.ts";
import { Guard } from "./guard.ts";
import { type LabServer, Server, ServerStartError, tail } from "./server.ts";
import { initializeScript } from "./server_arguments.ts";
import { waitFor } from "./wait_for.ts";

const INITIALIZE_MS = 60_000;
const CATCH_UP_SECONDS = 60;

/** A primary and its GTID replica. */
export interface LabPair extends AsyncDisposable {
  readonly flavor: Flavor;
  /** The temporary folder with everything that belongs to the pair. */
  readonly folder: string;
  readonly primary: LabServer;
  readonly replica: LabServer;
  /** Kills both servers and removes the folder; returns when all of it is gone. */
  stop(): Promise<void>;
}

/** How a pair is started. */
export interface PairOptions {
  /** For both servers' command lines; they win over the lab's own. */
  readonly serverArguments?: readonly string[];
}

let programs: Promise<readonly Program[]> | undefined;

function knownPrograms(): Promise<readonly Program[]> {
  programs ??= findPrograms();
  return programs;
}

/** The flavors that this machine has a server of; empty where there is none. */
export async function availableFlavors(): Promise<readonly Flavor[]> {
  return (await knownPrograms()).map(({ flavor }) => flavor);
}

/**
 * The flavors to test on. A flavor that is missing is named on the standard error at the end of the run, where
 * it is seen. Throws NoServerError, which says what to install, where there is no server at all.
 */
export async function requireFlavors(): Promise<readonly Flavor[]> {
  const available = await availableFlavors();
  if (available.length === 0) throw new NoServerError();
  const missing = FLAVORS.filter((flavor) => !available.includes(flavor));
  globalThis.addEventListener("unload", () => {
    for (const flavor of missing) {
      Deno.stderr.writeSync(new TextEncoder().encode(`\n*** ${missingMessage(flavor)}\n`));
    }
  });
  return available;
}

/**
 * Starts a primary and its replica, with the bootstrap's accounts and tables on both.
 * Throws with the end of a server's error log when it does not start; then nothing is left behind.
 */
export async function startPair(flavor: Flavor, options: PairOptions = {}): Promise<LabPair> {
  const known = await knownPrograms();
  const program = known.find((each) => each.flavor === flavor);
  if (!program) throw known.length === 0 ? new NoServerError() : new Error(missingMessage(flavor));
  const guard = await Guard.start();
  try {
    const extra = options.serverArguments ?? [];
    const names = [`${flavor}-primary`, `${flavor}-replica`] as const;
    await initialize(guard, program, names);
    const [primary, replica] = await Promise.all([
      startServer(guard, program, { name: names[0], serverId: 1, isReplica: false, extra }),
      startServer(guard, program, { name: names[1], serverId: 2, isReplica: true, extra }),
    ]);
    const pair = new Pair(guard, primary, replica);
    await bootstrap(pair);
    return pair;
  } catch (error) {
    await guard.stop();
    throw error;
  }
}

class Pair implements LabPair {
  readonly #guard: Guard;
  readonly primary: LabServer;
  readonly replica: LabServer;

  constructor(guard: Guard, primary: LabServer, replica: LabServer) {
    this.#guard = guard;
    this.primary = primary;
    this.replica = replica;
  }

  get flavor(): Flavor {
    return this.primary.flavor;
  }

  get folder(): string {
    return this.#guard.folder;
  }

  async stop(): Promise<void> {
    await this.#guard.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

async function initialize(
  guard: Guard,
  program: Program,
  names: readonly string[],
): Promise<void> {
  const { folder } = guard;
  await Deno.writeTextFile(join(folder, "initialize.sh"), await initializeScript(program, folder, names));
  const pid = await guard.run("initialize");
  const state = await waitFor("a server's data to be initialized", async () => {
    const now = await guard.state(pid);
    return now !== "running" && now;
  }, { timeoutMs: INITIALIZE_MS });
  if (state.code === 0) return;
  const log = await Deno.readTextFile(join(folder, "initialize.log"));
  throw new Error(`Cannot initialize ${program.flavor}'s data, exit code ${state.code}:\n${tail(log)}`);
}

/** Starts a server on a free port, on another one should somebody be faster. */
async function startServer(
  guard: Guard,
  program: Program,
  plan: { name: string; serverId: number; isReplica: boolean; extra: readonly string[] },
): Promise<LabServer> {
  for (let attempt = 1;; attempt++) {
    const server = new Server(guard, program, { ...plan, folder: guard.folder, port: freePort() });
    try {
      await server.startOnce();
      return server;
    } catch (error) {
      if (attempt === 5 || !(error instanceof ServerStartError && error.isPortTaken)) throw error;
    }
  }
}

/**
 * A port that nobody listens on, below those that the kernel gives to outgoing connections: one of them could
 * take it while the server is down for a restart.
 */
function freePort(): number {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    try {
      using _listener = Deno.listen({ hostname: "127.0.0.1", port });
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

async function bootstrap(pair: LabPair): Promise<void> {
  const { flavor, primary, replica } = pair;
  const nobody: Account = { ...ACCOUNTS.root, password: "" };
  await using first = await Client.connect(primary, nobody, { bySocket: true });
  await using second = await Client.connect(replica, nobody, { bySocket: true });
  await run(first, [...primaryStatements(flavor), ...ROOT_STATEMENTS]);
  await run(second, replicaStatements(flavor, primary.host, primary.port));
  await replay(flavor, first, second);
}

async function run(client: Client, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await client.query(statement);
}

/** Waits until the replica has applied everything that the primary has committed by now. */
export async function caughtUp(pair: LabPair): Promise<void> {
  await using primary = await Client.connect(pair.primary);
  await using replica = await Client.connect(pair.replica);
  await replay(pair.flavor, primary, replica);
}

async function replay(flavor: Flavor, primary: Client, replica: Client): Promise<void> {
  const isMariadb = flavor === "mariadb";
  const position = isMariadb ? "@@GLOBAL.gtid_binlog_pos" : "@@GLOBAL.gtid_executed";
  const wait = isMariadb ? "MASTER_GTID_WAIT" : "WAIT_FOR_EXECUTED_GTID_SET";
  const [source] = await primary.query(`SELECT ${position} AS position`);
  const [result] = await replica.query(`SELECT ${wait}(?, ${CATCH_UP_SECONDS}) AS answer`, [
    source?.position,
  ]);
  if (Number(result?.answer) === 0) return;
  const [status] = await replica.query(isMariadb ? "SHOW SLAVE STATUS" : "SHOW REPLICA STATUS");
  const reasons = [status?.Last_IO_Error, status?.Last_SQL_Error].filter(Boolean).join("; ");
  throw new Error(
    `The replica did not catch up in ${CATCH_UP_SECONDS} s: ${reasons || "it reports no error"}`,
  );
}
