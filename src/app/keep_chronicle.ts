import type { Clock } from "../clock.ts";
import { policyHash, type WatchedDatabase } from "../config/mod.ts";
import { modeOf } from "../policy/mod.ts";
import type { EventStream, Subscription } from "../events/mod.ts";
import { Chronicle, type PoliciesInForce } from "../journal/mod.ts";
import type { AppConfig } from "./app_config.ts";

/** The chronicle of this process, and its end. */
export interface KeptChronicle {
  readonly chronicle: Chronicle;
  /** Writes what is left before the program says that it ends. */
  settle(): Promise<void>;
  /** Writes the rest, and closes the file. */
  end(): Promise<void>;
}

export interface ChronicleSetting {
  readonly version: string;
  readonly clock: Clock;
  readonly stream: EventStream;
  readonly once: boolean;
}

/** For how long the end of the program waits for the last events, in milliseconds. */
const LAST_EVENTS = 100;
/** What could not be written is told so often at most, in milliseconds. */
const TELL_EVERY = 3_600_000;

/** Opens the chronicle, which gets all events; undefined if the journal is off. */
export function keepChronicle(
  { config: { journal: file, retention } }: AppConfig,
  { version, clock, stream, once }: ChronicleSetting,
): KeptChronicle | undefined {
  if (file === undefined) return undefined;
  const tell = lossTeller(file, { clock, stream });
  const chronicle = new Chronicle(file, { clock, version, once, retention, lost: tell });
  const subscription: Subscription = stream.subscribe(chronicle.subscriber);
  return {
    chronicle,
    async settle() {
      await subscription.flush(LAST_EVENTS);
      await chronicle.settle();
    },
    async end() {
      await subscription.flush(LAST_EVENTS);
      subscription.end();
      await chronicle.end();
    },
  };
}

/** Tells of the first loss, and then once an hour of all since. */
function lossTeller(
  file: string,
  { clock, stream }: Pick<ChronicleSetting, "clock" | "stream">,
): (reason: string, writes: number) => void {
  let lost = 0;
  let toldAt = -Infinity;
  return (reason, writes) => {
    lost += writes;
    if (clock.now() - toldAt < TELL_EVERY) return;
    stream.emit({ event: "journal", state: "incomplete", file, reason, lost });
    [lost, toldAt] = [0, clock.now()];
  };
}

/** The policies in force on each database, by their names. */
export function policiesOf(databases: readonly WatchedDatabase[]): PoliciesInForce {
  return new Map(databases.map(({ name, rules }) => [
    name,
    new Map(rules.policies.map((policy) => [policy.name, {
      hash: policyHash(policy, rules),
      armed: modeOf(rules, policy) === "enforce",
    }])),
  ]));
}
