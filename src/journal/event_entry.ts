import type { KillEvent, MatchEvent } from "../events/mod.ts";
import type { Entry } from "./entry.ts";

/** An event about a session that a policy selected. */
export type SelectionEvent = KillEvent | MatchEvent;

/** Whether nothing was to be done: no intent was tried. What was decided too long ago may have one: see `untried`. */
export function isUntried({ outcome, reason }: KillEvent): boolean {
  return outcome === "would-kill" || (outcome === "skipped" && reason !== "stale");
}

/** A decision, as an event tells it. `at`: in milliseconds since 1970; `hash`: of the policy as it was written. */
export function entryOfEvent(
  event: SelectionEvent,
  { at, hash }: { readonly at: number; readonly hash: string },
): Entry {
  const { database, policy, mode, action, because, session, statement } = event;
  return {
    ...{ at, database, policy, hash, mode, action, because, session, statement },
    escalation: event.event === "kill" && event.escalation === true,
    server: "",
    execution: null,
    took_ms: null,
    intended: false,
    ...resultOf(event),
  };
}

function resultOf(event: SelectionEvent): Pick<Entry, "outcome" | "reason" | "note"> {
  if (event.event === "match") return { outcome: "match", reason: null, note: null };
  return { outcome: event.outcome, reason: event.reason ?? null, note: event.note ?? null };
}
