import type { Expression } from "../language/mod.ts";
import type { Domain } from "./domain.ts";
import type { Schedule } from "./schedule.ts";
import type { VictimOrder } from "./victim_order.ts";

/** Whether kills are made, or only decided and logged. */
export const MODES = ["dry-run", "enforce"] as const;
/** Whether kills are made, or only decided and logged. */
export type Mode = typeof MODES[number];
/** What decides over the sessions of one database. */
export interface Rules {
  readonly domain: Domain;
  readonly mode: Mode;
  /** By name: numbers, durations in milliseconds, sizes in bytes, shares in percent. */
  readonly limits: Readonly<Record<string, number>>;
  /** In the order in which they are asked. */
  readonly policies: readonly Policy[];
  readonly protect: readonly Expression[];
  readonly budget: Budget;
  /** How many changed rows a kill may have the server undo. */
  readonly rollbackRows: number;
  /** The user's own numbers that the policies in force refer to, by name. */
  readonly metrics: Readonly<Record<string, Metric>>;
  /** The keys of the tags in comments that are kept. */
  readonly tags: readonly string[];
  /** Whether only the holder of the server's lease kills there. */
  readonly lease: boolean;
  /** How long to look for the effect of a kill, in milliseconds. */
  readonly verify: number;
  /** How long nothing is killed after a reconnect, restart or change of role, in milliseconds. */
  readonly grace: number;
}

/** A number from the user's own SQL. */
export interface Metric {
  readonly sql: string;
  /** How often it is asked for, in milliseconds. */
  readonly every: number;
}

/** How many kills there may be within a sliding window of `per` milliseconds. */
export interface Budget {
  readonly kills: number;
  readonly per: number;
  /** In percent, of the sessions that `share_of` of the action says. */
  readonly share: number;
  /** How many kills of a kind a share allows however few sessions there are. */
  readonly atLeast: number;
}

/** One policy as it is in force for a database. */
export interface Policy {
  readonly name: string;
  readonly description?: string;
  /** `dry-run`: this policy only rehearses, in the shadow of the armed ones. */
  readonly mode?: Mode;
  /** The gate; absent: always open. */
  readonly when?: Expression;
  /** What closes the gate once it is open; absent: that `when` is no longer true. */
  readonly until?: Expression;
  /** The hours in which it is asked at all; absent: always. */
  readonly during?: Schedule;
  /** How long the gate has to be open, in milliseconds, before the policy acts. */
  readonly for: number;
  readonly where: Expression;
  /** One of the domain's actions. */
  readonly then: string;
  /** How long after its kill a statement may still run before its connection is ended, in milliseconds. */
  readonly escalate?: number;
  /** In percent, in place of the budget's: see {@linkcode Budget}. */
  readonly share?: number;
  readonly settle?: Settle;
  /** Whether it may kill however much the server would have to undo. */
  readonly rollback?: "any";
  readonly victims: Victims;
}

/** How a policy waits for the effect of what it did. */
export interface Settle {
  /** After a round, and after each improvement of `when` since, in milliseconds. */
  readonly wait: number;
  /** After so many rounds without an improvement of `when` it stops until its gate has closed. */
  readonly giveUpAfter: number;
}

/** Which of the selected sessions are acted on in one interval. */
export interface Victims {
  readonly order: VictimOrder;
  /** Absent: all that were selected. */
  readonly limit?: number;
}
