import type { Health, Session } from "../policy/mod.ts";

/** What is costly to read, for the sessions that are still in question. */
export interface SessionDetails {
  readonly sessions: readonly Session[];
  /** Transactions that no session has: they can be a cause as well, and cannot be killed. */
  readonly sessionless: readonly SessionlessTransaction[];
  /** At the heads of queues; absent where nobody asked. */
  readonly heads?: readonly QueueHead[];
}

/** Who waits for nobody, and is waited for. */
export interface QueueHead {
  /** The connection's id; see `WaitEdge` for those that have none. */
  readonly id: number;
  /** How many wait for it, also indirectly. */
  readonly blocking: number;
}

/** What is to be read of which sessions. */
export interface CauseOptions {
  /** The connections in question. */
  readonly ids: ReadonlySet<number>;
  readonly needs: ReadonlySet<string>;
  /** Those of them that policies select by; the others only say what a kill would cost. */
  readonly selecting: ReadonlySet<string>;
  readonly health: Health;
}

/** What is wanted of which sessions. */
export interface StatementOptions {
  /** The connections in question. */
  readonly ids: ReadonlySet<number>;
  /** Names of the policy language. */
  readonly needs: ReadonlySet<string>;
  /** The keys of the tags that are kept. */
  readonly tags: readonly string[];
}

/** A transaction that no session has: a prepared XA transaction whose client is gone. KILL does not reach it. */
export interface SessionlessTransaction {
  /** InnoDB's id of it. */
  readonly trx: number;
  readonly transaction_time: number;
  readonly rows_modified: number;
  readonly rows_locked: number;
}
