import type { Node, Reading } from "../language/mod.ts";

/** Limits which sessions are read. */
export interface SessionFilter {
  /** Only these connections; together with `wanted`, these as well. */
  readonly ids?: readonly number[];
  /** Only sessions for which one of these selectors may be true. */
  readonly wanted?: readonly SessionSelector[];
  /** The server's uptime in milliseconds: no age can exceed it. */
  readonly uptime: number;
}

/** Selects sessions that a policy may be interested in. */
export interface SessionSelector {
  readonly tree: Node;
  /** Only sessions that are running a statement. */
  readonly running: boolean;
  /** Also selects sessions that will match within this time, in milliseconds, just by getting older. */
  readonly window?: number;
  /** Also selects sessions that may match within the window for any reason, while they go on doing what they do now. */
  readonly far?: boolean;
  /** The value of a name that is the same for all sessions: a limit, or a value of the database. */
  constants(name: string): Reading | undefined;
}
