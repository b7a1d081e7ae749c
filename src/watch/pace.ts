/** Between two looks, however long they take, in milliseconds. */
const SHORTEST_PAUSE = 20;
/** A look may take its interval's worth of time, and no more than this part of all the time. */
const PART = 1 / 4;

/** What a pause keeps to, in milliseconds. */
export interface Pace {
  readonly interval: number;
  /** However long looks take. */
  readonly longest: number;
}

/**
 * How long to wait after a look, in milliseconds: until its interval is over, and longer where the server is
 * slow to answer, so that what reads it is not what is too much for it.
 * @param took How long the look took, in milliseconds.
 */
export function pauseAfter(took: number, { interval, longest }: Pace): number {
  const backedOff = took > interval * PART ? Math.min(longest, took / PART - took) : 0;
  return Math.max(SHORTEST_PAUSE, interval - took, backedOff);
}
