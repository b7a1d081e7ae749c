import { actionOf } from "./action.ts";
import type { Policy, Rules } from "./policy.ts";
import { NOT_READ_YET, type Readings, type Subject, type Truth } from "../language/mod.ts";
import type { Session, Snapshot } from "./snapshot.ts";
import { claims } from "./claims.ts";
import { isOverFor, unfinishedKill } from "./escalation.ts";
import type { Gate } from "./gate.ts";
import type { Memory } from "./memory.ts";
import { isNeverSelected } from "./never.ts";
import { isSparedForGood, toldKey } from "./silent_verdict.ts";

/**
 * The sessions that a policy whose gate is ready may still select, whatever is read of them yet. What was not
 * read can make neither true of false nor false of true.
 */
export function narrow(
  snapshot: SessionReading,
  gates: readonly Gate[],
  rules: Rules,
  memory: PastVerdicts,
): readonly Session[] {
  const ready = rules.policies.filter((_, index) => gates[index]!.ready);
  const costly = ready.flatMap(({ where: { rows } }) => [...rows.values()].filter(({ costly }) => costly));
  const unread = Object.fromEntries(costly.map(({ name }) => [name, NOT_READ_YET]));
  return among(snapshot, { ready, rules, memory, unread, isWanted: (truth) => truth !== false });
}

/**
 * The sessions that a policy whose gate is ready selects, once all that policies ask for was read of them: those of
 * which has to be known what nobody may be ended without.
 */
export function endangered(
  snapshot: SessionReading,
  gates: readonly Gate[],
  rules: Rules,
  memory: PastVerdicts,
): readonly Session[] {
  const ready = rules.policies.filter((_, index) => gates[index]!.ready);
  return among(snapshot, { ready, rules, memory, unread: {}, isWanted: (truth) => truth === true });
}

type SessionReading = Pick<Snapshot, "sessions" | "health" | "own" | "methods">;
type PastVerdicts = Pick<Memory, "settled" | "told">;

function among(
  { sessions, health, methods = {}, own }: SessionReading,
  { ready, rules: { domain, limits, mode }, memory: { settled, told }, unread, isWanted }: {
    readonly ready: readonly Policy[];
    readonly rules: Rules;
    readonly memory: PastVerdicts;
    readonly unread: Readings;
    readonly isWanted: (truth: Truth) => boolean;
  },
): readonly Session[] {
  if (sessions.length === 0) return [];
  const known = new Set(told);
  const decided = { own, settled };
  // What was decided over, and will not be escalated, is not asked about again; nor what those who look on have told.
  const isOver = (policy: Policy, session: Session) => {
    const { execution } = session;
    if (isSparedForGood(policy, session, known)) return true;
    if (!claims(policy, domain)) return ONCE.some((verdict) => known.has(toldKey(policy, verdict, session)));
    const over = settled[execution];
    return over !== undefined && !(mode === "enforce" && isOverFor(policy, session, over)) &&
      (over.final || mode !== "enforce" || over.policy !== policy.name || policy.escalate === undefined);
  };
  return sessions.filter((session) => {
    if (isNeverSelected(session, domain, decided)) return false;
    const subject: Subject = { limits, database: health, methods, session: { ...unread, ...session } };
    return ready.some((policy) =>
      (actionOf(domain.actions, policy.then).acts_on !== "statement" || session.running ||
        unfinishedKill(policy, session, { settled, actions: domain.actions })) &&
      !isOver(policy, session) && isWanted(policy.where.evaluate(subject))
    );
  });
}

/** What those who look on say once of a session, and then nothing more. */
const ONCE = ["match", "would-kill"] as const;
