import type { Capabilities } from "../capabilities.ts";
import { type Connection, refusal } from "../../connection/mod.ts";
import { isUnavailable } from "../probe_locks.ts";
import { isUnknown, type Unknown } from "../../language/mod.ts";
import { type HoldName, HOLDS, type Holds, readHolds } from "../locks/holds.ts";
import type { CostlyValues, Session } from "../../policy/mod.ts";
import { readPrepared } from "../transactions/prepared.ts";

/** Whether any of the names requires knowing what a connection holds. */
export function needsHolds(needs: ReadonlySet<string>): boolean {
  return HOLDS.some((name) => needs.has(name));
}

/**
 * Adds the values that must be known before a session is killed, whatever policies ask for: whether XA has prepared
 * its transaction, and what it holds while idle. A value that the server refuses is unknown, with the reason. Takes
 * up to three round trips, or one if no session is idle and no transaction is prepared.
 * @throws {DatabaseError} `lost`.
 */
export async function readGuards(
  connection: Connection,
  capabilities: Capabilities,
  sessions: readonly Session[],
  ids: ReadonlySet<number>,
): Promise<readonly Session[]> {
  if (ids.size === 0) return sessions;
  const prepared = await orUnknown(() => readPrepared(connection, capabilities.locks, ids));
  const told = sessions.map((session) =>
    ids.has(session.id)
      ? { ...session, prepared: isUnknown(prepared) ? prepared : prepared.has(session.id) }
      : session
  );
  const idle = sessions.filter(({ id, running }) => ids.has(id) && !running);
  return await readHeld(connection, capabilities, told, new Set(idle.map(({ id }) => id)));
}

/**
 * Adds what the sessions in question hold, unless that is known already.
 * @throws {DatabaseError} `lost`.
 */
export async function readHeld(
  connection: Connection,
  { locks }: Capabilities,
  sessions: readonly Session[],
  ids: ReadonlySet<number>,
): Promise<readonly Session[]> {
  const isAsked = ({ id, holds_shown }: Session) => ids.has(id) && holds_shown === undefined;
  const asked = sessions.filter(isAsked);
  if (asked.length === 0) return sessions;
  const holds = await orUnknown(() => readHolds(connection, locks, new Set(asked.map(({ id }) => id))));
  const holds_shown = !isUnavailable(locks.metadataLocks);
  return sessions.map((session) =>
    isAsked(session) ? { ...session, ...heldValues(session, holds), holds_shown } : session
  );
}

const OF_THE_STATEMENT: Unknown = { unknown: "a statement is running, and has tables of its own" };

function heldValues({ id, running }: Session, holds: Holds | Unknown): CostlyValues {
  const valueOf = (hold: HoldName): boolean | Unknown => {
    if (isUnknown(holds)) return holds;
    const ofStatement = hold === "holds_table_lock" || hold === "holds_handler";
    return running && ofStatement ? OF_THE_STATEMENT : holds.get(id)?.has(hold) === true;
  };
  return Object.fromEntries(HOLDS.map((hold) => [hold, valueOf(hold)]));
}

async function orUnknown<T>(read: () => Promise<T>): Promise<T | Unknown> {
  try {
    return await read();
  } catch (error) {
    return { unknown: refusal(error).message };
  }
}
