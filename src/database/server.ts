import { works } from "./attempt.ts";
import type { Capabilities } from "./capabilities.ts";
import { Connection, type ConnectionTarget } from "./connection.ts";
import { probe, type ProbeOptions } from "./probe.ts";

/** A server that is connected to, and what it can do. */
export interface Server {
  /** What reads. */
  readonly watching: Connection;
  /** What kills; opened beforehand, since in an outage there may be no connection left to be had. */
  readonly killing: Connection | undefined;
  readonly capabilities: Capabilities;
}

/** How to connect. */
export interface ConnectOptions extends ProbeOptions {
  /** When the server hangs up on a watching connection that says nothing, in milliseconds. */
  readonly idle?: number;
}

/** A day: a connection that waits for its first kill is not closed for being idle. */
const LONG_IDLE = 86_400_000;

/**
 * Connects to a server, and once more for kills where it is armed.
 * @throws {DatabaseError}
 */
export async function connect(
  target: ConnectionTarget,
  { armed, heartbeat, idle = LONG_IDLE }: ConnectOptions,
): Promise<Server> {
  const watching = await Connection.open(target);
  try {
    await setUpSession(watching, idle);
    const capabilities = await probe(watching, { armed, heartbeat });
    if (!armed) return { watching, killing: undefined, capabilities };
    // Two statements in one round trip are for the kill on MySQL, and allowed nowhere else.
    const killing = await Connection.open(target, { multipleStatements: capabilities.flavor === "mysql" });
    await setUpSession(killing, LONG_IDLE);
    return { watching, killing, capabilities };
  } catch (error) {
    await watching.close();
    throw error;
  }
}

/**
 * Opens a connection for the user's own SQL, which may take long and must change nothing.
 * @throws {DatabaseError}
 */
export async function connectAside(target: ConnectionTarget): Promise<Connection> {
  const connection = await Connection.open(target);
  try {
    await setUpSession(connection, LONG_IDLE);
    await connection.query("SET SESSION TRANSACTION READ ONLY");
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** Takes leave of a server. Never fails. */
export async function disconnect({ watching, killing }: Server): Promise<void> {
  await Promise.all([watching.close(), killing?.close()]);
}

/**
 * Our statements neither wait for locks nor run for long, and see times in the server's own zone. MySQL
 * knows the one time limit, MariaDB the other. MariaDB's KILL tries for up to two seconds to wake a thread
 * that waits (THD::awake, sql_class.cc): the limit is beyond that.
 */
async function setUpSession(connection: Connection, idle: number): Promise<void> {
  const seconds = Math.ceil(idle / 1000);
  await connection.query(
    `SET SESSION time_zone = 'SYSTEM', lock_wait_timeout = 2, wait_timeout = ${seconds}, sql_mode = ''`,
  );
  if (!await works(connection, "SET SESSION max_execution_time = 3000")) {
    await works(connection, `SET SESSION max_statement_time = 3, ${HASH_JOINS}`);
  }
}

/** MariaDB's performance schema has no indexes: joining 2,000 threads with their statements takes 4 ms, not 300. */
const HASH_JOINS = "join_cache_level = 8, optimizer_switch = 'join_cache_hashed=on,outer_join_with_cache=on'";

/**
 * Makes sure that both connections are there, the one for kills before it is needed.
 * @param ping Whether to ask the silent one, which a firewall may have forgotten.
 * @throws {DatabaseError} `lost`, where either connection is.
 */
export async function checkConnections({ watching, killing }: Server, ping: boolean): Promise<void> {
  const lost = watching.lost ?? killing?.lost;
  if (lost !== undefined) throw lost;
  if (ping) await killing?.query("DO 0");
}
