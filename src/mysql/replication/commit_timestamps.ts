import { isUnknown, type Unknown } from "../../language/mod.ts";
import type { Channel, CommitTimestamps } from "./channel.ts";
import { reached } from "./position.ts";

/** A transaction that came this long ago still says how far behind the link is, in milliseconds. */
const RECENT = 2000;
/** Synchronized clocks may still differ by this much, in milliseconds. */
const TOLERANCE = 1000;
/** Nothing replicates with such a lag, in milliseconds: one of the clocks is wrong. */
const ABSURD = 30 * 86_400_000;

const OUT_OF_STEP: Unknown = { unknown: "the clocks of this server and its source are not in step" };

/**
 * How long ago the source committed what is being received, in milliseconds. A source sends heartbeats only
 * while it has nothing else to send (manual, SOURCE_HEARTBEAT_PERIOD); until the next one is due, a link that
 * was not behind is taken to be at its end when it falls silent.
 */
export function fetchByTimestamps(timestamps: CommitTimestamps): number | Unknown {
  const { now, queueing, lastCommitted, lastQueued, heartbeat } = timestamps;
  if (lastQueued === undefined || lastCommitted === undefined) {
    return queueing === undefined ? 0 : sane(now - queueing);
  }
  const took = sane(lastQueued - lastCommitted);
  if (isUnknown(took)) return OUT_OF_STEP;
  if (queueing !== undefined) return sane(now - queueing);
  if (heartbeat !== undefined && heartbeat > lastQueued) return 0;
  if (now - lastQueued <= RECENT) return took;
  return took <= RECENT ? 0 : { unknown: "the link was behind, and nothing comes any more" };
}

/**
 * How long ago the source committed the oldest transaction that cannot be read here, in milliseconds, the
 * channel's delay included. Between two transactions it is less than the truth, never more.
 */
export function totalByTimestamps(
  { timestamps, waitsForDelay, received, executed }: Channel,
): number | Unknown {
  if (timestamps === undefined) return { unknown: "the server keeps no times of commits" };
  const fetch = fetchByTimestamps(timestamps);
  const { now, applying, lastCommitted } = timestamps;
  if (isUnknown(fetch)) return withBound(fetch, applying === undefined ? undefined : sane(now - applying));
  if (waitsForDelay) return fetch;
  if (applying !== undefined) return atLeast(fetch, sane(now - applying));
  const done = received === undefined || executed === undefined ? undefined : reached(executed, received);
  if (done === undefined) return { unknown: "what was received and what was applied cannot be compared" };
  return done || lastCommitted === undefined ? fetch : atLeast(fetch, sane(now - lastCommitted));
}

/** What is being applied counts as missing too, unless the clocks are of no use. */
function withBound(fetch: Unknown, applying: number | Unknown | undefined): Unknown {
  return typeof applying === "number" && fetch !== OUT_OF_STEP ? { ...fetch, atLeast: applying } : fetch;
}

function atLeast(least: number, value: number | Unknown): number | Unknown {
  return isUnknown(value) ? value : Math.max(least, value);
}

function sane(age: number): number | Unknown {
  return age < -TOLERANCE || age > ABSURD || Number.isNaN(age) ? OUT_OF_STEP : Math.max(0, age);
}
