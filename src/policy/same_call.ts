import type { Session } from "./snapshot.ts";

/** By so much a server's age of a statement may be ahead of our clock, in milliseconds. */
const CLOCK_SLACK = 20;

/**
 * Whether what a session runs is the CALL that it ran at an earlier moment. Where a server shows the inner statements of
 * a routine in its place (see `perhaps_inner`), one after the other, each has the age of the CALL: what is older than that
 * moment had begun by then, so it is the same CALL.
 * @param moments Of the clock's `now`: when it was judged, and when it was read again.
 */
export function isSameCall(
  { perhaps_inner, time }: Pick<Session, "perhaps_inner" | "time">,
  { at, now }: { readonly at: number; readonly now: number },
): boolean {
  return perhaps_inner === true && typeof time === "number" && now - time < at - CLOCK_SLACK;
}
