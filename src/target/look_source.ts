import type { Health, Methods, SelfReport, Session, SessionCounts, Snapshot } from "../policy/mod.ts";
import type { CauseOptions, SessionDetails, StatementOptions } from "./details.ts";
import type { Lease } from "./lease.ts";
import type { SessionFilter } from "./session_filter.ts";

/** What a look wants to know of a target before it reads any session. */
export interface HealthRequest {
  /** Names of the policy language. */
  readonly needs: ReadonlySet<string>;
  /** Whether to take the lease as well, since only its holder acts. */
  readonly lease: boolean;
  /** Sessions to read in the same round trip, where that can be done. */
  readonly sessions?: SessionFilter | undefined;
}

/** A target's health, and who it is that reports it. */
export interface HealthReport {
  readonly health: Health;
  readonly report: SelfReport;
  /** What values were measured by, where there are several ways. */
  readonly methods?: Methods;
  /** Absent where it was not asked for. */
  readonly lease?: Lease;
  /** Absent where they could not be read in the same round trip. */
  readonly sessions?: readonly Session[];
  /** Whom it replicates from, as `host:port`. */
  readonly sources?: readonly string[];
}

/** Where a look reads: a server, what was recorded of one, or what a test has written down. */
export interface LookSource {
  /** What this program's own sessions are known by there. */
  readonly own: Snapshot["own"];
  /** Accounts that a kill does not reach, as far as that is known; absent: none are known. */
  readonly shielded?: Snapshot["shielded"];
  /** The sessions of others cannot be seen. */
  readonly blind: boolean;
  health(request: HealthRequest): Promise<HealthReport>;
  sessions(filter: SessionFilter): Promise<readonly Session[]>;
  /** Adds how many of these sessions are alike. */
  alike(sessions: readonly Session[]): readonly Session[];
  counts(): Promise<SessionCounts>;
  /** Adds what is read of some of the sessions only. */
  details(sessions: readonly Session[], options: StatementOptions & CauseOptions): Promise<SessionDetails>;
  /** Adds what has to be known of some of the sessions before one of them is ended, whatever policies ask for. */
  guards(sessions: readonly Session[], ids: ReadonlySet<number>): Promise<readonly Session[]>;
}
