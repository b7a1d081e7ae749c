import { DUMP_VERSION, type DumpRow } from "./dump_column.ts";
import type { Compared, SampleOf } from "./digest_store.ts";

/** What all rows of a dump have in common. */
export interface DumpOf extends SampleOf {
  readonly id: string;
  readonly pod: string | null;
  readonly version: string;
  /** Absent: counters since ProxySQL counts. */
  readonly since?: Since;
  readonly text: boolean;
  readonly tags: boolean;
}

/** What the counters are compared with. */
export interface Since {
  readonly sample: SampleOf;
  /** ProxySQL was started again since. */
  readonly restarted: boolean;
  /** By how many seconds its clock has gone on more than its uptime: it was set. */
  readonly step: number;
}

/** By how much times may differ that are rounded to seconds, and reckoned from several clocks, in seconds. */
const TOLERANCE = 3;

/**
 * What the counters now are compared with: the last sample of this ProxySQL. That its uptime has fallen tells a restart, and
 * that it was started after the sample does. Where its clock and its uptime have not gone on alike otherwise, the clock was
 * set, and the times of all digests with it.
 */
export function sinceOf(last: SampleOf | undefined, now: SampleOf): Since | undefined {
  if (last === undefined || last.instance !== now.instance) return undefined;
  const restarted = now.uptime < last.uptime || now.now - now.uptime > last.now + 1;
  const step = restarted ? 0 : now.now - last.now - (now.uptime - last.uptime);
  return { sample: last, restarted, step };
}

/** A row with what it says of ProxySQL's counting. */
export interface Figures {
  readonly row: DumpRow;
  /** Whether a time was negative. */
  readonly negative: boolean;
  /** Whether ProxySQL began to count this digest again. */
  readonly reset: boolean;
}

/** A row of a dump; undefined where nothing came to it since the one before. */
export function figuresOf(counted: Compared, of: DumpOf): Figures | undefined {
  const { since } = of;
  const isKnown = since !== undefined && counted.was_count !== null;
  const goesOn = isKnown && !since.restarted && !beganAgain(counted, since);
  const count = goesOn ? counted.count - counted.was_count! : counted.count;
  if (count === 0n) return undefined;
  const total = positive(counted.time);
  const time = difference(counted.time, goesOn ? counted.was_time : null);
  const reset = isKnown && !goesOn;
  const row: DumpRow = {
    ...{ event_version: DUMP_VERSION, dump_id: of.id, instance: of.instance, pod: of.pod },
    proxysql_version: of.version,
    from: goesOn ? seconds(BigInt(since.sample.now)) : seconds(counted.first_seen),
    to: seconds(BigInt(of.now)),
    ...{ hostgroup: counted.hostgroup, schema: counted.schema, username: counted.username },
    ...{ client_address: counted.client_address, digest: counted.digest },
    sniper_digest: counted.sniper_digest,
    digest_text: of.text ? counted.digest_text : null,
    tags: of.tags ? counted.tags : null,
    ...{ count, count_total: counted.count, time_us: time, time_us_total: total },
    min_time_us_total: positive(counted.min_time),
    max_time_us_total: positive(counted.max_time),
    rows_affected: difference(counted.rows_affected, goesOn ? counted.was_affected : null),
    rows_sent: difference(counted.rows_sent, goesOn ? counted.was_sent : null),
    first_seen: seconds(counted.first_seen),
    last_seen: seconds(counted.last_seen),
    reset,
  };
  return { row, negative: total === null || time === null, reset };
}

/** Whoever counts less, or was seen first at another time or after the last sample, counts from nothing. */
function beganAgain(
  { count, was_count, first_seen, was_first_seen }: Compared,
  { sample, step }: Since,
): boolean {
  const first = Number(first_seen) - step;
  const isOther = Math.abs(first - Number(was_first_seen)) > TOLERANCE;
  return count < was_count! || isOther || first > sample.now + TOLERANCE;
}

function difference(now: bigint | null, before: bigint | null): bigint | null {
  return now === null || now < 0n || (before ?? 0n) < 0n ? null : positive(now - (before ?? 0n));
}

function positive(value: bigint): bigint | null {
  return value < 0n ? null : value;
}

/** In milliseconds. */
function seconds(value: bigint): bigint {
  return value * 1000n;
}
