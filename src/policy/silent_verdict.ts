import type { Policy } from "./policy.ts";
import type { Session } from "./snapshot.ts";
import type { Verdict } from "./decision.ts";
import { reasonsThat, type SkipReason } from "./reason.ts";

/** A verdict that changes nothing. */
export type SilentVerdict = Exclude<Verdict, { readonly verdict: "act" }>;

/** What is told once of a policy and an execution, as it is remembered. */
export function toldKey(
  { name }: Pick<Policy, "name">,
  what: SkipReason | Verdict["verdict"],
  { execution }: Pick<Session, "execution">,
): string {
  return `${name} ${what} ${execution}`;
}

/**
 * Whether a policy spares an execution for what does not change as long as that is the same: what an idle connection
 * holds, it lets go of by a statement alone.
 */
export function isSparedForGood(
  policy: Policy,
  session: Session,
  told: ReadonlySet<string>,
): boolean {
  return FOR_GOOD.some((reason) => told.has(toldKey(policy, reason, session)));
}

const FOR_GOOD = reasonsThat("for_good");
