import type { Expression, Subject, Vocabulary } from "../language/mod.ts";
import type { Actions } from "./action.ts";
import type { Session, Snapshot } from "./snapshot.ts";
import type { VictimOrder } from "./victim_order.ts";

/** What a kind of target is to the policy engine: the names that policies use, and what is never done there. */
export interface Domain {
  /** What one of them is called. */
  readonly name: string;
  readonly vocabulary: Vocabulary;
  /** What policies can do there; its executor carries them out. */
  readonly actions: Actions;
  /** Why a session is never selected, whatever a policy says; undefined where one may select it. */
  whyNever(session: Session, by: SelectionSource): string | undefined;
  readonly consent: Consent;
  /** What each order is here. */
  readonly orders: Readonly<Record<VictimOrder, Order>>;
  /** Names of what an idle connection may hold on purpose, from one statement to the next. */
  readonly holds: readonly string[];
  /** Names that are not read at every look: of what a target shows late, or at a price. */
  readonly paced: readonly string[];
}

/** Which of the selected sessions come first. */
export interface Order {
  compare(a: Session, b: Session): number;
  /** The names that have to be read for it, beside what is known of every session. */
  readonly needs: readonly string[];
}

/** Who asks for sessions. */
export type SelectionSource = Snapshot["own"] & {
  /** A policy had the session's statement killed, and may take its next step where it goes on all the same. */
  readonly mayGoOn?: true;
};

/** What a policy has to name before it may select some sessions: too much would be lost with them. */
export interface Consent {
  /** The name of the language by whose values it names them. */
  readonly name: string;
  /** Values that no policy need name. */
  readonly free: readonly string[];
  /** Whether a policy that selects a session by `where` lacks it. */
  isMissing(where: Expression, session: Session, subject: Subject): boolean;
}
