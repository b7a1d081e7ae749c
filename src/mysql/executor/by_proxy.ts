import { DatabaseError } from "../../connection/mod.ts";
import { isUnknown } from "../../language/mod.ts";
import type { Decision, OutcomeKind, Session } from "../../policy/mod.ts";
import { ProxyRefusal, TargetError } from "../../target/mod.ts";
import type { Confirmation, ProxiedSessions } from "../proxied/proxied_sessions.ts";
import { isTorn } from "../reads/sessions.ts";
import { endedBy } from "./ended_by.ts";
import { intend, type Killer, pausedNow, type PendingKill, readNow, report } from "./killer.ts";

type ProxiedKiller = Killer & { readonly proxied: ProxiedSessions };
type Confirmed = Exclude<Confirmation, { readonly spared: string }>;

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
  const confirmed = await confirm(decision, now, killer);
  return confirmed && await sendByProxy(decision, confirmed, killer);
}

/** What a reading of the server gives; where it is lost, that is reported, since nothing was sent. */
async function orStale<T>(
  reading: Promise<T>,
  { decision, killer, intent }: {
    readonly decision: Decision;
    readonly killer: Killer;
    readonly intent?: number | undefined;
  },
): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof DatabaseError) {
      report(killer, decision, "stale", { intent, note: `not tried: ${error.message}` });
    }
    throw error;
  }
}

/** Looks at both sides, the proxy's first. Returns undefined if they do not agree, after reporting that. */
async function confirm(
  decision: Decision,
  now: Session,
  killer: ProxiedKiller,
): Promise<Confirmed | undefined> {
  const { session: before } = decision;
  const confirmed = await askProxy(decision, now, killer);
  if (confirmed === undefined) return undefined;
  const again = (await orStale(readNow([decision], killer), { decision, killer })).get(before.id);
  if (again !== undefined && isTorn(again)) {
    return void report(killer, decision, "stale", { note: "what it runs could not be read again" });
  }
  const ended = endedBy(before, again);
  if (ended !== undefined) return void report(killer, decision, ended);
  const paused = await pausedNow(killer);
  if (paused !== undefined) return void report(killer, decision, "paused", { note: paused });
  return confirmed;
}

async function askProxy(
  decision: Decision,
  now: Session,
  killer: ProxiedKiller,
  intent?: number,
): Promise<Confirmed | undefined> {
  const { proxied, connection } = killer;
  try {
    const asked = proxied.confirm(connection, { before: decision.session, now });
    const found = await orStale(asked, { decision, killer, intent });
    if (!("spared" in found)) return found;
    report(killer, decision, "changed", { intent, note: found.spared });
  } catch (error) {
    if (error instanceof DatabaseError || !(error instanceof TargetError)) throw error;
    report(killer, decision, "proxied", { intent, note: error.withAdvice });
  }
}

async function sendByProxy(
  decision: Decision,
  { proxy, session }: Confirmed,
  killer: ProxiedKiller,
): Promise<PendingKill | undefined> {
  const intent = intend(decision, killer);
  if (intent === "failed") return void report(killer, decision, "journal");
  // Writing the intent has taken a while, and the proxy compares nothing itself.
  if (await askProxy(decision, decision.session, killer, intent) === undefined) return undefined;
  const note = `by the proxy "${proxy.name}", its session ${session}`;
  const sentAt = killer.clock.now();
  try {
    const wasThere = await proxy.end(session);
    if (!wasThere) return void report(killer, decision, "gone", { sentAt, intent, note });
    return { decision, kind: "connection", intent, sentAt, missed: false, note, by: { proxy, session } };
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    const outcome = error instanceof ProxyRefusal ? "denied" : "unconfirmed";
    return void report(killer, decision, outcome, { sentAt, intent, note: `${note}: ${error.withAdvice}` });
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
    const { clients } = await by.proxy.session(by.session);
    return clients.has(by.session) ? undefined : { outcome: "killed", note };
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return { outcome: "killed", note: `${note}, which does not tell whether it is gone: ${error.message}` };
  }
}
