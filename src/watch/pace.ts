/** Between two looks, however long they take, in milliseconds. */
const SHORTEST_PAUSE = 20;
/** However long a look took, in milliseconds. */
const LONGEST_PAUSE = 30_000;
/** A look may take its interval's worth of time, and no more than this part of all the time. */
const PART = 1 / 4;

/**
 * How long to wait after a look, in milliseconds: until its interval is over, and longer where the server is
 * slow to answer, so that what reads it is not what is too much for it.
 * @param took How long the look took, in milliseconds.
 */
export function pauseAfter(took: number, interval: number): number {
  const backedOff = Math.min(LONGEST_PAUSE, took / PART - took);
  return Math.max(SHORTEST_PAUSE, interval - took, took > interval * PART ? backedOff : 0);
}
