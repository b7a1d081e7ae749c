import type { Capabilities } from "./capabilities.ts";
import { Connection, type ConnectionTarget } from "../connection/mod.ts";
import { probe, type ProbeOptions } from "./probe.ts";
import { renewSession, type SessionOptions, setUpSession } from "./session_setup.ts";

/** The connections to a server, and its capabilities. */
export interface Server {
  /** The connection for reads. */
  readonly watching: Connection;
  /** The connection for kills. It is opened in advance, since during an outage the server may have none left. */
  readonly killing: Connection | undefined;
  readonly capabilities: Capabilities;
}

/** How to connect. */
export interface ConnectOptions extends ProbeOptions {
  /** After this idle time, in milliseconds, the server closes a watching connection. */
  readonly idle?: number;
}

/** A day: a connection that waits for its first kill is not closed for being idle. */
const LONG_IDLE = 86_400_000;

/**
 * Connects to a server, and a second time for kills if it is armed.
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
    // Only the kill on MySQL needs two statements in one round trip, so they are allowed nowhere else.
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
   * Ends whatever the user's SQL left open, and resets the variables it may have changed.
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

/** Closes the connections to a server. Never fails. */
export async function disconnect({ watching, killing }: Server): Promise<void> {
  await Promise.all([watching.close(), killing?.close()]);
}

/** Opens another connection to a known server. */
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
 * Makes sure that both connections work, so that the one for kills is there when it is needed.
 * @param ping Whether to ping the idle one, which a firewall may have dropped.
 * @throws {DatabaseError} `lost`, if either connection is.
 */
export async function checkConnections({ watching, killing }: Server, ping: boolean): Promise<void> {
  const lost = watching.lost ?? killing?.lost;
  if (lost !== undefined) throw lost;
  if (ping) await killing?.query("DO 0");
}
