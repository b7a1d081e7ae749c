/** Between two looks, however long they take, in milliseconds. */
export const SHORTEST_PAUSE = 20;
/**
 * Between two readings of transactions, however short the interval, in milliseconds. InnoDB shows them as they were
 * until nobody has read them for 100 ms (CACHE_MIN_IDLE_TIME_NS in MariaDB's trx0i_s.cc, and in MySQL's).
 */
export const CAUSES_PAUSE = 120;
/** Between two looks at a server that is slow to answer, in milliseconds. */
export const LONGEST_PAUSE = 30_000;
/** A look may take its interval's worth of time, and no more than this part of all the time. */
const PART = 1 / 4;

/** What a pause keeps to, in milliseconds. */
export interface Pace {
  readonly interval: number;
  /** However long looks take. */
  readonly longest: number;
  /** How long the look before took: one that was slow alone is no slow server. Omitted = as long as this one. */
  readonly before?: number;
  /** Until time alone will have changed what can be decided, from the end of the look; absent: not known. */
  readonly next?: number;
}

/**
 * How long to wait after a look, in milliseconds: until its interval is over, or something is due, and longer where
 * the server is slow to answer, so that what reads it is not what is too much for it.
 * @param took How long the look took, in milliseconds.
 */
export function pauseAfter(
  took: number,
  { interval, longest, before = took, next = Infinity }: Pace,
): number {
  const slow = Math.min(took, before);
  const rest = Math.min(longest, slow / PART - slow);
  const due = Math.min(interval - took, Math.max(next, rest));
  return Math.max(SHORTEST_PAUSE, due, slow > interval * PART ? rest : 0);
}
