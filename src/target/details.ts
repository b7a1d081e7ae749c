import type { Health, Session } from "../policy/mod.ts";

/** The sessions that are still in question, with the values that are costly to read. */
export interface SessionDetails {
  readonly sessions: readonly Session[];
  /** Transactions without a session: they can be a cause as well, and cannot be killed. */
  readonly sessionless: readonly SessionlessTransaction[];
  /** The heads of lock queues; absent if no policy asks for them. */
  readonly heads?: readonly QueueHead[];
}

/** A blocker at the head of a queue: others wait for it, and it waits for nobody. */
export interface QueueHead {
  /** The connection's id; see `WaitEdge` for those that have none. */
  readonly id: number;
  /** How many wait for it, also indirectly. */
  readonly blocking: number;
}

/** What to read about transactions and locks, and for which sessions. */
export interface CauseOptions {
  /** The connections in question. */
  readonly ids: ReadonlySet<number>;
  readonly needs: ReadonlySet<string>;
  /** Those of them that policies select by; the others only say what a kill would cost. */
  readonly selecting: ReadonlySet<string>;
  readonly health: Health;
}

/** What to read about statements, and for which sessions. */
export interface StatementOptions {
  /** The connections in question. */
  readonly ids: ReadonlySet<number>;
  /** Names of the policy language. */
  readonly needs: ReadonlySet<string>;
  /** The keys of the tags that are kept. */
  readonly tags: readonly string[];
}

/** A transaction without a session: a prepared XA transaction whose client is gone. KILL cannot reach it. */
export interface SessionlessTransaction {
  /** Its id in InnoDB. */
  readonly trx: number;
  readonly transaction_time: number;
  readonly rows_modified: number;
  readonly rows_locked: number;
}
