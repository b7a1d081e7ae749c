import type { Clock } from "../clock.ts";
import { type Target, TargetError } from "../target/mod.ts";
import { forget, type Memory, NO_MEMORY } from "../policy/mod.ts";
import type { WatchedDatabase } from "../config/mod.ts";
import { backoff } from "../watch/mod.ts";
import type { LookRecord } from "./look_record.ts";
import { Observer } from "./observer.ts";
import { CAUSES_PAUSE, LONGEST_PAUSE, pauseAfter } from "../look/mod.ts";
import type { RecordedLook } from "./recording.ts";

/** What a recorder is given. It has no clock and no random numbers of its own. */
export interface RecorderOptions {
  readonly record: LookRecord;
  readonly clock: Clock;
  readonly random: () => number;
  /** When aborted, the look under way is finished and the recorder ends. */
  readonly signal: AbortSignal;
  write(look: RecordedLook): Promise<void>;
  /** Called when the database cannot be reached; the recorder tries again. */
  lost(error: TargetError): void;
}

/** Looks at a target at every interval until it is told to stop, and reads everything. Kills nothing. */
export async function recordTarget(
  target: Target,
  database: Pick<WatchedDatabase, "rules" | "interval">,
  options: RecorderOptions,
): Promise<void> {
  const { clock, signal, random, lost } = options;
  const rules = { ...database.rules, mode: "dry-run" } as const;
  let memory: Memory = NO_MEMORY;
  let failures = 0;
  while (!signal.aborted) {
    let observer: Observer | undefined;
    try {
      const connected = clock.now();
      if (memory !== NO_MEMORY) memory = forget(memory, { now: connected, grace: rules.grace });
      observer = await Observer.connect(target, { rules }, { clock, memory });
      failures = 0;
      await recordLooks(observer, { ...options, connected, interval: database.interval });
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
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
