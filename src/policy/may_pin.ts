import { actionOf, type Actions } from "./action.ts";
import type { Policy } from "./policy.ts";
import { isUnknown, type Subject } from "../language/mod.ts";
import type { Session } from "./snapshot.ts";

/** From this age on, in milliseconds, a transaction is worth reporting. */
const WORTH_NAMING = 1000;

/** Whether a policy would select a session if it held the oldest read view, and it is unknown whether it does. */
export function mayPin(
  { where, then }: Policy,
  session: Session,
  { subject, actions }: { readonly subject: Subject; readonly actions: Actions },
): boolean {
  const { pins_purge, transaction_time = 0 } = session;
  if (actionOf(actions, then).acts_on === null || !isUnknown(pins_purge)) return false;
  // What has just begun may have ended while it was read.
  if (!isUnknown(transaction_time) && transaction_time < WORTH_NAMING) return false;
  return where.evaluate(subject) === undefined &&
    where.evaluate({ ...subject, session: { ...session, pins_purge: true } }) === true;
}
