import type { Position } from "./position.ts";

/** MySQL's own times of a channel's transactions: milliseconds since 1970 by the servers' clocks. */
export interface CommitTimestamps {
  /** The replica's clock when it was asked. */
  readonly now: number;
  /** When the transaction that is being received was committed on the source; undefined without one. */
  readonly queueing: number | undefined;
  /** When the last one that was received was committed; undefined without one. */
  readonly lastCommitted: number | undefined;
  /** When it had been received. */
  readonly lastQueued: number | undefined;
  /** When the source last said that it has nothing more, by the replica's clock; undefined where it never did. */
  readonly heartbeat: number | undefined;
  /** When the oldest of those that are being applied was committed; undefined without one. */
  readonly applying: number | undefined;
}

/** A channel of a replica at one moment. */
export interface Channel {
  /** Empty for the one without a name. */
  readonly name: string;
  /** Whom it follows, as far as the server tells. */
  readonly source: ChannelSource;
  readonly receiving: "on" | "connecting" | "off";
  readonly applying: boolean;
  /** The server's number of the error that ended its part; 0 without one. Their texts may hold data. */
  readonly errors: { readonly receiving: number; readonly applying: number };
  /** The transaction that could not be applied; empty where the server does not tell. */
  readonly failedTransaction: string;
  /** What it has of its source; undefined where that cannot be told. */
  readonly received: Position | undefined;
  /** What of it can be read; undefined where that cannot be told. */
  readonly executed: Position | undefined;
  /** The delay that was asked for, in milliseconds. */
  readonly delay: number;
  /** Whether all that is not applied waits for the delay to pass. */
  readonly waitsForDelay: boolean;
  /** What the replica status says, in milliseconds; null where it does not know, undefined where it was not read. */
  readonly behind: number | null | undefined;
  readonly timestamps: CommitTimestamps | undefined;
  /** How often the source says that it has nothing to say, in milliseconds; 0 for never. */
  readonly heartbeatInterval: number;
  /** For how long nothing came from the source, in milliseconds; undefined where the server does not tell. */
  readonly silent: number | undefined;
  /** Changes with whatever comes from the source. */
  readonly heard: string;
  /** Where it applies what a group of servers has agreed on; such a channel has no link, and no heartbeats. */
  readonly group?: GroupMember;
}

/** This server as a member of its group (MySQL's Group Replication). */
export interface GroupMember {
  /** As the server sees itself: ONLINE, RECOVERING, OFFLINE, ERROR. */
  readonly state: string;
  /** It takes writes of its own. */
  readonly primary: boolean;
  /** How many there are, this one included. */
  readonly members: number;
  /** How many of them cannot be reached from here. */
  readonly unreachable: number;
  /** Transactions that the group has agreed on the order of, and that are not certified here yet. */
  readonly certifying: number;
}

/** Whom a channel follows. */
export interface ChannelSource {
  /** MySQL's name for the server; empty where it is not known. */
  readonly uuid: string;
  /** Its id in replication; 0 where it is not known. */
  readonly serverId: number;
  /** `host:port` as the channel was set up with; of a group, its other members. */
  readonly address: string;
}

/** A watched database that a channel might follow. */
export interface SourceCandidate {
  /** The name in the configuration. */
  readonly name: string;
  /** The server's own name for itself. */
  readonly server: string;
  readonly serverId: number;
  /** Every `host:port` that it is known by: the configured one, and its own. */
  readonly addresses: readonly string[];
}

/**
 * The watched database that a channel follows. Where the server does not name its source, both the source's id
 * and its address have to fit: ids are unique among the servers of one topology only.
 * @returns undefined where there is none, or more than one.
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
