import type { Readings, StatementText, Unknown } from "../language/mod.ts";

/** The values of a whole database. Those that no policy needs were not read and are absent. */
export type Health = Readings;

/** The values that the list of sessions shows. */
type ShownValues = {
  readonly id: number;
  readonly user: string | Unknown;
  readonly host: string | Unknown;
  readonly db: string;
  readonly command: string;
  readonly state: string;
  readonly running: boolean;
  readonly idle: boolean;
  readonly time: number | Unknown;
  readonly idle_time: number | Unknown;
  readonly sql: StatementText | string | Unknown;
  readonly verb: string | Unknown;
  readonly program: string | Unknown;
};

/** The values of a session that are costly to read, absent until they are read. */
export type CostlyValues = {
  /** The identity of its open transaction on the server; see `Transaction`. Also absent if it has none. */
  readonly transaction?: string;
  readonly digest?: string | Unknown;
  readonly same_digest?: number | Unknown;
  readonly same_user?: number | Unknown;
  readonly transaction_time?: number | Unknown;
  readonly rows_modified?: number | Unknown;
  readonly rows_locked?: number | Unknown;
  readonly pins_purge?: boolean | Unknown;
  /** Whether its transaction is prepared by XA: then it would outlive the session. */
  readonly prepared?: boolean | Unknown;
  readonly waiting?: boolean | Unknown;
  /** The connection ids of those it waits for, separated by commas; see `WaitEdge`. */
  readonly waits_for?: string;
  readonly blocking?: number | Unknown;
  readonly blocks_replication?: boolean | Unknown;
  readonly holds_table_lock?: boolean | Unknown;
  readonly holds_backup_lock?: boolean | Unknown;
  readonly holds_user_lock?: boolean | Unknown;
  readonly holds_handler?: boolean | Unknown;
  /** Whether the server shows what idle connections hold. */
  readonly holds_shown?: boolean;
  readonly client_user?: string | Unknown;
  readonly client_host?: string | Unknown;
  readonly client_port?: number | Unknown;
  readonly proxy?: string | Unknown;
  readonly proxy_session?: number | Unknown;
  readonly hostgroup?: number | Unknown;
  readonly pooled?: boolean | Unknown;
  /**
   * Who can end the connection without harm: a proxy runs a statement again whose connection the server has ended. Unknown:
   * nobody may. Absent where no proxy is known of.
   */
  readonly ends_by?: "server" | "proxy" | Unknown;
};

/** One session, by the names of the policy language. */
export type Session =
  & ShownValues
  & CostlyValues
  & Readonly<Partial<Record<`tag.${string}` | `attribute.${string}`, string | Unknown>>>
  & {
    /**
     * The identity of its running statement, or of the idle time since its last one. No two share one. Empty if the
     * server offers none.
     */
    readonly execution: string;
    /** The user that the server shows, if that may be the definer of a routine that the session runs. */
    readonly definer?: string;
    /** The server may show an inner statement instead of the CALL, with the CALL's age. */
    readonly perhaps_inner?: true;
    /** The server's own digest of its statement. */
    readonly server_digest?: string;
    /** The text in the list of sessions, if the whole text was read elsewhere. */
    readonly shown?: StatementText | Unknown;
  };

/**
 * The identity of a server process. What was read from one says nothing about another: connections to one address
 * may lead to different servers, and a restarted server counts its connections and statements from the beginning.
 */
export interface Identity {
  /** The server's own name for itself. */
  readonly server: string;
  /** When it started, in seconds since 1970 by its own clock; its uptime counts from there. */
  readonly started: number;
}

/** What a server reports about itself at a look. */
export interface SelfReport {
  readonly identity: Identity;
  /** Milliseconds since it started. */
  readonly uptime: number;
  readonly readOnly: boolean;
}

/** An account, as it was created: its host may be a pattern. */
export interface ShieldedAccount {
  readonly user: string;
  readonly host: string;
}

/** How many client sessions there are, for the budget's share. This program's own account is left out. */
export interface SessionCounts {
  /** Those that are running a statement. */
  readonly running: number;
  readonly connections: number;
}

/** How values of the database were measured, where there is more than one way. */
export type Methods = Readonly<Partial<Record<string, string>>>;

/** What was read from one database at one moment. */
export interface Snapshot {
  /** When the reading of the sessions began, by the clock's `now`. */
  readonly at: number;
  readonly health: Health;
  /** How the lags were measured. */
  readonly methods?: Methods;
  /** The sessions that a policy may be interested in, and those that were decided about. */
  readonly sessions: readonly Session[];
  /** Counts of all sessions; absent if no kill can follow. */
  readonly counts?: SessionCounts;
  /** The server process that all of it was read from. */
  readonly server: Identity;
  /** How to recognize the sessions of this program and of others like it, which are never selected. */
  readonly own: { readonly user: string; readonly program: string };
  /** Accounts whose sessions this one is known to be unable to kill. */
  readonly shielded?: readonly ShieldedAccount[];
}
