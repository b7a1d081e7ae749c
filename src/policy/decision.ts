import type { Mode } from "./policy.ts";
import type { HoldReason, SkipReason } from "./reason.ts";
import type { Identity, Session } from "./snapshot.ts";
import type { Clause } from "../language/mod.ts";

/** Why nothing is killed on a database for now, with the note a person may have left. */
export interface Hold {
  readonly reason: HoldReason;
  readonly note?: string;
}

/** What to do with a session that a policy selected. */
export type Verdict =
  | { readonly verdict: "act"; readonly note?: string }
  | { readonly verdict: "would-kill"; readonly note?: string }
  | { readonly verdict: "match" }
  | { readonly verdict: "skip"; readonly reason: SkipReason; readonly note?: string };

/** One policy's verdict on one session, with its evidence. */
export type Decision = Verdict & {
  readonly policy: string;
  readonly mode: Mode;
  /** One of the domain's actions. */
  readonly action: string;
  /** It kills the connection because the statement survived its kill, or the transaction did. */
  readonly escalation?: true;
  readonly session: Session;
  /** The server process that the session was read from. */
  readonly server: Identity;
  /** When the session was read, by the clock's `now`. */
  readonly at: number;
  /**
   * When it was decided, by the clock's `now`. Together with policy and action this identifies the unit of the budget
   * it took.
   */
  readonly decided: number;
  /** The clauses of `when` and `where` that were true, and those of `protect` if it spares the session. */
  readonly because: readonly Clause[];
};
