import type { Clock } from "../clock.ts";
import type { DatabaseConfig } from "../config/mod.ts";
import { type Journal, JournalError } from "../journal/mod.ts";
import type { Hold, Spend } from "../policy/mod.ts";
import type { PauseFile } from "./pause.ts";

/** What may hold kills back, apart from the database itself. */
export interface HoldSources {
  readonly journal: Journal | undefined;
  /** While this file exists, nothing is killed. */
  readonly pause: PauseFile;
}

/**
 * Why nothing is killed at this look, whatever the state of the database.
 * @param now Of the clock's `now`, in milliseconds.
 */
export async function holdNow({ journal, pause }: HoldSources, now: number): Promise<Hold | undefined> {
  const note = await pause.reason(now);
  if (note !== undefined) return { reason: "paused", note };
  return journal === undefined || journal.isUsable() ? undefined : { reason: "journal" };
}

/** The kills of earlier processes that still count toward the budget, timed by this process's clock. */
export function spentBefore(
  journal: Journal,
  { name, rules }: Pick<DatabaseConfig, "name" | "rules">,
  clock: Clock,
): readonly Spend[] {
  const [now, wall] = [clock.now(), clock.wall()];
  try {
    return journal.spent(name, wall - rules.budget.per).map((spend) => ({
      ...spend,
      at: now - (wall - spend.at),
    }));
  } catch (error) {
    if (error instanceof JournalError) return [];
    throw error;
  }
}
