import type { Clock } from "../clock.ts";
import { DatabaseError } from "../connection/mod.ts";
import { forget, type Memory, NO_MEMORY } from "../policy/mod.ts";
import { backoff, type WatchedDatabase } from "../watch/mod.ts";
import type { LookRecord } from "./look_record.ts";
import { Observer } from "./observer.ts";
import { CAUSES_PAUSE, LONGEST_PAUSE, pauseAfter } from "../look/mod.ts";
import type { RecordedLook } from "./recording.ts";

/** What a recorder is given; it reads no clock and draws no number of its own. */
export interface RecorderOptions {
  readonly record: LookRecord;
  readonly clock: Clock;
  readonly random: () => number;
  /** Aborted: the look under way is finished, and the recorder ends. */
  readonly signal: AbortSignal;
  write(look: RecordedLook): Promise<void>;
  /** The database cannot be reached; it is tried again. */
  lost(error: DatabaseError): void;
}

/** Looks at all of a database at every interval until it is told to stop, and kills nothing. */
export async function recordDatabase(database: WatchedDatabase, options: RecorderOptions): Promise<void> {
  const { clock, signal, random, lost } = options;
  const rules = { ...database.rules, mode: "dry-run" } as const;
  const rehearsed = { ...database, rules };
  let memory: Memory = NO_MEMORY;
  let failures = 0;
  while (!signal.aborted) {
    let observer: Observer | undefined;
    try {
      const connected = clock.now();
      if (memory !== NO_MEMORY) memory = forget(memory, { now: connected, grace: rules.grace });
      observer = await Observer.connect(rehearsed, { clock, memory });
      failures = 0;
      await recordLooks(observer, { ...options, connected, interval: database.interval });
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      failures++;
      lost(error);
    } finally {
      memory = observer?.memory ?? memory;
      await observer?.close();
    }
    await clock.sleep(backoff(failures, random()), signal);
  }
}

async function recordLooks(
  observer: Observer,
  { record, clock, signal, write, connected, interval }: RecorderOptions & {
    readonly connected: number;
    readonly interval: number;
  },
): Promise<void> {
  while (!signal.aborted) {
    const begun = clock.now();
    await write(record.record(await observer.look(), connected));
    const pause = pauseAfter(clock.now() - begun, { interval, longest: LONGEST_PAUSE });
    await clock.sleep(Math.max(CAUSES_PAUSE, pause), signal);
  }
}
