import { actionOf, type Actions } from "./action.ts";
import type { Policy } from "./policy.ts";
import { isSameCall } from "./same_call.ts";
import { column, type Subject } from "../language/mod.ts";
import type { Session } from "./snapshot.ts";
import type { SettledExecution } from "./memory.ts";

/**
 * Why a connection is ended after its statement. `survived`: the same execution still runs · `holds`: its statement has
 * ended, and its transaction goes on and holds what the policy selected it for.
 */
export type Step = "survived" | "holds";

/** Why the connection goes, where its statement has. */
export const HOLDS = "its statement was ended, and its transaction still holds what it was selected for";

/** What a policy's earlier kill means for a session: its next step, or that it is to be left alone for now. */
export type Prior = Step | "wait";

/** What is known of earlier kills. */
export interface PriorKills {
  readonly settled: ReadonlyMap<string, SettledExecution>;
  /** Of the clock's `now`, in milliseconds. */
  readonly now: number;
  readonly armed: boolean;
  /** The session, and what it is judged with. */
  readonly subject: Subject;
}

/** What follows from an earlier kill for a session; undefined where a policy judges it as any other. */
export function priorOf(policy: Policy, session: Session, kills: PriorKills): Prior | undefined {
  const { settled, now, armed, subject } = kills;
  const own = settled.get(session.execution) ?? killOfCall(settled.values(), session, now);
  const { escalate } = policy;
  const mayEscalate = ({ policy: name, final }: SettledExecution) => armed && !final && name === policy.name;
  if (own !== undefined) {
    if (armed && isOverFor(policy, session, own)) return undefined;
    if (escalate === undefined || !mayEscalate(own)) return "wait";
    // Nothing was run since: its transaction is the one that it had.
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
 * The kill of what a session runs, where the server may show the inner statements of a CALL in its place, each with the
 * age of the CALL: what had begun before the kill was decided on is what was to be killed. The last step counts.
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

/** Whether the statement has ended that another policy was to end, so that this one may judge what is left. */
export function isOverFor(
  { name }: Policy,
  { running }: Session,
  { policy, statement }: SettledExecution,
): boolean {
  return statement === true && !running && policy !== name;
}

/** The kill that may still be followed by another step at this session, whatever is read of it yet. */
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

/** Whether a policy selects a session for what its open transaction holds: without that it would not. */
function holds({ where }: Policy, session: Session, subject: Subject): boolean {
  if (session.transaction === undefined || where.evaluate(subject) !== true) return false;
  const released = column(where.rows.values(), "released");
  return where.evaluate({ ...subject, session: { ...session, ...released } }) !== true;
}

/** In an identity that is but a second, `CONNECTION@SECOND`: a session may begin two transactions in one. */
const SINCE = "@";

/** Whether a session's transaction is surely the one in which a statement of it was killed. */
function isSame(
  { transaction: before, at }: SettledExecution,
  { transaction: now, transaction_time: age }: Session,
  moment: number,
): boolean {
  if (before === undefined || before !== now) return false;
  // Else it had begun before that kill: its age is the least that it can be.
  return !before.includes(SINCE) || (typeof age === "number" && age >= moment - at);
}

/**
 * The kills that are still of use: those of executions that are there, and those whose transaction goes on, or may. What
 * was read torn may be all that it was.
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
