import type { Clock } from "../../clock.ts";
import type { Execution, Proxy } from "../../target/mod.ts";
import type { Capabilities } from "../capabilities.ts";
import type { Connection } from "../../connection/mod.ts";
import { JournalError } from "../../journal/mod.ts";
import type { Decision, OutcomeKind, Session } from "../../policy/mod.ts";
import type { KillKind } from "../kill.ts";
import type { ProxiedSessions } from "../proxied/proxied_sessions.ts";
import { isTorn, readSessions } from "../reads/sessions.ts";

/** A decision older than this is not acted on, in milliseconds. */
export const MAX_AGE = 1000;
/**
 * How often to read again after a torn reading. While a CALL runs statements of microseconds, MySQL 9.7 hides the
 * CALL itself in every second to tenth reading, MariaDB 10.11 in four of five.
 */
const READINGS = 20;

/** What a kill needs, and where its outcome goes. */
export interface Killer extends Execution {
  readonly connection: Connection;
  /** The connection for reads. */
  readonly watching?: Connection;
  readonly capabilities: Capabilities;
  readonly clock: Clock;
  /** The connection that must hold the lease; undefined if there is no lease. */
  readonly lease: number | undefined;
  /** The name of the database. */
  readonly database: string;
  /** What knows the clients behind proxies, and ends their connections; absent: none is configured. */
  readonly proxied?: ProxiedSessions | undefined;
}

/** A kill that may be sent. */
export interface IntendedKill {
  readonly decision: Decision;
  readonly kind: KillKind;
  /** Its id in the journal; undefined if there is no journal. */
  readonly intent: number | undefined;
}

/** A kill whose effect is not known yet. */
export interface PendingKill extends IntendedKill {
  readonly sentAt: number;
  /** The server did not find the execution. */
  readonly missed: boolean;
  /** The server's answer to the kill, if it was unusual; or who made it. */
  readonly note?: string;
  /** The proxy that made it in place of the server, and its id of the client's session. */
  readonly by?: { readonly proxy: Proxy; readonly session: number };
}

/**
 * Reads the sessions of decisions again, by connection id.
 * @throws {DatabaseError}
 */
export async function readNow(
  decisions: readonly Decision[],
  { connection, capabilities }: Killer,
): Promise<ReadonlyMap<number, Session>> {
  const found = new Map<number, Session>();
  let ids = decisions.map(({ session }) => session.id);
  for (let reading = 0; reading < READINGS && ids.length > 0; reading++) {
    const sessions = await readSessions(connection, capabilities, { ids, uptime: Infinity });
    for (const session of sessions) found.set(session.id, session);
    ids = sessions.filter(isTorn).map(({ id }) => id);
  }
  return found;
}

/**
 * Why kills are paused, just before one is sent; undefined: they are not. A kill that waited for the answer to another
 * statement would be sent after somebody was told that none is any more.
 */
export async function pausedNow({ connection, paused }: Killer): Promise<string | undefined> {
  for (;;) {
    await connection.busy;
    const reason = await paused();
    if (reason !== undefined || connection.busy === undefined) return reason;
  }
}

/** What is reported with an outcome. */
export interface OutcomeDetails {
  readonly sentAt?: number;
  /** When the effect was seen, by the clock's `now`; absent: now. */
  readonly endedAt?: number;
  readonly intent?: number | undefined;
  readonly note?: string;
  readonly shielded?: boolean;
}

/** Writes the intent to the journal; without that there is no kill. */
export function intend(
  decision: Decision,
  { database, journal, clock }: Killer,
): number | undefined | "failed" {
  try {
    return journal?.intend(database, decision, clock.wall());
  } catch (error) {
    if (error instanceof JournalError) return "failed";
    throw error;
  }
}

/** Writes the outcome of a decision to the journal and reports it. */
export function report(
  { clock, journal, report }: Killer,
  decision: Decision,
  outcome: OutcomeKind,
  { sentAt, endedAt = clock.now(), intent, note, shielded }: OutcomeDetails = {},
): void {
  const took_ms = sentAt === undefined ? 0 : Math.round((endedAt - sentAt) * 10) / 10;
  const told = note ?? (decision.verdict === "act" ? decision.note : undefined);
  const concluded = { outcome, took_ms, ...told !== undefined && { note: told } };
  try {
    if (intent !== undefined) journal?.conclude(intent, concluded);
  } catch (error) {
    // The kill is done, and the journal has reported its own failure. The event still has the outcome.
    if (!(error instanceof JournalError)) throw error;
  }
  report({
    decision,
    ...concluded,
    ...intent !== undefined && { intended: true },
    ...shielded && { shielded },
  });
}
