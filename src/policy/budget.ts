import { actionOf, type Actions } from "./action.ts";
import type { Budget, Policy } from "./policy.ts";
import type { SessionCounts, Snapshot } from "./snapshot.ts";

/** A kill that was decided, and counts for the budget until it is older than the budget's window. */
export interface Spend {
  /** By the clock's `now`. */
  readonly at: number;
  readonly policy: string;
  readonly action: string;
}

/** Which part of the budget is spent. */
export interface BudgetShortage {
  readonly limit: "kills" | "share";
  readonly policy: string;
  readonly action: string;
  /** How many kills that part allows at the moment. */
  readonly allowed: number;
}

/** A kill that is asked for. */
export interface KillRequest {
  readonly policy: Pick<Policy, "name" | "share">;
  readonly action: string;
}

/**
 * What of the budget keeps a kill from being made; undefined where nothing does. A share is of the sessions that
 * the action's row says, those that were killed within the window counted in; it allows `atLeast` of them, however
 * few sessions there are. A policy's own share is in place of the budget's, and counts that policy's kills only.
 * @param options.there The sessions that were not decided over.
 */
export function exhaustedBy(
  { policy, action }: KillRequest,
  spent: readonly Spend[],
  { budget, actions, there }: {
    readonly budget: Budget;
    readonly actions: Actions;
    readonly there: SessionCounts;
  },
): BudgetShortage | undefined {
  const part = { policy: policy.name, action };
  if (spent.length >= budget.kills) return { limit: "kills", ...part, allowed: budget.kills };
  const alike = spent.filter((spend) =>
    spend.action === action && (policy.share === undefined || spend.policy === policy.name)
  );
  const { share_of: part_of } = actionOf(actions, action);
  if (part_of === null) return undefined;
  const whole = there[part_of] + alike.length;
  const allowed = Math.max(budget.atLeast, Math.floor(whole * (policy.share ?? budget.share) / 100));
  return alike.length >= allowed ? { limit: "share", ...part, allowed } : undefined;
}

/** How many sessions there are that were not decided over. */
export function undecided(
  { sessions, counts = { running: 0, connections: 0 } }: Pick<Snapshot, "sessions" | "counts">,
  settled: Pick<ReadonlyMap<string, unknown>, "has">,
): SessionCounts {
  const decided = sessions.filter(({ execution }) => settled.has(execution));
  return {
    running: counts.running - decided.filter(({ running }) => running).length,
    connections: counts.connections - decided.length,
  };
}
