/** What every event of a ProxySQL has. */
interface OfProxysql<K extends string> {
  readonly event: `proxysql-${K}`;
  /** The address of its admin interface. */
  readonly proxysql: string;
}

/** Its admin interface answers from now on. */
export interface ProxysqlConnectedEvent extends OfProxysql<"connected"> {
  readonly version: string;
}

/** It cannot be asked. Emitted when that, or the reason, changes. */
export interface ProxysqlUnreachableEvent extends OfProxysql<"unreachable"> {
  readonly reason: string;
  readonly advice?: string;
}

/** Its agent may not do what it is configured for. Emitted once. */
export interface ProxysqlAccountEvent extends OfProxysql<"account"> {
  readonly reason: string;
  readonly advice: string;
}

/** Its admin interface takes connections, and does not answer in time. Emitted once. */
export interface ProxysqlWedgedEvent extends OfProxysql<"wedged"> {
  readonly reason: string;
}

/** Who leads the agents of its cluster. Emitted when that changes. */
export interface ProxysqlLeaderEvent extends OfProxysql<"leader"> {
  /** `unknown`: whoever keeps the lease cannot be asked. */
  readonly state: "leads" | "follows" | "nobody" | "unknown";
  readonly holder?: string;
  readonly reason?: string;
}

/** A core among those that it knows. */
export interface ProxysqlPeerEvent extends OfProxysql<"peer"> {
  /** `kept`: it stays listed, though it is not there, or nobody knows who is; the reason says why. */
  readonly state: "joined" | "left" | "kept" | "silent" | "back";
  readonly peer: string;
  readonly reason?: string;
}

/** A satellite's list of cores is taken from its file anew. */
export interface ProxysqlResyncEvent extends OfProxysql<"resync"> {
  /** `refused`: nothing was touched. */
  readonly state: "began" | "done" | "failed" | "refused";
  readonly reason: string;
  /** How many cores are listed then. */
  readonly peers?: number;
}

/** A core's configuration was stamped, so that others copy it: loaded from its file, and made to run. */
export interface ProxysqlStampEvent extends OfProxysql<"stamp"> {
  readonly state: "done" | "failed";
  readonly parts: readonly string[];
  readonly reason?: string;
}

/** No core feeds anybody: all are at version 1, as after a start of all of them. */
export interface ProxysqlUnstampedEvent extends OfProxysql<"unstamped"> {
  readonly reason: string;
  readonly advice: string;
}

/** A core's file is not what runs, and others have newer: it is not stamped until somebody says so. */
export interface ProxysqlConflictEvent extends OfProxysql<"conflict"> {
  readonly parts: readonly string[];
  readonly reason: string;
  readonly advice: string;
}

/** It is drained. */
export interface ProxysqlDrainEvent extends OfProxysql<"drain"> {
  readonly state: "waiting" | "began" | "paused" | "closed" | "trouble" | "left" | "done" | "resumed";
  readonly sessions?: number;
  readonly reason?: string;
}

/** A dump of its digests. */
export interface ProxysqlDumpEvent extends OfProxysql<"dump"> {
  readonly state: "written" | "failed" | "untidied";
  readonly file?: string;
  readonly rows?: number;
  readonly reason?: string;
}

/** Its digests were emptied after a dump, or not, and why. */
export interface ProxysqlPurgeEvent extends OfProxysql<"purge"> {
  readonly state: "done" | "refused";
  readonly reason: string;
}

/** A server behind it has another status than before. */
export interface ProxysqlBackendEvent extends OfProxysql<"backend"> {
  readonly backend: string;
  readonly hostgroup: number;
  readonly status: string;
  /** Absent if it was not listed. */
  readonly before?: string;
}

/** A plugin of the agent. */
export interface ProxysqlPluginEvent extends OfProxysql<"plugin"> {
  readonly plugin: string;
  readonly state: "started" | "failed" | "stopped";
  readonly reason?: string;
}

/** What a dry run would have sent. Emitted once for the same statements. */
export interface ProxysqlDryRunEvent extends OfProxysql<"dry-run"> {
  /** What it would have been sent for. */
  readonly act: string;
  readonly statements: readonly string[];
}

/** How it is, since somebody asked for it by a signal. */
export interface ProxysqlStatusEvent extends OfProxysql<"status"> {
  readonly state: "new" | "up" | "wedged" | "down";
  readonly role: string;
  readonly version?: string;
  readonly live: boolean;
  readonly ready: boolean;
  /** Why it is not ready; empty if it is. */
  readonly reasons: readonly string[];
  readonly draining: boolean;
  readonly paused?: boolean;
  readonly leader?: string;
  /** Servers behind it, by their status. */
  readonly backends: Readonly<Record<string, number>>;
  /** Cores that it lists, by their state. */
  readonly peers: Readonly<Record<string, number>>;
  /** What is under way. */
  readonly works: readonly string[];
}

/** Any event of a ProxySQL and its agent. */
export type ProxysqlEvent =
  | ProxysqlConnectedEvent
  | ProxysqlUnreachableEvent
  | ProxysqlAccountEvent
  | ProxysqlWedgedEvent
  | ProxysqlLeaderEvent
  | ProxysqlPeerEvent
  | ProxysqlResyncEvent
  | ProxysqlStampEvent
  | ProxysqlUnstampedEvent
  | ProxysqlConflictEvent
  | ProxysqlDrainEvent
  | ProxysqlDumpEvent
  | ProxysqlPurgeEvent
  | ProxysqlBackendEvent
  | ProxysqlPluginEvent
  | ProxysqlDryRunEvent
  | ProxysqlStatusEvent;
