/** All that is decided about an action, anywhere. */
interface ActionRow {
  readonly meaning: string;
  /** What it ends; null: nothing, it only looks on. What ends a statement does nothing to a session that runs none. */
  readonly acts_on: "statement" | "connection" | null;
  /** The sessions that the budget's share is a part of; null: no share limits it. */
  readonly share_of: "running" | "connections" | null;
  /** The next step, where what it acted on goes on; null: there is none. */
  readonly escalates_to: keyof typeof TABLE | null;
  /** Whether it keeps the session from the policies that come later. */
  readonly claims: boolean;
}

const TABLE = {
  log: {
    meaning: "tells of the session",
    acts_on: null,
    share_of: null,
    escalates_to: null,
    claims: false,
  },
  "kill query": {
    meaning: "ends the statement that the session runs",
    acts_on: "statement",
    share_of: "running",
    escalates_to: "kill connection",
    claims: true,
  },
  "kill connection": {
    meaning: "ends the session, and with it its statement and its transaction",
    acts_on: "connection",
    share_of: "connections",
    escalates_to: null,
    claims: true,
  },
} as const;

/** What a policy does with the sessions that it selects. */
export type Action = keyof typeof TABLE;

/** Every action. A new one is a new row here; executors do not compile until they know it. */
export const ACTIONS: Readonly<Record<Action, ActionRow>> = TABLE;

/** Their names, as a policy writes them. */
export const ACTION_NAMES = Object.keys(ACTIONS) as readonly Action[];

/** What is done to a session. */
export type Kill = {
  [A in Action]: typeof TABLE[A]["acts_on"] extends null ? never : A;
}[Action];

/** The actions that do something to a session. */
export const KILLS = ACTION_NAMES.filter((action): action is Kill => ACTIONS[action].acts_on !== null);

/** What a kill becomes as the next step after an earlier one. */
export function escalated(action: Action): Action {
  return ACTIONS[action].escalates_to ?? action;
}
