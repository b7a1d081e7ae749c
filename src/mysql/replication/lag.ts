import type { Cluster } from "../capabilities.ts";
import { greatestOf, isUnknown, leastOf, type Unknown } from "../../language/mod.ts";
import type { Channel, GroupMember } from "./channel.ts";
import { fetchByTimestamps, totalByTimestamps } from "./commit_timestamps.ts";
import { type HeartbeatRow, lagByHeartbeat } from "./heartbeat_table.ts";
import { lagBehind, type RingLag, type Rings } from "./ring.ts";

/** The methods of measuring lag, the best first. */
export type LagMethod =
  | "source positions"
  | "commit timestamps"
  | "heartbeat table"
  | "replica status"
  | "aurora";

/** If a transaction has been waiting for no longer than this, the member is just certifying it, in milliseconds. */
const CERTIFIED = 2000;

/** The method by which each lag was measured, if it was. */
export type LagMethods = Readonly<Partial<Record<"lag" | "lag_fetch" | "lag_apply", LagMethod>>>;

/** A lag in milliseconds, without the configured delay. `atLeast`: it is a lower bound. */
export interface Lag {
  readonly ms: number;
  readonly atLeast: boolean;
  readonly method: LagMethod;
}

/** The lags of one channel. */
export interface ChannelLag {
  readonly name: string;
  /** From the source to what a reader sees here. */
  readonly total: Lag | Unknown;
  /** From the source to the relay log. */
  readonly fetch: Lag | Unknown;
  /** From the relay log to the data. */
  readonly apply: Lag | Unknown;
}

/** Everything needed to compute lag. */
export interface ReplicationView {
  readonly channels: readonly Channel[];
  /** The rings of watched sources, by channel name. */
  readonly rings: ReadonlyMap<string, Rings>;
  /** The rows of the heartbeat table; undefined if none is configured. */
  readonly beats?: readonly HeartbeatRow[] | Unknown | undefined;
  /** The lag that Aurora reports for this instance, in milliseconds; undefined on any other server. */
  readonly aurora?: number | Unknown | undefined;
  readonly cluster: Cluster | undefined;
  readonly readOnly: boolean;
  /** When the replica was read, by the clock that the rings use. */
  readonly now: number;
  /** The greatest age of a ring's last look, in milliseconds; absent: 5 s. */
  readonly fresh?: number;
  /** The server's own name for itself. */
  readonly self?: string;
}

/** Replication as policies see it. Durations in milliseconds, those of the worst channel. */
export interface Replication {
  readonly replica: boolean;
  readonly replication_running: boolean;
  readonly lag: number | Unknown;
  readonly lag_fetch: number | Unknown;
  readonly lag_apply: number | Unknown;
  /** The method by which each of the three was measured, if it was. */
  readonly methods: LagMethods;
  readonly channels: readonly ChannelLag[];
}

/** Computes the lag of a server. Without a channel it is 0 only if the server is writable and has no other source. */
export function measureReplication(view: ReplicationView): Replication {
  const { channels } = view;
  const lags = channels.map((channel) => measureChannel(channel, view));
  const worst = (part: "total" | "fetch" | "apply") =>
    channels.length === 0 ? lagWithoutChannel(view) : worstOf(lags.map((lag) => lag[part]));
  const [lag, fetch, apply] = [worst("total"), worst("fetch"), worst("apply")];
  return {
    replica: channels.length > 0,
    replication_running: channels.length > 0 && channels.every(isRunning),
    lag: readingOf(lag),
    lag_fetch: readingOf(fetch),
    lag_apply: readingOf(apply),
    methods: {
      ...methodOf("lag", lag),
      ...methodOf("lag_fetch", fetch),
      ...methodOf("lag_apply", apply),
    },
    channels: lags,
  };
}

function readingOf(lag: Lag | Unknown | number): number | Unknown {
  return typeof lag === "number" || isUnknown(lag) ? lag : lag.ms;
}

function methodOf<Name extends string>(
  name: Name,
  lag: Lag | Unknown | number,
): Partial<Record<Name, LagMethod>> {
  return typeof lag === "number" || isUnknown(lag) ? {} : { [name]: lag.method } as Record<Name, LagMethod>;
}

function lagWithoutChannel({ aurora, cluster, readOnly }: ReplicationView): Lag | Unknown | number {
  if (aurora !== undefined) {
    return isUnknown(aurora) ? aurora : { ms: aurora, atLeast: false, method: "aurora" };
  }
  if (cluster !== undefined) return { unknown: `${cluster} does not show its lag in the replica status` };
  return readOnly ? { unknown: "the server is read-only and has no replication channel" } : 0;
}

/** The greatest lag. If one is unknown, it may be greater, so the greatest known one is a lower bound. */
function worstOf(lags: readonly (Lag | Unknown)[]): Lag | Unknown {
  const worst = greatestOf(lags.map((lag) => isUnknown(lag) ? lag : lag.ms));
  if (isUnknown(worst)) return worst;
  return lags.filter(isLag).find(({ ms }) => ms === worst)!;
}

function isLag(lag: Lag | Unknown): lag is Lag {
  return !isUnknown(lag);
}

function isRunning({ receiving, applying }: Channel): boolean {
  return receiving === "on" && applying;
}

/** Measures the lags of one channel, each by the best method that works. */
function measureChannel(channel: Channel, view: ReplicationView): ChannelLag {
  const { name, receiving, applying, errors, failedTransaction } = channel;
  const notReceiving = receiving === "off"
    ? because(name, "does not receive", { errno: errors.receiving })
    : undefined;
  const notApplying = applying
    ? undefined
    : because(name, "does not apply", { errno: errors.applying, transaction: failedTransaction });
  const ring = byRing(channel, view);
  const apply = notApplying ?? firstKnown([ring.apply, ...applies(channel)]);
  return {
    name,
    total: notApplying ??
      noLessThan(apply, notReceiving ?? firstKnown([ring.total, ...totals(channel, view)])),
    fetch: notReceiving ?? firstKnown([ring.fetch, ...fetches(channel)]),
    apply,
  };
}

/** The total lag if it is unknown: at least the lag of one of its parts. */
function noLessThan(part: Lag | Unknown, whole: Lag | Unknown): Lag | Unknown {
  if (!isUnknown(whole)) return whole;
  const least = Math.max(isUnknown(part) ? leastOf(part) ?? 0 : part.ms, leastOf(whole) ?? 0);
  return least > 0 ? { ...whole, atLeast: least } : whole;
}

/**
 * Measures by the positions of a watched source. That does not use the replication link, so it works even if the
 * link hangs.
 */
function byRing(channel: Channel, { rings, ...options }: ReplicationView): Omit<ChannelLag, "name"> {
  const behind = (position: Channel["received"]): RingLag | Unknown => {
    if (position === undefined) return { unknown: `${called(channel.name)} does not tell its position` };
    const ring = rings.get(channel.name)?.[position.kind];
    if (ring !== undefined) return lagBehind(ring, position, options);
    return { unknown: `${called(channel.name)} follows a server whose positions are not watched` };
  };
  const [total, fetch] = [behind(channel.executed), behind(channel.received)];
  const method: LagMethod = "source positions";
  return {
    total: isUnknown(total)
      ? total
      : { ms: beyond(total.ms + (total.above ?? 0), channel), atLeast: total.atLeast, method },
    fetch: isUnknown(fetch) ? fetch : { ms: fetch.ms, atLeast: fetch.atLeast, method },
    apply: isUnknown(total)
      ? total
      : isUnknown(fetch)
      ? fetch
      : fetch.atLeast
      ? { unknown: `${called(channel.name)} is further behind than its source was watched for` }
      : { ms: beyond(total.ms - fetch.ms, channel), atLeast: total.atLeast, method },
  };
}

/** The methods for the total lag that use the replication link, so the link must be alive. */
function totals(channel: Channel, { beats }: ReplicationView): readonly (Lag | Unknown)[] {
  const trouble = linkTrouble(channel);
  if (trouble !== undefined) return [trouble];
  const delayed = (age: number | Unknown, method: LagMethod) => measured(age, method, channel);
  return [
    delayed(totalByTimestamps(channel), "commit timestamps"),
    ...beats === undefined ? [] : [delayed(lagByHeartbeat(beats, channel), "heartbeat table")],
    delayed(byStatus(channel), "replica status"),
  ];
}

function fetches(channel: Channel): readonly (Lag | Unknown)[] {
  const trouble = linkTrouble(channel);
  if (trouble !== undefined) return [trouble];
  const blind = `${called(channel.name)} does not show what it has not received: watch its source too`;
  return channel.timestamps === undefined
    ? [{ unknown: blind }]
    : [measured(fetchByTimestamps(channel.timestamps), "commit timestamps")];
}

function applies(channel: Channel): readonly (Lag | Unknown)[] {
  const { timestamps } = channel;
  const total = totalByTimestamps(channel);
  const fetch = timestamps === undefined ? 0 : fetchByTimestamps(timestamps);
  const age = isUnknown(total) ? total : isUnknown(fetch) ? fetch : total - fetch;
  return [
    measured(age, "commit timestamps", channel),
    measured(byStatus(channel), "replica status", channel),
  ];
}

function byStatus({ name, behind }: Channel): number | Unknown {
  return behind ?? { unknown: `${called(name)} does not know its lag` };
}

type Delay = Pick<Channel, "delay" | "waitsForDelay">;

function measured(age: number | Unknown, method: LagMethod, delay?: Delay): Lag | Unknown {
  if (isUnknown(age)) {
    const least = leastOf(age);
    return least === undefined
      ? age
      : { ...age, atLeast: delay === undefined ? least : beyond(least, delay) };
  }
  return { ms: delay === undefined ? age : beyond(age, delay), atLeast: false, method };
}

/**
 * The part of a lag that exceeds the delay. While the oldest transaction waits for its delay, which servers count
 * in whole seconds, that is 0.
 */
function beyond(age: number, { delay, waitsForDelay }: Delay): number {
  return waitsForDelay ? 0 : Math.max(0, age - delay);
}

/** Why the link cannot be trusted: it is being set up, or missed two heartbeats. */
function linkTrouble(channel: Channel): Unknown | undefined {
  const { name, receiving, errors, silent, heartbeatInterval, group } = channel;
  if (group !== undefined) return groupTrouble(group, channel);
  if (receiving !== "on") return because(name, "does not receive", { errno: errors.receiving });
  const hangs = heartbeatInterval > 0 && silent !== undefined && silent > 2 * heartbeatInterval;
  return hangs ? because(name, "hears nothing from its source, not even a heartbeat") : undefined;
}

/** Why a group member may lack transactions. Certification takes almost no time unless it hangs. */
function groupTrouble(
  { state, primary, members, unreachable, certifying }: GroupMember,
  { silent = Infinity }: Pick<Channel, "silent">,
): Unknown | undefined {
  if (state !== "ONLINE") return { unknown: `this member of its group is ${state}` };
  if (2 * unreachable >= members) {
    return {
      unknown: `the group has no majority here: ${unreachable} of ${members} members are unreachable`,
    };
  }
  // On a primary these are its own writes.
  if (primary || certifying === 0 || silent <= CERTIFIED) return undefined;
  return { unknown: `certification hangs: ${certifying} transactions wait for it` };
}

/** The first exact value, or the lower bound from an earlier method if that is greater. */
function firstKnown(lags: readonly (Lag | Unknown)[]): Lag | Unknown {
  const known = lags.filter(isLag);
  const exact = known.findIndex(({ atLeast }) => !atLeast);
  const candidates = exact < 0 ? known : known.slice(0, exact + 1);
  if (candidates.length === 0) {
    const least = Math.max(0, ...lags.map((lag) => leastOf(lag) ?? 0));
    const { unknown } = lags.findLast(isUnknown)!;
    return least > 0 ? { unknown, atLeast: least } : { unknown };
  }
  return candidates.reduce((best, lag) => lag.ms >= best.ms ? lag : best);
}

function called(name: string): string {
  return name === "" ? "replication" : `the channel "${name}"`;
}

function because(
  name: string,
  what: string,
  { errno = 0, transaction = "" }: { readonly errno?: number; readonly transaction?: string } = {},
): Unknown {
  const error = errno === 0 ? "" : `: error ${errno}`;
  const where = errno === 0 || transaction === "" ? "" : ` in ${transaction}`;
  return { unknown: `${called(name)} ${what}${error}${where}` };
}
