import type { Clock } from "../clock.ts";
import { type Capabilities, type Connection, DatabaseError, kill } from "../database/mod.ts";
import { type Journal, JournalError, type Outcome, type OutcomeKind } from "../journal/mod.ts";
import { isUnknown } from "../language/mod.ts";
import type { Decision } from "../policy/mod.ts";
import { readRollingBack, readSessions, type Session } from "../snapshot/mod.ts";

/** No decision older than this is acted on, in milliseconds. */
const MAX_AGE = 1000;
/** Waits between looks for the effect, in milliseconds; the last one is repeated. */
const PAUSES = [2, 5, 10, 20, 50, 100, 200];
/** How long to look for an effect where the program is about to end, in milliseconds: most are seen within 50. */
const LAST_LOOKS = 200;

/** What kills, and what it tells. */
export interface Killer {
  readonly connection: Connection;
  readonly capabilities: Capabilities;
  readonly clock: Clock;
  /** The connection that has to hold the lease; undefined where there is none. */
  readonly lease: number | undefined;
  /** How long to look for the effect of a policy's kill, in milliseconds. */
  verify(policy: string): number;
  /** The name of the database. */
  readonly database: string;
  /** Where every kill is written down before it is made; absent: nowhere, as was asked for. */
  readonly journal: Journal | undefined;
  /** Aborted: the kill under way is finished, no further one is begun, and an effect is hardly waited for. */
  readonly signal: AbortSignal;
  report(outcome: Outcome): void;
}

interface Pending {
  readonly decision: Decision;
  readonly sentAt: number;
  readonly intent: number | undefined;
  /** The server did not find the execution any more. */
  readonly missed: boolean;
  /** What the server said to the kill, where that was not plain. */
  readonly note?: string;
}

/**
 * Carries out decisions on one database: looks whether each is still true, has the server check and kill,
 * then looks again until the effect is seen. Every decision that was tried gets one outcome. Never fails.
 */
export async function killAll(decisions: readonly Decision[], killer: Killer): Promise<void> {
  const waiting = [...decisions];
  const pending: Pending[] = [];
  try {
    const now = await readNow(waiting, killer);
    for (let decision = waiting[0]; decision !== undefined; decision = waiting[0]) {
      if (killer.signal.aborted) break;
      waiting.shift();
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

async function readNow(
  decisions: readonly Decision[],
  { connection, capabilities }: Killer,
): Promise<ReadonlyMap<number, Session>> {
  const found = new Map<number, Session>();
  let ids = decisions.map(({ session }) => session.id);
  for (let tries = 0; ids.length > 0 && tries < READINGS; tries++) {
    const sessions = await readSessions(connection, capabilities, { ids, uptime: Infinity });
    for (const session of sessions) found.set(session.id, session);
    ids = sessions.filter(isTorn).map(({ id }) => id);
  }
  return found;
}

/**
 * Neither at work nor at rest: a server leaves out what a session runs if an inner statement of it begins or ends at that
 * very moment.
 */
function isTorn({ running, command }: Session): boolean {
  return !running && command !== "Sleep";
}

/** How often a session is read again of which not all was shown. */
const READINGS = 20;

/** Sends one kill, unless the session is no longer what was decided on. */
async function killOne(
  decision: Decision,
  now: Session | undefined,
  killer: Killer,
): Promise<Pending | undefined> {
  const { session, action, at } = decision;
  const ended = endedBy(session, now);
  if (ended !== undefined) return void report(killer, decision, ended);
  if (killer.clock.now() - at > MAX_AGE) return void report(killer, decision, "stale");
  const intent = intend(decision, killer);
  if (intent === "failed") return void report(killer, decision, "journal");
  const sentAt = killer.clock.now();
  try {
    const answer = await kill(killer.connection, killer.capabilities, {
      kind: action === "kill query" ? "query" : "connection",
      id: session.id,
      execution: session.execution,
      running: session.running,
      server: decision.server,
      lease: killer.lease,
    });
    return { decision, sentAt, intent, missed: answer === "missed" };
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    const note = error.withAdvice;
    // Refused for another reason than a privilege: whether it took effect is for the next looks to see.
    if (error.kind === "statement") return { decision, sentAt, intent, missed: false, note };
    const lost = error.kind === "lost";
    report(killer, decision, lost ? "unconfirmed" : "denied", { sentAt, intent, note });
    if (lost) throw error;
  }
}

/** Writes the intent down; without that there is no kill. */
function intend(decision: Decision, { database, journal, clock }: Killer): number | undefined | "failed" {
  try {
    return journal?.intend(database, decision, clock.wall());
  } catch (error) {
    if (error instanceof JournalError) return "failed";
    throw error;
  }
}

/**
 * What a second reading says against the first: `gone`, `changed`, or nothing. A row of a process list can
 * be torn, the id of a new statement beside the time of the old one: the second reading would not agree.
 */
function endedBy(before: Session, now: Session | undefined): "gone" | "changed" | "stale" | undefined {
  if (now === undefined) return "gone";
  if (isTorn(now)) return "stale";
  if (now.execution !== before.execution || now.running !== before.running) {
    return now.running ? "changed" : "gone";
  }
  const agree = textOf(now) === textOf(before) && !hasGoneBack(before, now);
  return agree ? undefined : "changed";
}

/** The text of its statement as the list of sessions shows it. */
function textOf({ sql, shown }: Session): string | undefined {
  if (typeof sql === "string") return sql;
  const text = shown ?? sql;
  return "text" in text ? text.text.reveal() : undefined;
}

function hasGoneBack(before: Session, now: Session): boolean {
  const name = before.running ? "time" : "idle_time";
  const [earlier, later] = [before[name], now[name]];
  return isUnknown(earlier) || isUnknown(later) ? isUnknown(earlier) !== isUnknown(later) : later < earlier;
}

/** Looks again, soon and then less often, until every effect is seen or its time is over. */
async function verify(pending: Pending[], killer: Killer): Promise<void> {
  const { clock, signal } = killer;
  for (let round = 0; pending.length > 0; round++) {
    const now = await readNow(pending.map(({ decision }) => decision), killer);
    const late: Pending[] = [];
    for (const kill of pending.splice(0)) {
      const outcome = effectOf(kill, now.get(kill.decision.session.id));
      const patience = Math.min(killer.verify(kill.decision.policy), signal.aborted ? LAST_LOOKS : Infinity);
      const isLate = clock.now() >= kill.sentAt + patience;
      if (outcome !== undefined) report(killer, kill.decision, outcome, kill);
      else (isLate ? late : pending).push(kill);
    }
    if (late.length > 0) await giveUp(late, killer);
    if (pending.length > 0) {
      await clock.sleep(PAUSES[round] ?? PAUSES.at(-1)!, signal.aborted ? undefined : signal);
    }
  }
}

/** What is seen of a kill; undefined while there is nothing to see. */
function effectOf({ decision, missed }: Pending, now: Session | undefined): OutcomeKind | undefined {
  if (now === undefined) return missed ? "gone" : "killed";
  if (isTorn(now)) return undefined;
  const { session, action } = decision;
  const same = now.execution === session.execution && now.running === session.running;
  if (missed) return now.running && !same ? "changed" : "gone";
  return action === "kill query" && !same ? "killed" : undefined;
}

async function giveUp(late: readonly Pending[], killer: Killer): Promise<void> {
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

interface Reported {
  readonly sentAt?: number;
  readonly intent?: number | undefined;
  readonly note?: string;
}

function report(
  { clock, journal, report }: Killer,
  decision: Decision,
  outcome: OutcomeKind,
  { sentAt, intent, note }: Reported = {},
): void {
  const took_ms = sentAt === undefined ? 0 : Math.round((clock.now() - sentAt) * 10) / 10;
  const concluded = { outcome, took_ms, ...note !== undefined && { note } };
  try {
    if (intent !== undefined) journal?.conclude(intent, concluded);
  } catch (error) {
    // The kill is done, and the journal has told that it failed: the event says what became of it.
    if (!(error instanceof JournalError)) throw error;
  }
  report({ decision, ...concluded });
}
