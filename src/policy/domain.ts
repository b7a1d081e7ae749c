import type { Expression, Subject, Vocabulary } from "../language/mod.ts";
import type { Actions } from "./action.ts";
import type { Session, Snapshot } from "./snapshot.ts";
import type { VictimOrder } from "./victim_order.ts";

/**
 * What the policy engine has to know about a kind of target: the names that policies use, and what is never done
 * there.
 */
export interface Domain {
  /** What one of them is called. */
  readonly name: string;
  readonly vocabulary: Vocabulary;
  /** What policies can do there; its executor carries them out. */
  readonly actions: Actions;
  /** Why a session is never selected, whatever a policy says; undefined where one may select it. */
  whyNever(session: Session, by: SelectionContext): string | undefined;
  readonly consent: Consent;
  /** How each order sorts the items. */
  readonly orders: Readonly<Record<VictimOrder, Order>>;
  /** Names of the things an idle connection may hold on purpose between statements. */
  readonly holds: readonly string[];
  /** Names that are not read at every look: of what a target shows late, or at a price. */
  readonly paced: readonly string[];
}

export interface Order {
  compare(a: Session, b: Session): number;
  /** The names it needs, besides those that are read for every session. */
  readonly needs: readonly string[];
}

/** What a check for sessions that are never selected has to know: which ones are this program's own, and more. */
export type SelectionContext = Snapshot["own"] & {
  /** A policy has killed the session's statement, and may take its next step if it runs on. */
  readonly mayGoOn?: true;
};

/** What a policy must name explicitly before it may select certain sessions, because killing them loses too much. */
export interface Consent {
  /** The name in the policy language whose values a policy must use. */
  readonly name: string;
  /** Values that need no consent. */
  readonly free: readonly string[];
  /** Whether a policy that selects a session by `where` lacks the consent. */
  isMissing(where: Expression, session: Session, subject: Subject): boolean;
}
