/** The longest wait between two tries to connect, in milliseconds. */
const LONGEST = 30_000;

/**
 * How long to wait before the next try to connect, in milliseconds: twice as long after each failure, and
 * somewhere in the upper half of that, so that a thousand watchers do not come back at one moment.
 * @param failures How many tries have failed in a row, from 1.
 * @param random From 0 up to, not including, 1.
 */
export function backoff(failures: number, random: number): number {
  const full = Math.min(LONGEST, 500 * 2 ** Math.min(failures - 1, 16));
  return Math.round(full / 2 * (1 + random));
}
