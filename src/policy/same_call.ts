import type { Session } from "./snapshot.ts";

/** How far a statement's age may run ahead of our clock, in milliseconds. */
const CLOCK_SLACK = 20;

/**
 * Whether a session still runs the CALL that it ran at an earlier moment. A server may show the inner statements of
 * a routine instead of the CALL (see `perhaps_inner`), each with the age of the CALL. A statement that began before
 * that moment therefore belongs to the same CALL.
 * @param moments Of the clock's `now`: when it was judged, and when it was read again.
 */
export function isSameCall(
  { perhaps_inner, time }: Pick<Session, "perhaps_inner" | "time">,
  { at, now }: { readonly at: number; readonly now: number },
): boolean {
  return perhaps_inner === true && typeof time === "number" && now - time < at - CLOCK_SLACK;
}
