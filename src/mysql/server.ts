import type { Capabilities } from "./capabilities.ts";
import { Connection, type ConnectionTarget } from "../connection/mod.ts";
import { probe, type ProbeOptions } from "./probe.ts";
import { renewSession, type SessionOptions, setUpSession } from "./session_setup.ts";

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
    const session = await setUpSession(watching, { idle });
    const capabilities = await probe(watching, session, { armed, heartbeat });
    if (!armed) return { watching, killing: undefined, capabilities };
    // Two statements in one round trip are for the kill on MySQL, and allowed nowhere else.
    const multipleStatements = capabilities.flavor === "mysql";
    const killing = await open(target, { idle: LONG_IDLE, known: session.variables, multipleStatements });
    return { watching, killing, capabilities };
  } catch (error) {
    await watching.close();
    throw error;
  }
}

/** A connection for the user's own SQL. */
export interface SideConnection {
  readonly connection: Connection;
  /**
   * Ends whatever the user's SQL left open, and sets what it may have set.
   * @throws {DatabaseError} `lost`
   */
  renew(): Promise<void>;
}

/**
 * Opens a connection for the user's own SQL, which may take long and must change nothing.
 * @throws {DatabaseError}
 */
export async function connectAside(target: ConnectionTarget): Promise<SideConnection> {
  const connection = await Connection.open(target);
  try {
    const options = { idle: LONG_IDLE, readOnly: true } as const;
    const { variables } = await setUpSession(connection, options);
    return { connection, renew: () => renewSession(connection, { ...options, known: variables }) };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** Takes leave of a server. Never fails. */
export async function disconnect({ watching, killing }: Server): Promise<void> {
  await Promise.all([watching.close(), killing?.close()]);
}

/** Another connection to a server that is known. */
async function open(
  target: ConnectionTarget,
  { multipleStatements, ...options }: SessionOptions & { readonly multipleStatements: boolean },
): Promise<Connection> {
  const connection = await Connection.open(target, { multipleStatements });
  try {
    await setUpSession(connection, options);
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

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
