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
 * The sessions that a ready policy may still select, going by the values read so far. Values that have not been read
 * are unknown: they make nothing true or false.
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
 * The sessions that a ready policy selects, once everything the policies ask for has been read. For these, the
 * values that must be known before a kill are read next.
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
  // Skips executions that were decided about and will not escalate, and those that a reporting policy has already
  // reported.
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

/** The verdicts that are reported once for each session. */
const ONCE = ["match", "would-kill"] as const;
