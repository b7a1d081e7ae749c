import type { Health, Methods, SelfReport, Session, SessionCounts, Snapshot } from "../policy/mod.ts";
import type { CauseOptions, SessionDetails, StatementOptions } from "./details.ts";
import type { Lease } from "./lease.ts";
import type { SessionFilter } from "./session_filter.ts";

/** What a look reads from a target before it reads any session. */
export interface HealthRequest {
  /** Names of the policy language. */
  readonly needs: ReadonlySet<string>;
  /** Whether to take the lease as well: only its holder may act. */
  readonly lease: boolean;
  /** Sessions to read in the same round trip, if the target can do that. */
  readonly sessions?: SessionFilter | undefined;
}

/** A target's health, and the identity of the server that reported it. */
export interface HealthReport {
  readonly health: Health;
  readonly report: SelfReport;
  /** How values were measured, where there is more than one way. */
  readonly methods?: Methods;
  /** Absent if it was not asked for. */
  readonly lease?: Lease;
  /** Absent if they could not be read in the same round trip. */
  readonly sessions?: readonly Session[];
  /** The sources it replicates from, as `host:port`. */
  readonly sources?: readonly string[];
}

/** What a look reads from: a server, a recording of one, or a test that simulates one. */
export interface LookSource {
  /** How to recognize this program's own sessions. */
  readonly own: Snapshot["own"];
  /** Accounts whose sessions this one cannot kill; absent if none are known. */
  readonly shielded?: Snapshot["shielded"];
  /** The account cannot see the sessions of others. */
  readonly blind: boolean;
  health(request: HealthRequest): Promise<HealthReport>;
  sessions(filter: SessionFilter): Promise<readonly Session[]>;
  /** Adds to each session how many others are like it. */
  alike(sessions: readonly Session[]): readonly Session[];
  counts(): Promise<SessionCounts>;
  /** Adds the costly values, for some of the sessions. */
  details(sessions: readonly Session[], options: StatementOptions & CauseOptions): Promise<SessionDetails>;
  /** Adds the values that must be known before a session may be killed, whatever policies ask for. */
  guards(sessions: readonly Session[], ids: ReadonlySet<number>): Promise<readonly Session[]>;
}
