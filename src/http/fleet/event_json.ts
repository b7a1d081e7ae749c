import type { PublicEvent, TimedEvent } from "../../events/mod.ts";
import type { Level } from "../../policy/mod.ts";

/** An event as the JSON log shows it. */
export type EventJson = { readonly at: string; readonly level: Level } & PublicEvent;

/** The JSON of an event. */
export function eventJson({ at, level, event }: TimedEvent): EventJson {
  return { at: new Date(at).toISOString(), level, ...event };
}
