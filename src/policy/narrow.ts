import type { Policy, Rules } from "../config/mod.ts";
import { NOT_READ_YET, type Subject, vocabularyEntry } from "../language/mod.ts";
import type { Session, Snapshot } from "../snapshot/mod.ts";
import { claims } from "./claims.ts";
import { isOverFor, unfinishedKill } from "./escalation.ts";
import type { Gate } from "./gate.ts";
import type { Memory } from "./memory.ts";
import { isNeverSelected } from "./never.ts";

/**
 * The sessions that a policy whose gate is ready may still select, whatever is read of them yet. What was not
 * read can make neither true of false nor false of true.
 */
export function narrow(
  { sessions, health, own }: Pick<Snapshot, "sessions" | "health" | "own">,
  gates: readonly Gate[],
  { policies, limits, mode }: Rules,
  { settled, told }: Pick<Memory, "settled" | "told">,
): readonly Session[] {
  if (sessions.length === 0) return [];
  const ready = policies.filter((_, index) => gates[index]!.ready);
  const known = new Set(told);
  // What was decided over, and will not be escalated, is not asked about again; nor what those who look on have told.
  const isOver = (policy: Policy, session: Session) => {
    const { execution } = session;
    if (!claims(policy)) return ONCE.some((verdict) => known.has(`${policy.name} ${verdict} ${execution}`));
    const over = settled[execution];
    return over !== undefined && !(mode === "enforce" && isOverFor(policy, session, over)) &&
      (over.final || mode !== "enforce" || over.policy !== policy.name || policy.escalate === undefined);
  };
  const dear = ready.flatMap(({ where }) => where.needs).filter((name) => vocabularyEntry(name)?.dear);
  const unread = Object.fromEntries(dear.map((name) => [name, NOT_READ_YET]));
  return sessions.filter((session) => {
    if (isNeverSelected(session, own)) return false;
    const subject: Subject = { limits, database: health, session: { ...unread, ...session } };
    return ready.some((policy) =>
      (policy.then !== "kill query" || session.running || unfinishedKill(policy, session, settled)) &&
      !isOver(policy, session) &&
      policy.where.evaluate(subject) !== false
    );
  });
}

/** What those who look on say once of a session, and then nothing more. */
const ONCE = ["match", "would-kill"] as const;
