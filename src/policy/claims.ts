import { ACTIONS } from "./action.ts";
import type { Policy } from "./policy.ts";

/** Whether a policy's decision keeps later ones from a session: not if it only looks on. */
export function claims({ then, mode }: Pick<Policy, "then" | "mode">): boolean {
  return ACTIONS[then].claims && mode !== "dry-run";
}
