/** A day, in milliseconds. */
export const DAY = 86_400_000;

/** The whole days since 1970 in UTC, of milliseconds since then. */
export function dayOf(at: number): number {
  return Math.floor(at / DAY);
}
