import type { Action } from "../../policy/mod.ts";
import type { KillKind } from "../kill.ts";

/** What KILL does for each action; null: the action is no kill. A new action does not compile without a row here. */
export const KILL_KINDS: Readonly<Record<Action, KillKind | null>> = {
  log: null,
  "kill query": "query",
  "kill connection": "connection",
};

/** What KILL does for an action; undefined if the action is no kill, or is unknown. */
export function killKind(action: string): KillKind | undefined {
  return isKnown(action) ? KILL_KINDS[action] ?? undefined : undefined;
}

function isKnown(action: string): action is Action {
  return Object.hasOwn(KILL_KINDS, action);
}
