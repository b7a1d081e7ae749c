import type { Clock } from "../clock.ts";
import { type Abandoned, Journal, JournalError } from "../journal/mod.ts";
import type { Event } from "../events/mod.ts";

export interface KeepOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  emit(event: Event): void;
}

/** Longer than any kill takes from its intent to its outcome, in milliseconds. */
const LONGEST_KILL = 20_000;

/**
 * Opens the journal of this process, which emits an event if it breaks. Intents that an earlier process left without
 * an outcome are reported now, and again once recent ones can no longer be under way.
 */
export function keepJournal(file: string, { clock, signal, emit }: KeepOptions): Journal {
  const journal = new Journal(file, (failure) => {
    if (failure === undefined) emit({ event: "journal", state: "recovered", file });
    else emit({ event: "journal", state: "failed", file, reason: failure });
  });
  const sweep = () => {
    for (const intent of abandoned(journal, clock.wall() - LONGEST_KILL)) emit(abandonedEvent(intent));
  };
  sweep();
  clock.sleep(LONGEST_KILL, signal).then(() => signal.aborted || sweep());
  return journal;
}

function abandoned(journal: Journal, before: number): readonly Abandoned[] {
  try {
    return journal.abandoned(before);
  } catch (error) {
    if (error instanceof JournalError) return [];
    throw error;
  }
}

function abandonedEvent({ database, policy, action, session, digest, at }: Abandoned): Event {
  return {
    event: "abandoned",
    database,
    policy,
    action,
    outcome: "unconfirmed",
    session_id: session,
    ...digest !== null && { digest },
    intended_at: new Date(at).toISOString(),
  };
}
