import type { Journal } from "../journal/mod.ts";
import type { Decision, Outcome } from "../policy/mod.ts";

/** The context in which decisions are carried out. */
export interface Execution {
  /** Every act is written here before it is done; absent: the user turned the journal off. */
  readonly journal: Journal | undefined;
  /** When aborted, the current act is finished, no new one begins, and there is little wait for effects. */
  readonly signal: AbortSignal;
  /** Why nothing may be done there now, if that is so: asked just before each act. */
  paused(): Promise<string | undefined>;
  /** How long to wait for the effect of an act, in milliseconds. */
  verify(policy: string): number;
  /** Called for each decision that was tried, once its outcome is known. */
  report(outcome: Outcome): void;
}

/**
 * Carries out the decisions of one look at a target. They come together, so that one reading can verify that all of
 * them still hold.
 */
export interface Executor {
  /** Settles when every outcome has been reported. Never fails. */
  carryOut(decisions: readonly Decision[], execution: Execution): Promise<void>;
}
