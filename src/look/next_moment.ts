import { actionOf, type Gate, type Memory, type Policy, type Rules, type Snapshot } from "../policy/mod.ts";
import { crossingOf, shortestLimit, type Subject } from "../language/mod.ts";
import { SHORTEST_PAUSE } from "./pace.ts";

/** The results of a look that the next moment follows from. */
export interface LookFacts {
  /** Absent if sessions were not read. */
  readonly snapshot?: Snapshot;
  readonly gates: readonly Gate[];
  readonly rules: Rules;
  readonly memory: Memory;
  /** When the gates were evaluated, by the clock's `now`. */
  readonly now: number;
  /** How far to look ahead, in milliseconds. */
  readonly window: number;
}

/**
 * When, by the clock's `now`, the passage of time alone may change a decision: a gate has been open for long enough,
 * a session (or one that begins right now) reaches a limit, or an escalation is due. Undefined if none of that
 * happens within the window. Pure.
 */
export function nextMoment(known: LookFacts): number | undefined {
  const { rules, gates, now, window } = known;
  if (window <= 0) return undefined;
  const moments = rules.policies.flatMap((policy, index) => momentsOf(policy, gates[index]!, known));
  const next = Math.min(...moments.filter((moment) => moment > now));
  return next <= now + window ? next : undefined;
}

function momentsOf(policy: Policy, gate: Gate, known: LookFacts): readonly number[] {
  if (gate.state !== "open") return [];
  if (!gate.ready) return gate.since === undefined ? [] : [gate.since + policy.for];
  return [...crossings(policy, known), ...escalations(policy, known)];
}

/**
 * Ages that are read together with the gates are as of some moment since the reading began. Half of that time is the
 * best guess, but never more than the shortest pause, after which a look that came too early is repeated anyway. A
 * session that has reached its limit since it was read is due at once.
 */
function crossings(
  { where, then }: Policy,
  { snapshot, rules, memory, now, window }: LookFacts,
): readonly number[] {
  if (snapshot === undefined) return [];
  const { sessions, health, methods = {}, at } = snapshot;
  const aged = at + Math.max(0, Math.min((now - at) / 2, SHORTEST_PAUSE));
  const database: Subject = { limits: rules.limits, database: health, methods };
  const endsStatement = actionOf(rules.domain.actions, then).acts_on === "statement";
  const known = sessions.flatMap((session) => {
    if (memory.settled[session.execution] !== undefined || (endsStatement && !session.running)) return [];
    const subject = { ...database, session };
    if (where.evaluate(subject) === true) return [];
    const wait = crossingOf(where, subject, window);
    return wait === undefined ? [] : [Math.max(aged + wait, now + 1)];
  });
  // A statement that begins right after this look is not known yet.
  const shortest = shortestLimit(where, database);
  return shortest === undefined ? known : [...known, aged + shortest];
}

function escalations({ name, escalate }: Policy, { memory }: LookFacts): readonly number[] {
  if (escalate === undefined) return [];
  return Object.values(memory.settled)
    .filter(({ policy, final }) => policy === name && !final)
    .map(({ at }) => at + escalate);
}
