import type { Clock } from "../clock.ts";
import type { DatabaseConfig } from "../config/mod.ts";
import { type Journal, JournalError } from "../journal/mod.ts";
import type { Hold, Spend } from "../policy/mod.ts";
import type { Pauses } from "./pause.ts";

/** What may hold kills back, apart from the database itself. */
export interface HoldSources {
  readonly journal: Journal | undefined;
  /** What is paused. */
  readonly pause: Pauses;
}

/** Why nothing is killed on a database at this look, whatever its state. */
export async function holdNow({ journal, pause }: HoldSources, database: string): Promise<Hold | undefined> {
  const note = await pause.reason(database);
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
