import type { Rules } from "../policy/mod.ts";

/** What is going to be escalated has to be seen to survive first: this long before, in milliseconds. */
const BEFORE_ESCALATION = 400;

/** How long to look for the effect of a policy's kill, in milliseconds. */
export function verifyTime({ verify, policies }: Rules, policy: string): number {
  const escalate = policies.find(({ name }) => name === policy)?.escalate ?? Infinity;
  return Math.min(verify, escalate - BEFORE_ESCALATION);
}
