import { DatabaseError, refusal } from "../../connection/mod.ts";
import { isUnknown, type Unknown } from "../../language/mod.ts";
import type { Decision, Session } from "../../policy/mod.ts";
import { isTorn } from "../reads/sessions.ts";
import { readRollingBack } from "../reads/rollback.ts";
import { proveFresh } from "../transactions/freshness.ts";
import { verify } from "./effect.ts";
import { endByProxy, isLastOf } from "./by_proxy.ts";
import { endedBy } from "./ended_by.ts";
import { intend, type Killer, MAX_AGE, pausedNow, type PendingKill, readNow, report } from "./killer.ts";
import { killKind } from "./kill_kind.ts";
import { send } from "./send.ts";

/**
 * Carries out decisions on one database: verifies that each still holds, has the server compare and kill, then
 * checks until the effect is seen. Every decision that was tried gets one outcome. Never fails.
 */
export async function killAll(decisions: readonly Decision[], killer: Killer): Promise<void> {
  // Those that a proxy has to be asked for come last: it may take its time, and no other kill should wait for it.
  const waiting = decisions.toSorted((a, b) => isLastOf(a) - isLastOf(b));
  const pending: PendingKill[] = [];
  try {
    const now = await readNow(waiting, killer);
    const rolling = await rollingBack(waiting, killer);
    for (let decision = waiting[0]; decision !== undefined; decision = waiting[0]) {
      if (killer.signal.aborted) break;
      waiting.shift();
      if (decision.escalation && isUnknown(rolling)) {
        report(killer, decision, "stale", { note: `not tried: ${rolling.unknown}` });
        continue;
      }
      if (!isUnknown(rolling) && rolling.has(decision.session.id)) {
        report(killer, decision, "rolling-back");
        continue;
      }
      const sent = await killOne(decision, now.get(decision.session.id), killer);
      if (sent !== undefined) pending.push(sent);
    }
    await verify(pending, killer);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    for (const { decision, sentAt, intent } of pending) {
      report(killer, decision, "unconfirmed", { sentAt, intent, note: error.message });
    }
    for (const decision of waiting) {
      report(killer, decision, "stale", { note: `not tried: ${error.message}` });
    }
  }
}

/** A killed session may still be rolling back. It is left alone, even if the server does not show a rollback. */
async function rollingBack(
  decisions: readonly Decision[],
  { connection, watching }: Killer,
): Promise<ReadonlySet<number> | Unknown> {
  const again = decisions.filter(({ escalation }) => escalation).map(({ session }) => session.id);
  if (again.length === 0) return new Set();
  try {
    await proveFresh(connection, watching);
    return await readRollingBack(connection, again);
  } catch (error) {
    return { unknown: refusal(error).message };
  }
}

/** Sends one kill, unless the session has changed since the decision. */
async function killOne(
  decision: Decision,
  now: Session | undefined,
  killer: Killer,
): Promise<PendingKill | undefined> {
  const torn = now !== undefined && isTorn(now);
  const ended = torn ? undefined : endedBy(decision.session, now);
  if (ended !== undefined) return void report(killer, decision, ended);
  const paused = await pausedNow(killer);
  if (paused !== undefined) return void report(killer, decision, "paused", { note: paused });
  const isOld = killer.clock.now() - decision.at > MAX_AGE;
  if (torn || isOld) return void report(killer, decision, "stale", torn ? { note: TORN } : {});
  const kind = killKind(decision.action);
  if (kind === undefined) return void report(killer, decision, "denied", { note: NO_KILL });
  if (kind === "connection" && killer.proxied !== undefined && decision.session.ends_by !== "server") {
    return await endByProxy(decision, now!, { ...killer, proxied: killer.proxied });
  }
  const intent = intend(decision, killer);
  if (intent === "failed") return void report(killer, decision, "journal");
  return await send({ decision, kind, intent }, killer);
}

const NO_KILL = "this program does not know how to do that on this server";

const TORN = "what it runs could not be read again";
