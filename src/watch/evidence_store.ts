import type { DatabaseConfig } from "../config/mod.ts";
import type { Event } from "../events/mod.ts";
import type { Look } from "../look/mod.ts";
import type { OutcomeKind } from "../policy/mod.ts";

/** The last looks of a program's watchers, in memory. */
export interface EvidenceStore {
  /** The looks of one watcher. */
  of(database: Pick<DatabaseConfig, "name" | "rules">): DatabaseEvidence;
  /** A database is not watched any more. */
  forget(name: string): void;
}

/** The last looks at one database. */
export interface DatabaseEvidence {
  /** @param connected When the connection was made, by the clock's `now`. */
  keep(found: Look, connected: number): void;
  /**
   * After a kill: writes what is kept into a file for `replay`. Returns what there is to tell; nothing where nothing
   * was killed, or a file was written less than a minute ago. Never fails.
   */
  settled(outcome: OutcomeKind): Promise<Event | undefined>;
}
