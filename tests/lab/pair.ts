import { type Account, ACCOUNTS } from "./account.ts";
import { primaryStatements, replicaStatements, ROOT_STATEMENTS } from "./bootstrap.ts";
import { Client } from "./client.ts";
import { type Flavor, FLAVORS, missingMessage, NoServerError } from "./discover.ts";
import { Guard } from "./guard.ts";
import type { LabServer } from "./server.ts";
import { initialize, knownPrograms, programOf, startServer } from "./start.ts";

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
  /** Starts the primary alone, in half the time: whoever asks for the replica fails. */
  readonly alone?: boolean;
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
  const program = await programOf(flavor);
  const guard = await Guard.start();
  try {
    const extra = options.serverArguments ?? [];
    const roles = options.alone ? ["primary"] as const : ["primary", "replica"] as const;
    await initialize(guard, program, roles.map((role) => `${flavor}-${role}`));
    const [primary, replica] = await Promise.all(roles.map((role, index) =>
      startServer(guard, program, {
        name: `${flavor}-${role}`,
        serverId: index + 1,
        isReplica: role === "replica",
        extra,
      })
    ));
    const pair = new Pair(guard, primary!, replica);
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
  readonly #replica: LabServer | undefined;

  constructor(guard: Guard, primary: LabServer, replica: LabServer | undefined) {
    this.#guard = guard;
    this.primary = primary;
    this.#replica = replica;
  }

  get isAlone(): boolean {
    return this.#replica === undefined;
  }

  get replica(): LabServer {
    if (this.#replica === undefined) throw new Error("this primary was started alone");
    return this.#replica;
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

async function bootstrap(pair: Pair): Promise<void> {
  const { flavor, primary } = pair;
  const nobody: Account = { ...ACCOUNTS.root, password: "" };
  await using first = await Client.connect(primary, nobody, { bySocket: true });
  if (pair.isAlone) return await run(first, [...primaryStatements(flavor), ...ROOT_STATEMENTS]);
  const { replica } = pair;
  await using second = await Client.connect(replica, nobody, { bySocket: true });
  await run(first, [...primaryStatements(flavor), ...ROOT_STATEMENTS]);
  await run(second, replicaStatements(flavor, primary.host, primary.port));
  await replay(flavor, first, second);
}

/** Runs statements one after the other. */
export async function run(client: Client, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await client.query(statement);
}

/** Waits until the replica has applied everything that the primary has committed by now. */
export async function caughtUp(pair: LabPair): Promise<void> {
  await using primary = await Client.connect(pair.primary);
  await using replica = await Client.connect(pair.replica);
  await replay(pair.flavor, primary, replica);
}

/** Waits until the second has applied everything that the first has committed by now. */
export async function replay(flavor: Flavor, primary: Client, replica: Client): Promise<void> {
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
