import type { Rules } from "../policy/mod.ts";

/** A kill must be seen to have failed before it escalates: by this margin, in milliseconds. */
const BEFORE_ESCALATION = 400;

/** How long to wait for the effect of a policy's kill, in milliseconds. */
export function verifyTime({ verify, policies }: Rules, policy: string): number {
  const escalate = policies.find(({ name }) => name === policy)?.escalate ?? Infinity;
  return Math.min(verify, escalate - BEFORE_ESCALATION);
}
