import type { Limits } from "./limits.ts";

/** What the rest of the program opens now and then: journal, pause file, reports, messages, look-ups of names. */
const KEPT = 48;

/** With fewer connections nobody would get an answer while others hold theirs. */
const FEWEST = 8;

/** How many connections may be open, so that those to databases never lack a file handle. */
export interface HandleShare {
  /** Undefined: too few are left to listen at all. */
  readonly connections: number | undefined;
  /** How many more are needed for that. */
  readonly lacking: number;
}

/**
 * @param connecting How many connections to databases are still to be made.
 * @param free How many file handles can still be opened; asked for as many as are of interest.
 */
export function shareOfHandles(
  connecting: number,
  { limits: { connections }, free = freeHandles }: {
    readonly limits: Pick<Limits, "connections">;
    free?(most: number): number;
  },
): HandleShare {
  const others = KEPT + connecting;
  const left = free(others + connections) - others;
  return left >= FEWEST
    ? { connections: Math.min(connections, left), lacking: 0 }
    : { connections: undefined, lacking: FEWEST - left };
}

/**
 * How many file handles can still be opened, `most` at most. Found by opening them, at once and before anything else can
 * lack one: the program may not read what the system says of its limits.
 */
function freeHandles(most: number): number {
  const opened: Deno.FsFile[] = [];
  try {
    while (opened.length < most) opened.push(Deno.openSync("/dev/null"));
  } catch (error) {
    // Where there is no such file, the system is one that has no such limit.
    if (!/os error 2[34]\b/.test(String(error))) return most;
  } finally {
    for (const file of opened) file.close();
  }
  return opened.length;
}
