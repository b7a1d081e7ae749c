import type { Clock } from "../clock.ts";
import type { DrainConfig } from "../config/mod.ts";
import type { Intend } from "./act.ts";
import type { AdminError } from "./admin_error.ts";
import type { ProxySession } from "./session.ts";

/** What happens in a drain, as it happens. */
export type DrainStep =
  /** Another program drains it, or undoes that. */
  | { readonly step: "waiting"; readonly who: string }
  | { readonly step: "draining"; readonly again: boolean }
  | { readonly step: "paused" }
  | { readonly step: "closed"; readonly sessions: number }
  | { readonly step: "trouble"; readonly error: AdminError }
  | { readonly step: "unwritten"; readonly reason: string }
  | { readonly step: "shut down" };

export interface DrainOptions {
  readonly config: DrainConfig;
  readonly clock: Clock;
  /** Which program drains, for others that want to. */
  readonly by: string;
  readonly tell: (step: DrainStep) => void;
  /** Is asked before each statement that changes something. */
  readonly intend: Intend;
  /** Ends the drain where it is; ProxySQL stays paused. */
  readonly signal?: AbortSignal;
  /**
   * This host's ProxySQL is about to end anyway: where neither the file nor an intent can be written, this is told, and the
   * drain goes on, since without it clients lose their statements.
   */
  readonly isLastChance?: boolean;
  /** Done once nobody is left, or the time is over, before ProxySQL is shut down. */
  atEnd?(): Promise<void>;
}

/** How a drain ended. */
export interface Drained {
  readonly closed: number;
  /** Who was left when the time was over; undefined where ProxySQL did not say. */
  readonly left: readonly ProxySession[] | undefined;
  /** Whether ProxySQL was shut down. */
  readonly isShutDown?: true;
}
