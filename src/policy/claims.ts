import { actionOf, type Actions } from "./action.ts";
import type { Policy } from "./policy.ts";

/** Whether a policy's decision keeps later policies from a session: not if the policy only reports. */
export function claims(
  { then, mode }: Pick<Policy, "then" | "mode">,
  { actions }: { readonly actions: Actions },
): boolean {
  return actionOf(actions, then).claims && mode !== "dry-run";
}
