import type { Unknown } from "../language/mod.ts";
import type { CostlyName } from "../mysql/mod.ts";
import type { DatabaseConfig } from "../config/mod.ts";
import type { GateState, Kill, TestedReason } from "../policy/mod.ts";
import type { Series } from "./series.ts";

/** One test of the policies of a database: what is there over simulated time, and what is to come of it. */
export interface Trial {
  readonly name: string;
  readonly database: DatabaseConfig;
  /** What the clock on the wall shows when it begins, in milliseconds since 1970-01-01 UTC. */
  readonly start: number;
  /** What is read of the database, by the names of the policy language. */
  readonly values: Readonly<Record<string, Series>>;
  readonly sessions: readonly TrialSession[];
  /** In the order of their times. */
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
  /** While a statement runs. */
  readonly command: string;
  readonly sql: string | Unknown;
  /** When its statement begins; absent: it runs none. */
  readonly started?: number | Unknown;
  /** When it has nothing to do; absent: it is never idle. */
  readonly idleSince?: number | Unknown;
  readonly transactionSince?: number | Unknown;
  /** When it goes away by itself. */
  readonly ends?: number;
  /** Whether a kill of its statement has no effect. */
  readonly survives: boolean;
  readonly attributes: Readonly<Record<string, string | Unknown>>;
  /** What is costly to read, where that is not worked out. */
  readonly causes: Readonly<Partial<Record<CostlyName, Series>>>;
}

/** What is to be so at one moment. */
export interface Expectation {
  /** In milliseconds since the test began. */
  readonly at: number;
  /** By policy. */
  readonly gates: Readonly<Record<string, GateState>>;
  /** Who was killed since the victims were last asked for; absent: it is not asked. */
  readonly victims?: readonly ExpectedVictim[];
  /** The same, of the policies that only look on. */
  readonly matches?: readonly ExpectedVictim[];
  readonly spared: readonly ExpectedSurvivor[];
}

/** A session that a policy selects and acts on. What is absent may be anything. */
export interface ExpectedVictim {
  readonly session: number;
  readonly policy?: string;
  readonly action?: Kill;
  /** Clauses that decided, among others. */
  readonly because: readonly string[];
}

/** A session that is alive. */
export interface ExpectedSurvivor {
  readonly session: number;
  /** Which policy spares it. */
  readonly policy?: string;
  /** It is selected, and spared at this look for this reason. */
  readonly reason?: TestedReason;
}
