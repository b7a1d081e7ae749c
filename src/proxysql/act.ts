import { messageOf } from "../text/message.ts";
import { mayBeDone } from "./admin_error.ts";

/** What a ProxySQL is changed for. */
export const ACTS = ["drain", "resume", "purge", "resync", "membership", "stamp"] as const;

/** Something that is going to be done to a ProxySQL. JSON-able, without literals. */
export interface Act {
  readonly act: typeof ACTS[number];
  readonly statements: readonly string[];
  readonly reason?: string;
  /** Whose sessions are ended. */
  readonly sessions?: readonly { readonly id: number; readonly user: string; readonly client: string }[];
}

/**
 * `failed`: nothing was done. `partly`: some of it was. `unconfirmed`: it may be done, since what was sent was not answered,
 * or whoever did it ended before the outcome was known.
 */
export type ActOutcome = "done" | "partly" | "failed" | "unconfirmed";

/** Writes down what became of an act. Never fails: it is done all the same. */
export type Conclude = (outcome: ActOutcome, reason?: string) => Promise<void>;

/**
 * Writes down what is going to be done, so that it is known also after a crash.
 * @throws {Error} Then it must not be done.
 */
export type Intend = (act: Act) => Promise<Conclude>;

/**
 * Does something once its intent is written, and writes down what became of it. `work` tells of each statement that is done,
 * where there are several.
 * @throws {Error} What `intend` throws, and then nothing was done; what `work` throws.
 */
export async function carryOut<T>(
  intend: Intend,
  act: Act,
  work: (did: () => void) => Promise<T>,
): Promise<T> {
  const conclude = await intend(act);
  let done = 0;
  try {
    const result = await work(() => void done++);
    await conclude("done");
    return result;
  } catch (error) {
    const before = done > 0 ? `${done} of ${act.statements.length} statements were done, then: ` : "";
    await conclude(outcomeOf(error, done), before + messageOf(error));
    throw error;
  }
}

/** What became of an act that ended with an error, after so many of its statements were done. */
export function outcomeOf(error: unknown, done: number): ActOutcome {
  if (mayBeDone(error)) return "unconfirmed";
  return done > 0 ? "partly" : "failed";
}
