import type { Clock } from "../clock.ts";
import type { Event, EventStream } from "../events/mod.ts";
import type { Chronicle } from "../journal/mod.ts";
import { type PauseChange, Pauses, type PauseState, pauseText, reasonOf } from "../watch/mod.ts";

export interface KeepPausesOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly stream: EventStream;
  readonly chronicle: Chronicle | undefined;
}

/** What is paused, as this process tells it: to the journal, and in events. */
export function keepPauses(file: string, { clock, signal, stream, chronicle }: KeepPausesOptions): Pauses {
  const pauses = new Pauses(file, {
    clock,
    signal,
    told(changes, state) {
      chronicle?.paused(textsOf(state));
      for (const change of changes) stream.emit(eventOf(change));
    },
  });
  // Where nothing is armed, nobody else looks.
  void pauses.state();
  return pauses;
}

/** Why kills are paused, by database; null: on all of them. */
function textsOf(state: PauseState): ReadonlyMap<string | null, string> {
  const all = reasonOf(state, undefined);
  const some = state.listed.flatMap((pause) =>
    pause.database === undefined ? [] : [[pause.database, pauseText(pause)] as const]
  );
  return new Map<string | null, string>([...all === undefined ? [] : [[null, all] as const], ...some]);
}

function eventOf({ state, database, source, reason, by, until }: PauseChange): Event {
  return {
    event: "pause",
    state,
    source,
    ...database !== undefined && { database },
    reason,
    ...by !== undefined && { by },
    ...until !== undefined && { until: new Date(until).toISOString() },
  };
}
