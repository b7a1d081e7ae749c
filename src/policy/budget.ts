import { actionOf, type ActionRow } from "./action.ts";
import type { Budget, Policy } from "./policy.ts";
import type { Session, SessionCounts, Snapshot } from "./snapshot.ts";

/** A kill that was decided. It counts toward the budget until it is older than the budget's window. */
export interface Spend {
  /** By the clock's `now`. */
  readonly at: number;
  readonly policy: string;
  readonly action: string;
}

/** The part of the budget that is spent. */
export interface BudgetShortage {
  readonly limit: "kills" | "share";
  readonly policy: string;
  readonly action: string;
  /** How many kills that part allows right now. */
  readonly allowed: number;
}

/** A kill that needs a unit of the budget. */
export interface KillRequest {
  readonly policy: Pick<Policy, "name" | "share">;
  readonly action: string;
}

/**
 * The part of the budget that forbids a kill; undefined if none does. A share is a percentage of the sessions that
 * the action's row names, including those killed within the window. It always allows `atLeast` kills, however few
 * sessions there are. A policy's own share replaces the budget's, and counts only that policy's kills.
 * @param options.there The sessions no kill was decided for.
 */
export function exhaustedBy(
  { policy, action }: KillRequest,
  spent: readonly Spend[],
  { budget, actions, there }: {
    readonly budget: Budget;
    readonly actions: Readonly<Record<string, Pick<ActionRow, "share_of">>>;
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

/**
 * How many sessions there are without a decided kill. They are counted by a query of their own, which may miss one that
 * was just between two statements of a routine: those in the snapshot are there in any case.
 */
export function undecided(
  { sessions, own, counts = { running: 0, connections: 0 } }: Pick<Snapshot, "sessions" | "own" | "counts">,
  settled: Pick<ReadonlyMap<string, unknown>, "has">,
): SessionCounts {
  const isDecided = ({ execution }: Session) => settled.has(execution);
  const left = (count: number, seen: readonly Session[]) => {
    const decided = seen.filter(isDecided).length;
    return Math.max(count - decided, seen.length - decided);
  };
  const clients = sessions.filter(({ user }) => user !== own.user);
  return {
    running: left(counts.running, clients.filter(({ running }) => running)),
    connections: left(counts.connections, clients),
  };
}
