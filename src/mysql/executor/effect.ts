import { type Decision, isSameCall, type OutcomeKind, type Session } from "../../policy/mod.ts";
import { isTorn } from "../reads/sessions.ts";
import { mayEndQuietly, readEnds, type StatementEnd } from "../reads/statement_end.ts";
import { readRollingBack } from "../reads/rollback.ts";
import { type Killer, MAX_AGE, pausedNow, type PendingKill, readNow, report } from "./killer.ts";
import { endedAtProxy } from "./by_proxy.ts";
import { EndedKills } from "./ended_kills.ts";
import { send } from "./send.ts";

/** The waits between checks for the effect, in milliseconds; the last one is repeated. */
const PAUSES = [2, 5, 10, 20, 50, 100, 200];
/** How long to wait for an effect if the program is about to end, in milliseconds: most are seen within 50. */
const LAST_LOOKS = 200;
/**
 * A statement that a kill ends without an error ends within this time, in milliseconds. One that runs on longer ended
 * by itself.
 */
const AT_ONCE = 200;
/** The errors of killed statements: interrupted, sort aborted, and those of a killed connection. */
const KILLED: ReadonlySet<number> = new Set([1317, 1028, 1053, 1927]);

const RAN_ON = "the server did not find the statement again, although it runs on";

/**
 * Checks again and again, at growing intervals, until every effect was seen or the time is over.
 * @throws {DatabaseError} The kills that are still open are left in `pending`.
 */
export async function verify(pending: PendingKill[], killer: Killer): Promise<void> {
  const ended = new EndedKills(killer);
  try {
    await verifyAll(pending, { killer, ended });
  } finally {
    ended.reportAll();
  }
}

async function verifyAll(
  pending: PendingKill[],
  { killer, ended }: { readonly killer: Killer; readonly ended: EndedKills },
): Promise<void> {
  const { clock, signal } = killer;
  for (let round = 0; pending.length > 0 || ended.isWaiting; round++) {
    await ended.look();
    const now = await readNow(pending.map(({ decision }) => decision), killer);
    const ends = await endsOf(pending, now, killer);
    const byProxy = await endedByProxy(pending, now, clock.now());
    const late: PendingKill[] = [];
    for (const kill of pending.splice(0)) {
      const session = now.get(kill.decision.session.id);
      const took = clock.now() - kill.sentAt;
      const told = byProxy.get(kill);
      const outcome = told?.outcome ?? effectOf(kill, session, {
        end: ends.get(kill.decision.session.execution),
        took,
        moment: clock.now(),
      });
      const patience = Math.min(killer.verify(kill.decision.policy), signal.aborted ? LAST_LOOKS : Infinity);
      if (outcome === "killed" && told === undefined && ended.take(kill)) continue;
      if (outcome !== undefined) report(killer, kill.decision, outcome, { ...kill, ...told });
      else if (kill.missed && clock.now() - kill.decision.at > MAX_AGE) {
        report(killer, kill.decision, "stale", { ...kill, note: RAN_ON });
      } else (took >= patience ? late : pending).push(kill);
    }
    if (late.length > 0) await giveUp(late, killer);
    await sendAgain(pending, killer);
    if (pending.length > 0 || ended.isWaiting) {
      await clock.sleep(PAUSES[round] ?? PAUSES.at(-1)!, signal.aborted ? undefined : signal);
    }
  }
}

/**
 * The server did not find an execution that still exists, because its reading was torn. It compares just as strictly
 * again.
 */
async function sendAgain(pending: PendingKill[], killer: Killer): Promise<void> {
  if (killer.signal.aborted) return;
  for (const missed of pending.filter(({ missed }) => missed)) {
    // Removed from the list first, so that nothing is reported twice.
    pending.splice(pending.indexOf(missed), 1);
    const paused = await pausedNow(killer);
    if (paused !== undefined) {
      report(killer, missed.decision, "stale", { ...missed, note: `kills were paused meanwhile: ${paused}` });
      continue;
    }
    const sent = await send(missed, killer);
    if (sent !== undefined) pending.push(sent);
  }
}

/** How killed statements ended, by execution. */
async function endsOf(
  pending: readonly PendingKill[],
  now: ReadonlyMap<number, Session>,
  { connection, capabilities, clock }: Killer,
): Promise<ReadonlyMap<string, StatementEnd>> {
  const ended = pending.filter(({ decision, kind, missed }) => {
    const there = now.get(decision.session.id);
    return kind === "query" && !missed && there !== undefined &&
      hasEnded(decision, there, clock.now());
  });
  return await readEnds(connection, capabilities, ended.map(({ decision }) => decision.session.execution));
}

/** What became of those that a proxy was asked to end, as far as the server shows that what they ran has ended. */
async function endedByProxy(
  pending: readonly PendingKill[],
  now: ReadonlyMap<number, Session>,
  moment: number,
): Promise<ReadonlyMap<PendingKill, NonNullable<Awaited<ReturnType<typeof endedAtProxy>>>>> {
  const found = new Map<PendingKill, NonNullable<Awaited<ReturnType<typeof endedAtProxy>>>>();
  for (const kill of pending.filter(({ by }) => by !== undefined)) {
    const session = now.get(kill.decision.session.id);
    if (session !== undefined && !hasEnded(kill.decision, session, moment)) continue;
    const ended = await endedAtProxy(kill);
    if (ended !== undefined) found.set(kill, ended);
  }
  return found;
}

/** Whether the statement has ended and the session still exists. */
function hasEnded({ session, at }: Decision, now: Session, moment: number): boolean {
  if (isTorn(now) || (now.execution === session.execution && now.running === session.running)) return false;
  return !isSameCall(now, { at, now: moment });
}

/** The effect of a kill; undefined while none is seen. */
function effectOf(
  { decision, kind, missed, sentAt, by }: PendingKill,
  now: Session | undefined,
  { end, took, moment }: {
    readonly end: StatementEnd | undefined;
    readonly took: number;
    /** Of the clock's `now`. */
    readonly moment: number;
  },
): OutcomeKind | undefined {
  if (by !== undefined) return undefined;
  if (now === undefined) return missed ? "gone" : "killed";
  if (!hasEnded(decision, now, moment)) return undefined;
  if (missed) return now.running ? "changed" : "gone";
  if (kind === "connection") return undefined;
  if (end === undefined || KILLED.has(end.errno)) return "killed";
  if (end.errno !== 0 || !mayEndQuietly(decision.session)) return "gone";
  return lastedAfter(end, { session: decision.session, time: sentAt - decision.at, took }) < AT_ONCE
    ? "killed"
    : "gone";
}

/**
 * How long a statement ran on after its kill, in milliseconds: its total run time, which the server reports, less
 * the time until its kill. The moment of the check is no measure, since the first of many kills is checked only
 * after the last was sent.
 */
function lastedAfter(
  end: StatementEnd,
  { session, time, took }: { readonly session: Session; readonly time: number; readonly took: number },
): number {
  const lasted = typeof session.time === "number" ? end.time - session.time - time : NaN;
  return Number.isNaN(lasted) ? took : Math.min(took, lasted);
}

async function giveUp(late: readonly PendingKill[], killer: Killer): Promise<void> {
  const ids = late.map(({ decision }) => decision.session.id);
  let rolling: ReadonlySet<number> | undefined;
  try {
    if (!killer.signal.aborted) rolling = await readRollingBack(killer.connection, ids);
  } finally {
    for (const kill of late) {
      const survived = rolling?.has(kill.decision.session.id) ? "rolling-back" : "survived";
      report(killer, kill.decision, rolling === undefined ? "unconfirmed" : survived, kill);
    }
  }
}
