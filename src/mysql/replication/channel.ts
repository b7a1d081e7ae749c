import type { Position } from "./position.ts";

/** MySQL's timestamps of a channel's transactions, in milliseconds since 1970 by the clocks of the servers. */
export interface CommitTimestamps {
  /** The replica's clock when it was read. */
  readonly now: number;
  /** The commit time on the source of the transaction being received; undefined if there is none. */
  readonly queueing: number | undefined;
  /** The commit time on the source of the last transaction received; undefined if there is none. */
  readonly lastCommitted: number | undefined;
  /** When that transaction was completely received. */
  readonly lastQueued: number | undefined;
  /** When the last heartbeat of the source came, by the replica's clock; undefined if there was none. */
  readonly heartbeat: number | undefined;
  /** The commit time on the source of the oldest transaction being applied; undefined if there is none. */
  readonly applying: number | undefined;
}

/** A channel of a replica at one moment. */
export interface Channel {
  /** Empty for the default channel. */
  readonly name: string;
  /** Its source, as far as the server shows it. */
  readonly source: ChannelSource;
  readonly receiving: "on" | "connecting" | "off";
  readonly applying: boolean;
  /**
   * The error number that stopped each thread; 0 if there is none. The messages may contain data, so they are not
   * read.
   */
  readonly errors: { readonly receiving: number; readonly applying: number };
  /** The transaction that could not be applied; empty if the server does not show it. */
  readonly failedTransaction: string;
  /** The position up to which it has received; undefined if that is unknown. */
  readonly received: Position | undefined;
  /** The position up to which it has applied; undefined if that is unknown. */
  readonly executed: Position | undefined;
  /** The configured delay, in milliseconds. */
  readonly delay: number;
  /** Whether everything that is not yet applied is just waiting for that delay. */
  readonly waitsForDelay: boolean;
  /**
   * The lag in the replica status, in milliseconds; null if the server does not know it, undefined if it was not
   * read.
   */
  readonly behind: number | null | undefined;
  readonly timestamps: CommitTimestamps | undefined;
  /** The interval of the source's heartbeats, in milliseconds; 0 if there are none. */
  readonly heartbeatInterval: number;
  /** How long nothing has come from the source, in milliseconds; undefined if the server does not show it. */
  readonly silent: number | undefined;
  /** A text that changes whenever something comes from the source. */
  readonly heard: string;
  /** Set for a channel of Group Replication, which has no link and no heartbeats. */
  readonly group?: GroupMember;
}

/** This server as a member of its group (MySQL's Group Replication). */
export interface GroupMember {
  /** The member's own view of its state: ONLINE, RECOVERING, OFFLINE, ERROR. */
  readonly state: string;
  /** Whether it accepts writes. */
  readonly primary: boolean;
  /** The number of members, including this one. */
  readonly members: number;
  /** How many of them this one cannot reach. */
  readonly unreachable: number;
  /** Transactions that are ordered by the group but not yet certified here. */
  readonly certifying: number;
}

/** The source of a channel. */
export interface ChannelSource {
  /** The server's UUID on MySQL; empty if it is unknown. */
  readonly uuid: string;
  /** Its server id; 0 if it is unknown. */
  readonly serverId: number;
  /** `host:port` as configured for the channel; for a group, its other members. */
  readonly address: string;
}

/** A watched database that a channel might follow. */
export interface SourceCandidate {
  /** The name in the configuration. */
  readonly name: string;
  /** The server's own name for itself. */
  readonly server: string;
  readonly serverId: number;
  /** All its addresses as `host:port`: the configured one, and its own. */
  readonly addresses: readonly string[];
}

/**
 * Finds the watched database that a channel follows. If the replica does not show the UUID of its source, both
 * server id and address must match, since server ids are unique only within one topology.
 * @returns undefined if there is none, or more than one.
 */
export function sourceOf(
  { source }: Channel,
  candidates: readonly SourceCandidate[],
): SourceCandidate | undefined {
  const found = candidates.filter(({ server, serverId, addresses }) =>
    source.uuid !== ""
      ? server === source.uuid
      : source.serverId > 0 && serverId === source.serverId && addresses.includes(source.address)
  );
  return found.length === 1 ? found[0] : undefined;
}
