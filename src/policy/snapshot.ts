import type { Readings, StatementText, Unknown } from "../language/mod.ts";

/** What was read of a whole database; what no policy needs was not read and is not there. */
export type Health = Readings;

/** What the list of sessions shows of each. */
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

/** What is costly to read of a session, and absent until it was read. */
export type CostlyValues = {
  /** What its open transaction is known by on the server; see `Transaction`. Absent also where it has none. */
  readonly transaction?: string;
  readonly digest?: string | Unknown;
  readonly same_digest?: number | Unknown;
  readonly same_user?: number | Unknown;
  readonly transaction_time?: number | Unknown;
  readonly rows_modified?: number | Unknown;
  readonly rows_locked?: number | Unknown;
  readonly pins_purge?: boolean | Unknown;
  /** Its transaction is prepared by XA: it would outlive the session. */
  readonly prepared?: boolean | Unknown;
  readonly waiting?: boolean | Unknown;
  /** The connection ids of those it waits for, with commas between them; see `WaitEdge`. */
  readonly waits_for?: string;
  readonly blocking?: number | Unknown;
  readonly blocks_replication?: boolean | Unknown;
  readonly holds_table_lock?: boolean | Unknown;
  readonly holds_backup_lock?: boolean | Unknown;
  readonly holds_user_lock?: boolean | Unknown;
  readonly holds_handler?: boolean | Unknown;
  /** Whether the server shows what idle connections hold. */
  readonly holds_shown?: boolean;
};

/** One session, by the names of the policy language. */
export type Session =
  & ShownValues
  & CostlyValues
  & Readonly<Partial<Record<`tag.${string}` | `attribute.${string}`, string | Unknown>>>
  & {
    /**
     * What its statement, or the idle time since its last one, is known by on the server: never the same
     * for two of them. Empty where the server offers nothing.
     */
    readonly execution: string;
    /** The user that the server shows, where that may be the definer of a routine that the session runs. */
    readonly definer?: string;
    /** The server may show an inner statement in the place of a CALL, with its age. */
    readonly perhaps_inner?: true;
    /** The server's own digest of its statement. */
    readonly server_digest?: string;
    /** What the list of sessions shows of its text, where all of it was read elsewhere. */
    readonly shown?: StatementText | Unknown;
  };

/**
 * Which server process answers: what was read from one says nothing of another. Connections to one address
 * may lead to different servers, and a server that restarts counts its connections and statements anew.
 */
export interface Identity {
  /** The server's own name for itself. */
  readonly server: string;
  /** When it started, in seconds since 1970 by its own clock: it is what it reckons its uptime from. */
  readonly started: number;
}

/** What a server says of itself at a look. */
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

/** How many sessions clients have there: what a share is a share of. This program's account is left out. */
export interface SessionCounts {
  /** That run a statement. */
  readonly running: number;
  readonly connections: number;
}

/** What names of the database were measured by, where there are several ways. */
export type Methods = Readonly<Partial<Record<string, string>>>;

/** What was read from one database at one moment. */
export interface Snapshot {
  /** When the reading of the sessions began, by the clock's `now`. */
  readonly at: number;
  readonly health: Health;
  /** What the lags were measured by. */
  readonly methods?: Methods;
  /** Those that a policy may be interested in, and those that were decided over. */
  readonly sessions: readonly Session[];
  /** Of all sessions; absent where no kill could follow. */
  readonly counts?: SessionCounts;
  /** The server process that all of it was read from. */
  readonly server: Identity;
  /** What this program's own sessions are known by, and those of others like it: never selected. */
  readonly own: { readonly user: string; readonly program: string };
  /** Accounts whose sessions the server would not kill for this one, as far as that is known. */
  readonly shielded?: readonly ShieldedAccount[];
}
