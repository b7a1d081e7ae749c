import type { Capabilities } from "./capabilities.ts";
import { Connection, type ConnectionTarget } from "./connection.ts";
import { probe } from "./probe.ts";

/** A server that is connected to, and what it can do. */
export interface Server {
  /** What reads. */
  readonly watching: Connection;
  /** What kills; opened beforehand, since in an outage there may be no connection left to be had. */
  readonly killing: Connection | undefined;
  readonly capabilities: Capabilities;
}

/**
 * Connects to a server, and once more for kills where it is armed.
 * @throws {DatabaseError}
 */
export async function connect(
  target: ConnectionTarget,
  { armed }: { readonly armed: boolean },
): Promise<Server> {
  const watching = await Connection.open(target);
  try {
    const capabilities = await probe(watching, { armed });
    // Two statements in one round trip are for the kill on MySQL, and allowed nowhere else.
    const multipleStatements = capabilities.flavor === "mysql";
    const killing = armed ? await Connection.open(target, { multipleStatements }) : undefined;
    return { watching, killing, capabilities };
  } catch (error) {
    await watching.close();
    throw error;
  }
}

/** Takes leave of a server. Never fails. */
export async function disconnect({ watching, killing }: Server): Promise<void> {
  await Promise.all([watching.close(), killing?.close()]);
}
