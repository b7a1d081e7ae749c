import { actionOf, type Actions } from "./action.ts";
import type { Policy } from "./policy.ts";
import { isSameCall } from "./same_call.ts";
import { column, type Subject } from "../language/mod.ts";
import type { Session } from "./snapshot.ts";
import type { SettledExecution } from "./memory.ts";

/**
 * Why a connection is killed after its statement. `survived`: the same execution is still running · `holds`: the
 * statement has ended, but its transaction is still open and holds what the policy selected it for.
 */
export type Step = "survived" | "holds";

/** The reason for each step, in words. */
export const HOLDS = "its statement was ended, and its transaction still holds what it was selected for";

/** What a policy's earlier kill means for a session: the next step, or `wait`. */
export type Prior = Step | "wait";

/** What is known about earlier kills. */
export interface PriorKills {
  readonly settled: ReadonlyMap<string, SettledExecution>;
  /** Of the clock's `now`, in milliseconds. */
  readonly now: number;
  readonly armed: boolean;
  /** The session and the values it is judged by. */
  readonly subject: Subject;
}

/** What an earlier kill means for a session; undefined if the policy judges it like any other. */
export function priorOf(policy: Policy, session: Session, kills: PriorKills): Prior | undefined {
  const { settled, now, armed, subject } = kills;
  const own = settled.get(session.execution) ?? killOfCall(settled.values(), session, now);
  const { escalate } = policy;
  const mayEscalate = ({ policy: name, final }: SettledExecution) => armed && !final && name === policy.name;
  if (own !== undefined) {
    if (armed && isOverFor(policy, session, own)) return undefined;
    if (escalate === undefined || !mayEscalate(own)) return "wait";
    // It has run nothing since, so its transaction is still the same.
    const step = session.running ? "survived" : holds(policy, session, subject) ? "holds" : "wait";
    return now - own.at < escalate ? "wait" : step;
  }
  if (escalate === undefined || session.transaction === undefined) return undefined;
  const earlier = [...settled.values()].find((kill) =>
    kill.id === session.id && mayEscalate(kill) && isSame(kill, session, now)
  );
  if (earlier === undefined || !holds(policy, session, subject)) return undefined;
  return now - earlier.at < escalate ? "wait" : "holds";
}

/**
 * The earlier kill of what a session runs now, if the server may show the inner statements of a CALL instead of it.
 * Each of those has the age of the CALL, so what began before the kill was decided is the CALL that was to be
 * killed. The last step counts.
 */
function killOfCall(
  kills: Iterable<SettledExecution>,
  session: Session,
  now: number,
): SettledExecution | undefined {
  const found = [...kills].filter((kill) => isOfCall(kill, session, now));
  return found.find(({ final }) => final) ?? found[0];
}

function isOfCall({ id, at }: SettledExecution, session: Session, now: number): boolean {
  return id === session.id && isSameCall(session, { at, now });
}

/** Whether a statement that another policy killed has ended, so that this policy may judge the rest of the session. */
export function isOverFor(
  { name }: Policy,
  { running }: Session,
  { policy, statement }: SettledExecution,
): boolean {
  return statement === true && !running && policy !== name;
}

/** The earlier kill that may still escalate for this session, as far as its values have been read. */
export function unfinishedKill(
  { name, then, escalate }: Policy,
  { id }: Session,
  { settled, actions }: {
    readonly settled: Readonly<Record<string, SettledExecution>>;
    readonly actions: Actions;
  },
): SettledExecution | undefined {
  if (actionOf(actions, then).escalates_to === null || escalate === undefined) return undefined;
  return Object.values(settled).find((kill) => kill.id === id && kill.policy === name && !kill.final);
}

/** Whether a policy selects a session only because of what its open transaction holds. */
function holds({ where }: Policy, session: Session, subject: Subject): boolean {
  if (session.transaction === undefined || where.evaluate(subject) !== true) return false;
  const released = column(where.rows.values(), "released");
  return where.evaluate({ ...subject, session: { ...session, ...released } }) !== true;
}

/**
 * Marks an identity with a resolution of one second, `CONNECTION@SECOND`: a session may begin two transactions in that
 * time.
 */
const SINCE = "@";

/** Whether a session's transaction is certainly the one in which its statement was killed. */
function isSame(
  { transaction: before, at }: SettledExecution,
  { transaction: now, transaction_time: age }: Session,
  moment: number,
): boolean {
  if (before === undefined || before !== now) return false;
  // Otherwise it must have begun before that kill. Its age is a lower bound.
  return !before.includes(SINCE) || (typeof age === "number" && age >= moment - at);
}

/**
 * The kills that still matter: those of executions that still exist, and those whose transaction is open, or may be.
 * A torn reading counts as still there.
 */
export function keptKills(
  settled: ReadonlyMap<string, SettledExecution>,
  { sessions, now }: { readonly sessions: readonly Session[]; readonly now: number },
): Readonly<Record<string, SettledExecution>> {
  const executions = new Set(sessions.map(({ execution }) => execution));
  const byId = new Map(sessions.map((session) => [session.id, session]));
  return Object.fromEntries(
    [...settled].filter(([execution, kill]) => {
      const session = byId.get(kill.id);
      return executions.has(execution) || session?.execution === "" ||
        (session !== undefined && isOfCall(kill, session, now)) ||
        (session !== undefined && !kill.final && kill.transaction !== undefined &&
          (session.transaction ?? kill.transaction) === kill.transaction);
    }),
  );
}
