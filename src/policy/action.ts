import { quoted } from "../text/nearest.ts";

/** Everything the program has to know about an action. */
export interface ActionRow {
  readonly meaning: string;
  /**
   * What it ends; null: nothing, it only reports. An action on a statement does nothing to a session that runs none.
   */
  readonly acts_on: "statement" | "connection" | null;
  /** The sessions that the budget's share counts; null: no share limits it. */
  readonly share_of: "running" | "connections" | null;
  /** The next step if what it acted on goes on; null: there is none. */
  readonly escalates_to: string | null;
  /** Whether later policies may no longer act on the session. */
  readonly claims: boolean;
}

/** What can be done with the items of one kind of target, by the name that policies give it. */
export type Actions = Readonly<Record<string, ActionRow>>;

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
} as const satisfies Actions;

/** What a policy does with the sessions of a server that it selects. */
export type Action = keyof typeof TABLE;

/** What is done with sessions. A new one is a new row here; their executor does not compile until it knows it. */
export const ACTIONS: Readonly<Record<Action, ActionRow>> = TABLE;

/** Their names, as a policy writes them. */
export const ACTION_NAMES = Object.keys(ACTIONS) as readonly Action[];

/** What an action does to a session. */
export type Kill = {
  [A in Action]: typeof TABLE[A]["acts_on"] extends null ? never : A;
}[Action];

/** The actions that do something to a session. */
export const KILLS = ACTION_NAMES.filter((action): action is Kill => ACTIONS[action].acts_on !== null);

/**
 * The row of an action.
 * @throws {TypeError} It is not in the table: nothing is decided then.
 */
export function actionOf<R>(actions: Readonly<Record<string, R>>, name: string): R {
  const row = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (row === undefined) throw new TypeError(`There is no such action: ${quoted(name)}`);
  return row;
}

/** What a kill becomes as the next step after an earlier one. */
export function escalated(actions: Actions, name: string): string {
  return actionOf(actions, name).escalates_to ?? name;
}
