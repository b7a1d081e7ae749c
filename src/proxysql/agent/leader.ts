/** Who is known to lead. */
export type Leading =
  | { readonly state: "leads" }
  | { readonly state: "follows"; readonly holder: string }
  | { readonly state: "nobody" }
  | {
    readonly state: "unknown";
    readonly reason: string;
    /** Nobody was asked yet: that is how each start begins, and no news. */
    readonly isFirst?: true;
  };

/**
 * The election among the agents of a cluster: one of them may write. Time is this agent's own monotonic clock; another one's
 * is never compared.
 */
export interface Leader {
  /** How often {@linkcode renew} is to be called, in milliseconds. */
  readonly every: number;
  /** What the last renewal found. */
  readonly leading: Leading;
  /**
   * Whether this agent may write now: asked right before each statement. False as soon as the last renewal is too old, also
   * while a renewal is under way.
   */
  leads(): boolean;
  /** Tries to begin or go on to lead, within a deadline of its own. Never fails: what is wrong is in `leading`. */
  renew(): Promise<void>;
  /** Gives the lead up, so that another agent can have it at once. Never fails. */
  release(): Promise<void>;
}
