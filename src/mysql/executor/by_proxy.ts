import { DatabaseError } from "../../connection/mod.ts";
import { isUnknown } from "../../language/mod.ts";
import type { Decision, OutcomeKind, Session } from "../../policy/mod.ts";
import { ProxyRefusal, TargetError } from "../../target/mod.ts";
import type { Confirming, ProxiedSessions } from "../proxied/proxied_sessions.ts";
import { lookLast } from "../kill.ts";
import { isTorn } from "../reads/sessions.ts";
import { endedBy } from "./ended_by.ts";
import { intend, type Killer, MAX_AGE, pausedNow, type PendingKill, readNow, report } from "./killer.ts";

/** Older than this a decision is not confirmed, in milliseconds: the proxy may take as long as a decision may wait. */
const MAX_CONFIRMED_AGE = 2 * MAX_AGE;

type ProxiedKiller = Killer & { readonly proxied: ProxiedSessions };

/** 1 for what a proxy is asked to end, else 0. */
export function isLastOf({ session }: Decision): number {
  return session.ends_by === "proxy" ? 1 : 0;
}

/**
 * Has a proxy end the session of a client, after a fresh look at both sides. Where the server ended its own side, the proxy
 * would run the statement again. The proxy ends the session by its id alone: what it begins in the round trip between
 * the last look and that is ended too. Returns undefined if nothing was sent, after reporting that.
 * @throws {DatabaseError} `lost`; also reported.
 */
export async function endByProxy(
  decision: Decision,
  now: Session,
  killer: ProxiedKiller,
): Promise<PendingKill | undefined> {
  const { ends_by } = decision.session;
  if (ends_by !== "proxy") {
    const note = isUnknown(ends_by) ? ends_by.unknown : "nobody knows whose connection it is";
    return void report(killer, decision, "proxied", { note });
  }
  const asked = { decision, killer, intent: undefined };
  const isSame = await askProxy({ before: decision.session, now, act: () => Promise.resolve(true) }, asked);
  const confirmedAt = killer.clock.now();
  if (isSame !== true || !await isStillThere(decision, killer)) return undefined;
  if (confirmedAt - decision.at > MAX_CONFIRMED_AGE) return void report(killer, decision, "stale");
  const intent = intend(decision, killer);
  if (intent === "failed") return void report(killer, decision, "journal");
  // Writing the intent has taken a while, and the proxy compares nothing itself.
  const act = async (end: () => Promise<boolean>, by: NonNullable<PendingKill["by"]>) => {
    const reporting = { decision, killer, intent };
    return await mayEnd(reporting, confirmedAt) ? await send(end, { ...reporting, by }) : undefined;
  };
  return await askProxy({ before: decision.session, now: decision.session, act }, { ...asked, intent });
}

/** Where what comes of a decision is reported. */
interface Reporting {
  readonly decision: Decision;
  readonly killer: ProxiedKiller;
  readonly intent: number | undefined;
}

/** Whether the server still shows what was decided on, and kills are not paused; reports it if not. */
async function isStillThere(decision: Decision, killer: ProxiedKiller): Promise<boolean> {
  const now = await orStale(readNow([decision], killer), { decision, killer, intent: undefined });
  const again = now.get(decision.session.id);
  const torn = again !== undefined && isTorn(again);
  const ended = torn ? undefined : endedBy(decision.session, again);
  const paused = torn || ended !== undefined ? undefined : await pausedNow(killer);
  if (torn) report(killer, decision, "stale", { note: "what it runs could not be read again" });
  else if (ended !== undefined) report(killer, decision, ended);
  else if (paused !== undefined) report(killer, decision, "paused", { note: paused });
  return !torn && ended === undefined && paused === undefined;
}

/**
 * Whether the proxy may be asked to end it right now, as far as the server and this program know; reports it if not. A kill
 * by the server is guarded by the same in one statement.
 * @throws {DatabaseError} `lost`.
 */
async function mayEnd({ decision, killer, intent }: Reporting, confirmedAt: number): Promise<boolean> {
  const why = await whyNot(decision, killer);
  if (why !== undefined) {
    report(killer, decision, "stale", { intent, note: `not tried: ${why}` });
    return false;
  }
  const paused = await pausedNow(killer);
  if (paused !== undefined) {
    report(killer, decision, "paused", { intent, note: paused });
    return false;
  }
  // Nothing is waited for after this.
  const isOld = killer.clock.now() - confirmedAt > MAX_AGE;
  if (!isOld && !killer.signal.aborted) return true;
  report(killer, decision, "stale", isOld ? { intent } : { intent, note: "not tried: this program ends" });
  return false;
}

/** Why the server does not bear out a decision any more. @throws {DatabaseError} `lost`. */
async function whyNot(decision: Decision, killer: Killer): Promise<string | undefined> {
  const { session: { id, execution, running }, server } = decision;
  const target = { kind: "connection", id, execution, running, server, lease: killer.lease } as const;
  try {
    const found = await lookLast(killer.connection, killer.capabilities, target);
    if (!found.server) return "what answers is another server";
    if (!found.lease) return "the lease is not held any more";
    return found.execution ? undefined : "the server does not show it any more";
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.kind === "lost") throw error;
    return error.message;
  }
}

/** What was done once both sides agreed; undefined if they do not, or the proxy does not answer, after reporting that. */
async function askProxy<T>(confirming: Confirming<T>, reporting: Reporting): Promise<T | undefined> {
  const { decision, killer, intent } = reporting;
  try {
    const asked = killer.proxied.confirm(killer.connection, confirming);
    const found = await orStale(asked, reporting);
    if (!("spared" in found)) return found.done;
    report(killer, decision, "changed", { intent, note: found.spared });
  } catch (error) {
    if (error instanceof DatabaseError || !(error instanceof TargetError)) throw error;
    report(killer, decision, "proxied", { intent, note: error.withAdvice });
  }
}

/** What a reading of the server gives; where it is lost, that is reported, since nothing was sent. */
async function orStale<T>(reading: Promise<T>, { decision, killer, intent }: Reporting): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof DatabaseError) {
      report(killer, decision, "stale", { intent, note: `not tried: ${error.message}` });
    }
    throw error;
  }
}

async function send(
  end: () => Promise<boolean>,
  { decision, killer, intent, by }: Reporting & { readonly by: NonNullable<PendingKill["by"]> },
): Promise<PendingKill | undefined> {
  const note = `by the proxy "${by.proxy.name}", its session ${by.session}`;
  const sentAt = killer.clock.now();
  try {
    if (await end()) return { decision, kind: "connection", intent, sentAt, missed: false, note, by };
    report(killer, decision, "gone", { sentAt, intent, note });
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    const outcome = error instanceof ProxyRefusal ? "denied" : "unconfirmed";
    report(killer, decision, outcome, { sentAt, intent, note: `${note}: ${error.withAdvice}` });
  }
}

/**
 * What became of a session that a proxy was asked to end, once the server shows that what it ran has ended: the proxy must
 * show it no more either. Undefined while it does.
 */
export async function endedAtProxy(
  { by, note = "" }: PendingKill,
): Promise<{ readonly outcome: OutcomeKind; readonly note: string } | undefined> {
  if (by === undefined) return undefined;
  try {
    const isThere = await by.proxy.session(
      by.session,
      ({ clients }) => Promise.resolve(clients.has(by.session)),
    );
    return isThere ? undefined : { outcome: "killed", note };
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return { outcome: "killed", note: `${note}, which does not tell whether it is gone: ${error.message}` };
  }
}
