import type { Clock } from "../../clock.ts";

/** Something took too long. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

export interface DeadlineOptions {
  readonly clock: Pick<Clock, "sleep">;
  /** In milliseconds. */
  readonly time: number;
}

/**
 * Waits for work, and no longer than told, whether or not the work heeds the signal that it is given.
 * @throws {DeadlineError} And whatever the work throws in time.
 */
export async function withDeadline<T>(
  { clock, time }: DeadlineOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const awake = new AbortController();
  const late = clock.sleep(time, awake.signal).then(() => {
    if (awake.signal.aborted) return undefined as never;
    ending.abort();
    throw new DeadlineError("there was no answer in time");
  });
  const done = (async () => await work(ending.signal))();
  // Whichever of the two comes second is of no interest.
  done.catch(() => {});
  late.catch(() => {});
  try {
    return await Promise.race([done, late]);
  } finally {
    awake.abort();
  }
}
