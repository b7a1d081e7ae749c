import type { Expression } from "../language/mod.ts";
import type { Domain } from "./domain.ts";
import type { Schedule } from "./schedule.ts";
import type { VictimOrder } from "./victim_order.ts";

/** Whether kills are made, or only decided and logged. */
export const MODES = ["dry-run", "enforce"] as const;
/** Whether kills are made, or only decided and logged. */
export type Mode = typeof MODES[number];
/** Everything that decides which sessions of one database are acted on. */
export interface Rules {
  readonly domain: Domain;
  readonly mode: Mode;
  /** By name: numbers, durations in milliseconds, sizes in bytes, shares in percent. */
  readonly limits: Readonly<Record<string, number>>;
  /** In the order in which they are asked. */
  readonly policies: readonly Policy[];
  readonly protect: readonly Expression[];
  readonly budget: Budget;
  /** How many changed rows the server may have to roll back for a kill. */
  readonly rollbackRows: number;
  /** The user-defined metrics that the policies in force refer to, by name. */
  readonly metrics: Readonly<Record<string, Metric>>;
  /** The keys of the comment tags that are kept. */
  readonly tags: readonly string[];
  /** Whether only the holder of the server's lease may kill. */
  readonly lease: boolean;
  /** How long to wait for the effect of a kill, in milliseconds. */
  readonly verify: number;
  /** How long nothing is killed after a reconnect, restart or change of role, in milliseconds. */
  readonly grace: number;
}

/** A user-defined metric: a number from the user's own SQL. */
export interface Metric {
  readonly sql: string;
  /** How often it is read, in milliseconds. */
  readonly every: number;
}

/** How many kills there may be within a sliding window of `per` milliseconds. */
export interface Budget {
  readonly kills: number;
  readonly per: number;
  /** In percent of the sessions that the action's `share_of` names. */
  readonly share: number;
  /** How many kills of a kind a share always allows, however few sessions there are. */
  readonly atLeast: number;
}

/** What every policy has, whatever kind of target it is about: its gate, and when it acts again. */
export interface GatedPolicy {
  readonly name: string;
  readonly description?: string;
  /** `dry-run`: this policy only rehearses, in the shadow of the armed ones. */
  readonly mode?: Mode;
  /** The gate; absent: always open. */
  readonly when?: Expression;
  /** What closes the gate once it is open; absent: it closes when `when` is no longer true. */
  readonly until?: Expression;
  /** The hours in which it is active; absent: always. */
  readonly during?: Schedule;
  /** How long the gate has to be open, in milliseconds, before the policy acts. */
  readonly for: number;
  /** One of the domain's actions. */
  readonly then: string;
  /** The channels that are told what it does, by name; absent: none by this policy. */
  readonly notify?: readonly string[];
  readonly settle?: Settle;
}

/** One policy in force for a database: it selects sessions. */
export interface Policy extends GatedPolicy {
  readonly where: Expression;
  /** How long a statement may survive its kill before its connection is killed, in milliseconds. */
  readonly escalate?: number;
  /** In percent; replaces the budget's share. See {@linkcode Budget}. */
  readonly share?: number;
  /** Whether it may kill no matter how much the server would have to roll back. */
  readonly rollback?: "any";
  readonly victims: Victims;
}

/** What a policy does on a database: it is a dry run where either of them says so. */
export function modeOf({ mode }: Pick<Rules, "mode">, policy: Pick<Policy, "mode">): Mode {
  return policy.mode === "dry-run" ? "dry-run" : mode;
}

/** How a policy waits for the effect of what it does. */
export interface Settle {
  /** After a round, and after each improvement of `when` since, in milliseconds. */
  readonly wait: number;
  /** After this many rounds without an improvement of `when`, the policy stops until its gate closes. */
  readonly giveUpAfter: number;
}

/** How many of the selected sessions are acted on in one interval, and which first. */
export interface Victims {
  readonly order: VictimOrder;
  /** Absent: all of them. */
  readonly limit?: number;
}
