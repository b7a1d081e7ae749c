/** The shortest pause between two looks, however long they take, in milliseconds. */
export const SHORTEST_PAUSE = 20;
/**
 * The shortest time between two readings of transactions, however short the interval, in milliseconds. InnoDB keeps
 * showing its cached list until nobody has read it for 100 ms (CACHE_MIN_IDLE_TIME_NS in trx0i_s.cc of both MariaDB
 * and MySQL).
 */
export const CAUSES_PAUSE = 120;
/** The longest pause between two looks at a slow server, in milliseconds. */
export const LONGEST_PAUSE = 30_000;
/** Looks may take at most this fraction of the time. */
const PART = 1 / 4;

/** The bounds of a pause, in milliseconds. */
export interface Pace {
  readonly interval: number;
  /** The longest pause, however slow the looks are. */
  readonly longest: number;
  /**
   * How long the look before took: one slow look alone does not mean that the server is slow. Omitted = as long as
   * this look.
   */
  readonly before?: number;
  /** From the end of the look until time alone may change a decision; absent: unknown. */
  readonly next?: number;
}

/**
 * How long to wait after a look, in milliseconds: until its interval is over, or something is due. It is longer if
 * the server is slow to answer, so that the looks themselves do not overload it.
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
