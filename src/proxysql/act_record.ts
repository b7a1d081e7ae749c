import type { Clock } from "../clock.ts";
import { ActLog } from "../journal/mod.ts";
import type { ActOutcome, Intend } from "./act.ts";
import { newUuid } from "./uuid.ts";

export interface ActRecordOptions {
  readonly clock: Pick<Clock, "wall">;
  /** The address of the admin interface. */
  readonly instance: string;
  /** Whether this is the program that keeps the file short. */
  readonly rotates?: boolean;
  /** Of this process alone; absent: its own. */
  readonly start?: string;
  /** Is told where an outcome could not be written. */
  lost?(reason: string): void;
}

/** The file that records what is done to a ProxySQL. Dispose of it where nothing is under way any more. */
export interface ActRecord extends Disposable {
  readonly intend: Intend;
  /** Finishes the intents that a program left that has ended; tells what they were for. */
  abandoned(): Promise<readonly { readonly act?: string; readonly at: string }[]>;
}

/** An id of this process: that of the system is given anew, and is not the same in another container. */
const START = crypto.randomUUID();

export function actRecord(
  file: string,
  { clock, instance, start = START, ...options }: ActRecordOptions,
): ActRecord {
  const newId = () => newUuid(clock);
  const log = new ActLog(file, {
    ...{ clock, newId, start, ...options },
    ...options.rotates === true && { by: `agent of ${instance}` },
  });
  let isTidied = false;
  return {
    async intend({ act, ...more }) {
      // What a command left that was killed, whoever changes something next concludes.
      if (!isTidied) await log.abandoned().catch(() => {});
      isTidied = true;
      const conclude = await log.intend({ act, proxysql: instance, ...more });
      return (outcome: ActOutcome, reason?: string) => conclude(outcome, reason);
    },
    abandoned: () => log.abandoned(),
    [Symbol.dispose]: () => log[Symbol.dispose](),
  };
}
