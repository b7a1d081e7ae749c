import type { DatabaseConfig } from "../config/mod.ts";
import type { Event } from "../events/mod.ts";
import type { Look } from "../look/mod.ts";
import type { OutcomeKind } from "../policy/mod.ts";

/** Keeps the last looks of all watchers in memory. */
export interface EvidenceStore {
  /** The store for one watcher. */
  of(database: Pick<DatabaseConfig, "name" | "rules">): DatabaseEvidence;
  /** Drops the looks of a database that is no longer watched. */
  forget(name: string): void;
}

/** Keeps the last looks at one database. */
export interface DatabaseEvidence {
  /** @param connected When the connection was made, by the clock's `now`. */
  keep(found: Look, connected: number): void;
  /**
   * After a kill: writes the kept looks to a file for `replay`. Returns the event to emit; none if nothing was
   * killed, or if a file was written less than a minute ago. Never fails.
   */
  settled(outcome: OutcomeKind): Promise<Event | undefined>;
}
