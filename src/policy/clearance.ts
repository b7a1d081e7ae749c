import { actionOf, type ActionRow } from "./action.ts";
import type { Policy, Rules } from "./policy.ts";
import { type Clause, explain, isUnknown, type Reading, type Subject, type Truth } from "../language/mod.ts";
import type { Session } from "./snapshot.ts";
import type { SkipReason } from "./reason.ts";
import { heldBy } from "./held_item.ts";

/** Why a session is spared. */
export interface SparingCause {
  readonly reason: SkipReason;
  /** The clauses that led to it. */
  readonly because: readonly Clause[];
}

interface JudgingContext {
  readonly rules: Rules;
  readonly subject: Subject;
  /** What is to be done: the policy's action, or its next step. */
  readonly action: string;
}

declare const CLEARED: unique symbol;
/** A session that a policy may kill. Only {@linkcode clear} makes one. */
export type KillableSession = Session & { readonly [CLEARED]: true };

/**
 * Checks everything that may protect a session from the policy that selected it. If a value that a check needs was
 * not read, the session is spared: unknown does not count as harmless.
 */
export function clear(
  policy: Policy,
  session: Session,
  { rules, subject, action }: JudgingContext,
): { readonly cleared: KillableSession } | { readonly spared: SparingCause } {
  const spared = consent(policy, session, { rules, subject, action }) ?? protection(rules, subject) ??
    proxied(session, actionOf(rules.domain.actions, action)) ??
    rollbackCost(policy, session, rules) ?? prepared(session) ?? held(policy, session, rules);
  return spared === undefined ? { cleared: session as KillableSession } : { spared };
}

/** The policy does not name something that it must name. */
function consent(
  { where }: Policy,
  session: Session,
  { rules, subject }: JudgingContext,
): SparingCause | undefined {
  const isMissing = rules.domain.consent.isMissing(where, session, subject);
  return isMissing ? { reason: "needs-verb", because: [] } : undefined;
}

/** The first protection that is true, else the first that is unknown. */
export function protection({ protect }: Pick<Rules, "protect">, subject: Subject): SparingCause | undefined {
  const find = (truth: Truth) => protect.find((expression) => expression.evaluate(subject) === truth);
  const [sure, possible] = [find(true), find(undefined)];
  const protection = sure ?? possible;
  return protection && {
    reason: sure === undefined ? "protected-unknown" : "protected",
    because: explain(protection, subject).because,
  };
}

/**
 * A proxy's connection that is nobody's, or one that neither the server nor a proxy can end without harm. Ending only its
 * statement does no harm.
 */
export function proxied(
  { pooled, ends_by }: Session,
  { acts_on }: Pick<ActionRow, "acts_on">,
): SparingCause | undefined {
  if (pooled === true) return { reason: "pooled", because: [{ expression: "pooled", left: "true" }] };
  if (acts_on !== "connection" || !isUnknown(ends_by)) return undefined;
  return {
    reason: "proxied",
    because: [{ expression: "who can end the connection", left: unknownText(ends_by) }],
  };
}

/** The server would have too much to roll back, or the amount is unknown. */
export function rollbackCost(
  { rollback }: Pick<Policy, "rollback">,
  { rows_modified = NOT_READ }: Session,
  { rollbackRows }: Pick<Rules, "rollbackRows">,
): SparingCause | undefined {
  if (rollback === "any" || (!isUnknown(rows_modified) && rows_modified <= rollbackRows)) return undefined;
  return {
    reason: "rollback-cost",
    because: [{
      expression: "rows_modified > limits.rollback_rows",
      left: isUnknown(rows_modified) ? unknownText(rows_modified) : String(rows_modified),
      right: String(rollbackRows),
    }],
  };
}

/** A prepared transaction is never selected; an unknown one may be prepared. */
export function prepared({ prepared = NOT_READ }: Session): SparingCause | undefined {
  if (prepared === false) return undefined;
  return {
    reason: "unknown",
    because: [{ expression: "its transaction is prepared by XA", left: textOf(prepared) }],
  };
}

/** An idle connection would lose a lock it holds on purpose, and its client would notice too late. */
function held(policy: Policy, session: Session, { domain }: Rules): SparingCause | undefined {
  if (session.running) return undefined;
  const held = heldBy(session, policy, domain);
  if (held.length === 0) return undefined;
  const because = held.map(({ hold, value }) => ({ expression: hold, left: textOf(value) }));
  return { reason: held.some(({ value }) => value === true) ? "holds" : "unknown", because };
}

const NOT_READ = { unknown: "not read" };

function textOf(reading: Reading): string {
  return isUnknown(reading) ? unknownText(reading) : String(reading);
}

function unknownText({ unknown }: { readonly unknown: string }): string {
  return `unknown: ${unknown}`;
}
