import type { Look } from "../look/mod.ts";
import { type Gate, type Memory, type Rules, unfinishedKill } from "../policy/mod.ts";

/** The time between two readings of transactions and locks, in milliseconds, unless the interval is shorter. */
export const CAUSES = 1000;

/** Whether a policy is waiting for its gate to be open long enough, or for an escalation to be due. */
export function mayActLater(found: Look, rules: Rules, memory: Memory): boolean {
  return found.gates.some((gate) => isWaiting(gate, found, { rules, memory }));
}

function isWaiting(
  { policy, state, ready }: Gate,
  { snapshot, deferred, moment }: Look,
  { rules: { policies, domain }, memory: { settled } }: { readonly rules: Rules; readonly memory: Memory },
): boolean {
  if (!ready) return state === "open";
  const own = policies.find(({ name }) => name === policy);
  return own !== undefined && snapshot !== undefined && snapshot.sessions.some((session) => {
    const kill = unfinishedKill(own, session, { settled, actions: domain.actions });
    if (kill === undefined) return false;
    if (session.running && settled[session.execution] !== undefined) return true;
    // A statement that has stopped running did not survive, but its transaction may have.
    const isDue = moment.now < kill.at + own.escalate! + 2 * CAUSES;
    return isDue && (deferred === true || session.transaction !== undefined);
  });
}
