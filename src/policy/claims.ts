import { actionOf, type Actions } from "./action.ts";
import type { Policy } from "./policy.ts";

/** Whether a policy's decision keeps later ones from a session: not if it only looks on. */
export function claims(
  { then, mode }: Pick<Policy, "then" | "mode">,
  { actions }: { readonly actions: Actions },
): boolean {
  return actionOf(actions, then).claims && mode !== "dry-run";
}
