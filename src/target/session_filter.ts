import type { Node, Reading } from "../language/mod.ts";

/** What a reading of sessions is narrowed to. */
export interface SessionFilter {
  /** Only these connections; with `wanted` these as well. */
  readonly ids?: readonly number[];
  /** Only what one of these may be true for; those of `running` only while they run a statement. */
  readonly wanted?: readonly SessionSelector[];
  /** What nothing can be older than, in milliseconds. */
  readonly uptime: number;
}

/** Sessions that somebody may be interested in. */
export interface SessionSelector {
  readonly tree: Node;
  /** Only while they run a statement. */
  readonly running: boolean;
  /** Also who may be of interest by the passage of so much time alone, in milliseconds. */
  readonly window?: number;
  /** Whatever else becomes of the session within the window, as long as it goes on with what it does. */
  readonly far?: boolean;
  /** What the names stand for that are no session's: limits, and values of the database. */
  constants(name: string): Reading | undefined;
}
