import type { Clause, Subject } from "../language/mod.ts";
import { prepared, protection, proxied, rollbackCost } from "./clearance.ts";
import { heldBy } from "./held_item.ts";
import type { Rules } from "./policy.ts";
import { REASONS } from "./reason.ts";
import { isShielded, REFUSED } from "./shield.ts";
import type { Session, Snapshot } from "./snapshot.ts";

/** The name in place of a policy's, where a person decided. No policy can have it: it is no name. */
export const BY_HAND = "(by hand)";

/** Why a session is not killed, whoever asks for it. */
export interface Objection {
  readonly text: string;
  /** The clauses that led to it. */
  readonly because: readonly Clause[];
}

/**
 * What forbids that a person kills a session: what no policy may select either, and what is or may be protected. What
 * a policy has to name first, such as a verb, a person has seen.
 */
export function objectionTo(
  session: Session,
  snapshot: Pick<Snapshot, "own" | "health" | "methods" | "shielded">,
  rules: Pick<Rules, "domain" | "limits" | "protect">,
): Objection | undefined {
  const { own, health, methods = {} } = snapshot;
  const never = rules.domain.whyNever(session, own);
  if (never !== undefined) return { text: `it is never selected: ${never}`, because: [] };
  const subject: Subject = { limits: rules.limits, database: health, methods, session };
  const spared = protection(rules, subject) ?? proxied(session, { acts_on: "statement" }) ??
    prepared(session);
  if (spared !== undefined) return { text: REASONS[spared.reason].meaning, because: spared.because };
  return isShielded(snapshot, session) ? { text: REFUSED, because: [] } : undefined;
}

/** What a person should know before a session is killed: what would have to be undone, and what an idle one holds. */
export function costsOf(session: Session, rules: Pick<Rules, "domain" | "rollbackRows">): readonly Clause[] {
  const undone = rollbackCost({}, session, rules)?.because ?? [];
  const held = session.running ? [] : heldBy(session, { where: { needs: [] } }, rules.domain)
    .map(({ hold, value }) => ({
      expression: hold,
      left: value === true ? "true" : `unknown: ${value.unknown}`,
    }));
  return [...undone, ...held];
}
