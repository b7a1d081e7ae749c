import type { Journal } from "../journal/mod.ts";
import type { Decision, Outcome } from "../policy/mod.ts";

/** What decisions are carried out with. */
export interface Execution {
  /** Where every act is written down before it is done; absent: nowhere, as was asked for. */
  readonly journal: Journal | undefined;
  /** Aborted: the act under way is finished, no further one is begun, and an effect is hardly waited for. */
  readonly signal: AbortSignal;
  /** How long to look for the effect of what a policy did, in milliseconds. */
  verify(policy: string): number;
  /** Told of each decision that was tried, once its outcome is known. */
  report(outcome: Outcome): void;
}

/**
 * What carries out the decisions of one look at a target. They come together, since one reading tells of all of them
 * whether they are still true.
 */
export interface Executor {
  /** Settles when every outcome was told. Never fails. */
  carryOut(decisions: readonly Decision[], execution: Execution): Promise<void>;
}
