import type { Clock } from "../clock.ts";
import { type Abandoned, Journal, JournalError } from "../journal/mod.ts";
import type { Event } from "../events/mod.ts";

/** What a journal is kept with. */
export interface KeepOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  emit(event: Event): void;
}

/** No kill takes this long from its intent to its outcome, in milliseconds. */
const LONGEST_KILL = 20_000;

/**
 * The journal of this process, which tells when it breaks. Intents that an earlier process left without an
 * outcome are told now, and once more when those of a moment ago cannot be under way any more.
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
