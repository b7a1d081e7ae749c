import type { Action } from "../../policy/mod.ts";
import type { KillKind } from "../kill.ts";

/** What KILL does for each action; null: this is no kill. A new action does not compile without its word here. */
export const KILL_KINDS: Readonly<Record<Action, KillKind | null>> = {
  log: null,
  "kill query": "query",
  "kill connection": "connection",
};

/** What KILL does for an action; undefined where that is nothing, or the action is none that is known here. */
export function killKind(action: string): KillKind | undefined {
  return isKnown(action) ? KILL_KINDS[action] ?? undefined : undefined;
}

function isKnown(action: string): action is Action {
  return Object.hasOwn(KILL_KINDS, action);
}
