import type { Expression } from "../language/mod.ts";
import type { Secret } from "../log/secret.ts";
import type { Schedule } from "./schedule.ts";
import type { ACTIONS, MODES, SQL_LOGS, SSL_MODES, VICTIM_ORDERS } from "./schema.ts";

/** Whether kills are made, or only decided and logged. */
export type Mode = typeof MODES[number];
/** What a policy does with the sessions that it selects. */
export type Action = typeof ACTIONS[number];
/** Which of the selected sessions come first. */
export type VictimOrder = typeof VICTIM_ORDERS[number];
/** When and how a connection is encrypted; MySQL's own names. */
export type SslMode = typeof SSL_MODES[number];

/** What of a statement is told. */
export type SqlLog = typeof SQL_LOGS[number];

/** Everything that the program was told, resolved for each database. Immutable; prints without secrets. */
export interface Config {
  readonly file: string;
  readonly databases: readonly DatabaseConfig[];
  /** The file in which kills are written down; absent: `off`. */
  readonly journal?: string;
  /** What of a statement is told. */
  readonly sql: SqlLog;
  /** Where there is a file of this name, nothing is killed. */
  readonly pause: string;
  /** Absent: nothing is kept. */
  readonly evidence?: Evidence;
}

/** The last looks, which are kept for a file at a kill. */
export interface Evidence {
  /** For how long, in milliseconds. */
  readonly keep: number;
  readonly folder: string;
}

/** One database, after the levels were laid over each other. */
export interface DatabaseConfig {
  readonly name: string;
  readonly group?: string;
  readonly address: Address;
  readonly tls: Tls;
  /** Absent only where a configuration is validated without its credentials. */
  readonly account?: Account;
  readonly rules: Rules;
  /** The longest time between two looks, in milliseconds. */
  readonly interval: number;
  /** The name of the database that this one replicates from, where the server does not tell it well enough. */
  readonly source?: string;
  /** A table that shows its lag, as `schema.table`. */
  readonly heartbeat?: string;
}

/** Where a server listens. */
export type Address =
  | { readonly host: string; readonly port: number }
  | { readonly socket: string };

/** How a connection is encrypted. Certificates and keys are PEM texts. */
export interface Tls {
  readonly mode: SslMode;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: Secret;
}

/** Who logs in. */
export interface Account {
  readonly user: string;
  readonly password: Secret;
}

/** What decides over the sessions of one database. */
export interface Rules {
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
  /** In percent: of the running sessions for `kill query`, of all connections for `kill connection`. */
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
  readonly then: Action;
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

/** What holds where nothing is said; the README's tables name the same. */
export const DEFAULTS = {
  credentials: "credentials.yaml",
  journal: "query-sniper.sqlite",
  evidence: { keep: 300_000, folder: "evidence" },
  mode: "dry-run",
  interval: 1000,
  port: 3306,
  sslMode: "preferred",
  verify: 5000,
  grace: 10_000,
  budget: { kills: 30, per: 60_000, share: 20, atLeast: 5 },
  giveUpAfter: 5,
  metricEvery: 10_000,
  rollbackRows: 100_000,
  sql: "digest",
  tags: ["controller", "action", "job", "route", "application", "method"],
  order: "oldest",
} as const;
