import { isUnknown, type Unknown } from "../../language/mod.ts";
import type { Channel, CommitTimestamps } from "./channel.ts";
import { reached } from "./position.ts";

/** A transaction received within this time still tells how far behind the link is, in milliseconds. */
const RECENT = 2000;
/** Tolerated difference between synchronized clocks, in milliseconds. */
const TOLERANCE = 1000;
/** No real lag is this long, in milliseconds: a clock must be wrong. */
const ABSURD = 30 * 86_400_000;

const OUT_OF_STEP: Unknown = { unknown: "the clocks of this server and its source are not in step" };

/**
 * How long ago the source committed the transaction being received, in milliseconds. Sources send heartbeats only
 * while they have nothing else to send (manual, SOURCE_HEARTBEAT_PERIOD). If a link that was not behind falls
 * silent, it counts as up to date until the next heartbeat is due.
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
 * How long ago the source committed the oldest transaction that is not visible here, in milliseconds, including the
 * channel's delay. Between two transactions it is lower than the real lag, never higher.
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

/** Adds the transaction being applied as a lower bound, unless the clocks are wrong. */
function withBound(fetch: Unknown, applying: number | Unknown | undefined): Unknown {
  return typeof applying === "number" && fetch !== OUT_OF_STEP ? { ...fetch, atLeast: applying } : fetch;
}

function atLeast(least: number, value: number | Unknown): number | Unknown {
  return isUnknown(value) ? value : Math.max(least, value);
}

function sane(age: number): number | Unknown {
  return age < -TOLERANCE || age > ABSURD || Number.isNaN(age) ? OUT_OF_STEP : Math.max(0, age);
}
