import type { Mode } from "./policy.ts";
import type { HoldReason, SkipReason } from "./reason.ts";
import type { Identity, Session } from "./snapshot.ts";
import type { Clause } from "../language/mod.ts";

/** That nothing is killed on a database for now, and what people wrote about it. */
export interface Hold {
  readonly reason: HoldReason;
  readonly note?: string;
}

/** What is to become of a session that a policy selected. */
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
  /** The connection of a session whose statement survived its kill, or whose transaction did. */
  readonly escalation?: true;
  readonly session: Session;
  /** The server process that the session was read from. */
  readonly server: Identity;
  /** When the session was read, by the clock's `now`. */
  readonly at: number;
  /** When it was decided, by the clock's `now`; with policy and action the unit of the budget that it took. */
  readonly decided: number;
  /** The clauses of `when` and `where` that held, and of `protect` where that spares the session. */
  readonly because: readonly Clause[];
};
