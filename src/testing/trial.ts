import type { Unknown } from "../language/mod.ts";
import type { CostlyName } from "../mysql/mod.ts";
import type { DatabaseConfig } from "../config/mod.ts";
import type { GateState, Kill, TestedReason } from "../policy/mod.ts";
import type { Series } from "./series.ts";

/** One test of a database's policies: the state of the database over simulated time, and what is expected to happen. */
export interface Trial {
  readonly name: string;
  readonly database: DatabaseConfig;
  /** The wall-clock time at which it begins, in milliseconds since 1970-01-01 UTC. */
  readonly start: number;
  /** The values of the database, by their names in the policy language. */
  readonly values: Readonly<Record<string, Series>>;
  readonly sessions: readonly TrialSession[];
  /** In order of time. */
  readonly expect: readonly Expectation[];
}

/** A session of a test. All times are in milliseconds since it began. */
export interface TrialSession {
  readonly id: number;
  readonly user: string;
  readonly host: string;
  readonly db: string;
  readonly state: string;
  readonly program: string | Unknown;
  /** Its values while a statement runs. */
  readonly command: string;
  readonly sql: string | Unknown;
  /** When its statement begins; absent if it runs none. */
  readonly started?: number | Unknown;
  /** When it becomes idle; absent if it never does. */
  readonly idleSince?: number | Unknown;
  readonly transactionSince?: number | Unknown;
  /** When it ends by itself. */
  readonly ends?: number;
  /** Whether a kill of its statement has no effect. */
  readonly survives: boolean;
  readonly attributes: Readonly<Record<string, string | Unknown>>;
  /** The costly values, unless they are derived from others. */
  readonly causes: Readonly<Partial<Record<CostlyName, Series>>>;
}

/** What is expected at one moment. */
export interface Expectation {
  /** In milliseconds since the test began. */
  readonly at: number;
  /** By policy. */
  readonly gates: Readonly<Record<string, GateState>>;
  /** The sessions killed since the victims were last checked; absent if not checked now. */
  readonly victims?: readonly ExpectedVictim[];
  /** The same for policies that only report. */
  readonly matches?: readonly ExpectedVictim[];
  readonly spared: readonly ExpectedSurvivor[];
}

/** A session that a policy acts on. Absent values match anything. */
export interface ExpectedVictim {
  readonly session: number;
  readonly policy?: string;
  readonly action?: Kill;
  /** Some of the clauses that decided. */
  readonly because: readonly string[];
}

/** A session that is expected to be alive. */
export interface ExpectedSurvivor {
  readonly session: number;
  /** Which policy spares it. */
  readonly policy?: string;
  /** It is selected, and spared at this look for this reason. */
  readonly reason?: TestedReason;
}
