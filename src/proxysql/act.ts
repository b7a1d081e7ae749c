import { messageOf } from "../text/message.ts";

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

/** `unconfirmed`: whoever did it ended before the outcome was known. */
export type ActOutcome = "done" | "failed" | "unconfirmed";

/** Writes down what became of an act. Never fails: it is done all the same. */
export type Conclude = (outcome: ActOutcome, reason?: string) => Promise<void>;

/**
 * Writes down what is going to be done, so that it is known also after a crash.
 * @throws {Error} Then it must not be done.
 */
export type Intend = (act: Act) => Promise<Conclude>;

/**
 * Does something once its intent is written, and writes down what became of it.
 * @throws {Error} What `intend` throws, and then nothing was done; what `work` throws.
 */
export async function carryOut<T>(intend: Intend, act: Act, work: () => Promise<T>): Promise<T> {
  const conclude = await intend(act);
  try {
    const result = await work();
    await conclude("done");
    return result;
  } catch (error) {
    await conclude("failed", messageOf(error));
    throw error;
  }
}
