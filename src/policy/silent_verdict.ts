import type { Policy } from "./policy.ts";
import type { Session } from "./snapshot.ts";
import type { Verdict } from "./decision.ts";
import { reasonsThat, type SkipReason } from "./reason.ts";

/** A verdict that leaves the session alone. */
export type SilentVerdict = Exclude<Verdict, { readonly verdict: "act" }>;

/** The key under which the memory notes what was reported about a policy and an execution. */
export function toldKey(
  { name }: Pick<Policy, "name">,
  what: SkipReason | Verdict["verdict"],
  { execution }: Pick<Session, "execution">,
): string {
  return `${name} ${what} ${execution}`;
}

/**
 * Whether a policy spares an execution for a reason that lasts as long as the execution. For example, an idle
 * connection releases what it holds only by running a statement.
 */
export function isSparedForGood(
  policy: Policy,
  session: Session,
  told: ReadonlySet<string>,
): boolean {
  return FOR_GOOD.some((reason) => told.has(toldKey(policy, reason, session)));
}

const FOR_GOOD = reasonsThat("for_good");
