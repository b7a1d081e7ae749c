import type { BudgetShortage, GateState, Mode, SkipReason } from "../policy/mod.ts";
import type { KeyChange, SqlLog } from "../config/mod.ts";
import type { Clause } from "../language/mod.ts";
import type { StatementReading } from "./statement_reading.ts";
import type { ShardChangeEvent, ShardGateEvent, ShardMoveEvent, ShardsEvent } from "./shard_event.ts";
import type { EvidenceEvent, HttpEvent, NotifyEvent, PauseEvent } from "./program_event.ts";
import type { ProxysqlEvent } from "./proxysql_event.ts";
import type { ReportedOutcome } from "./reported_outcome.ts";

/** A session as events show it. */
export interface SessionReport {
  readonly id: number;
  /** Null if the server does not tell who has logged in. */
  readonly user: string | null;
  readonly host: string | null;
  /** The user that the server shows instead, which may be the definer of a routine. */
  readonly definer?: string;
  readonly db: string;
  /** The name its client gives itself, if any. */
  readonly program?: string;
  readonly command: string;
  /** The ids of the sessions that it waits for; 0 for a transaction that no session has. */
  readonly waits_for?: readonly number[];
  /** Age of the running statement. */
  readonly time_ms?: number;
  /** Time since the last statement ended, if none is running. */
  readonly idle_time_ms?: number;
  /** Whose it is, if a proxy in front of the server tells. */
  readonly client?: ClientReport;
}

/** A client behind a proxy as events show it. */
export interface ClientReport {
  /** The proxy's name in the configuration. */
  readonly proxy: string;
  /** The proxy's id of its session. */
  readonly session: number;
  readonly user: string;
  readonly host: string;
  readonly port?: number;
  readonly hostgroup?: number;
}

/** A statement as events show it: without its literals. */
export interface StatementReport {
  readonly digest: string;
  readonly digest_text: string;
  /** The server's own digest, if it gives one. */
  readonly server_digest?: string;
  readonly verb?: string;
  /** As they are written, sorted. */
  readonly tables: readonly string[];
  /** The comment tags that are kept. */
  readonly tags: Readonly<Record<string, string>>;
  /** The text itself, only with `log: { sql: raw }`. */
  readonly sql?: string;
}

interface SelectionReport<S> {
  readonly database: string;
  readonly policy: string;
  readonly mode: Mode;
  readonly action: string;
  readonly because: readonly Clause[];
  readonly session: SessionReport;
  readonly statement?: S;
}

/** The program began. */
export interface StartEvent {
  readonly event: "start";
  readonly version: string;
  readonly config: string;
  readonly databases: number;
  /** How many of them are in enforce mode. */
  readonly armed: number;
  /** `raw`: statements are shown with their literals. */
  readonly sql: SqlLog;
  /** Why nothing is killed on any database; absent if nothing pauses all of them. */
  readonly paused?: string;
}

/** The program ends. */
export interface StopEvent {
  readonly event: "stop";
  /** `done`, or the signal. */
  readonly reason: string;
  readonly looks: number;
  readonly kills: number;
  readonly errors: number;
}

/** A database is watched from now on. */
export interface ConnectedEvent {
  readonly event: "connected";
  readonly database: string;
  /** What kind of server it is. */
  readonly flavor: string;
  readonly version: string;
  readonly mode: Mode;
  readonly encrypted: boolean;
}

/** Another server, server process or role is behind the same address: what was known about it is forgotten. */
export interface IdentityEvent {
  readonly event: "identity";
  readonly database: string;
  readonly server: string;
  readonly read_only: boolean;
  /** How long nothing is killed there. */
  readonly grace: string;
}

/** Two entries of the configuration lead to one server: the lease lets only one of them act. */
export interface SameServerEvent {
  readonly event: "same-server";
  readonly database: string;
  readonly other: string;
}

/** A database cannot be watched. Emitted when that, or the reason, changes. */
export interface UnreachableEvent {
  readonly event: "unreachable";
  readonly database: string;
  readonly reason: string;
  readonly advice?: string;
}

/** Something that the account cannot do there, and the remedy. */
export interface PrivilegeEvent {
  readonly event: "privilege";
  readonly database: string;
  readonly need: string;
  readonly missing: string;
  readonly remedy: string;
  /** Policies work without it, but less exactly, or on fewer sessions. */
  readonly tolerable?: true;
}

/**
 * A possible cause that no kill can reach; emitted once. It is either a prepared XA transaction without a session,
 * or the head of a lock queue that is never selected.
 */
export interface UnkillableEvent {
  readonly event: "unkillable";
  readonly database: string;
  /** InnoDB's id of the transaction. */
  readonly trx?: number;
  readonly time_ms?: number;
  readonly rows_modified?: number;
  /** How many wait for it, also indirectly. */
  readonly blocking?: number;
  /** The head of the queue, if it is a session. */
  readonly session?: SessionReport;
  /** The head of the queue, if it is a thread of the server, as the performance schema names it. */
  readonly thread?: string;
  /** Why it is not killed. */
  readonly reason?: string;
}

/** A gate opened, closed, or became unknown. */
export interface GateEvent {
  readonly event: "gate";
  readonly database: string;
  readonly policy: string;
  readonly state: GateState;
  readonly because: readonly Clause[];
}

/** A session that a policy with `then: log` selected. */
export interface MatchEvent<S = StatementReport> extends SelectionReport<S> {
  readonly event: "match";
}

/** A session that a policy selected to be killed, and what became of it. */
export interface KillEvent<S = StatementReport> extends SelectionReport<S> {
  readonly event: "kill";
  /** The statement survived its own kill. */
  readonly escalation?: true;
  readonly outcome: ReportedOutcome;
  readonly reason?: SkipReason;
  readonly took_ms?: number;
  readonly note?: string;
}

/** The kills of a database have reached its budget, or may continue. */
export interface BudgetEvent {
  readonly event: "budget";
  readonly database: string;
  readonly state: "spent" | "recovered";
  /** The part of the budget, and the policy and action it limits. */
  readonly limit: BudgetShortage["limit"];
  readonly policy: string;
  readonly action: string;
  /** How many kills that part allows. */
  readonly allowed: number;
  readonly per: string;
}

/** The rounds of a policy did not improve its `when`: it stops until its gate closes. */
export interface GaveUpEvent {
  readonly event: "gave-up";
  readonly database: string;
  readonly policy: string;
  readonly rounds: number;
  readonly because: readonly Clause[];
}

/** Who may kill on a server: this program, or another one that holds the lease. Emitted when that changes. */
export interface LeaseEvent {
  readonly event: "lease";
  readonly database: string;
  readonly state: "held" | "elsewhere" | "unavailable";
  /** The holder, as a person finds it in the process list. */
  readonly holder?: string;
  readonly reason?: string;
}

/**
 * The configuration was read again. `reloaded`: it is now in force, and a `changed` follows for each database that
 * has changed. `refused`: it is wrong, and nothing has changed.
 */
export interface ConfigEvent {
  readonly event: "config";
  readonly state: "reloaded" | "changed" | "refused";
  readonly file: string;
  /** How many databases are watched now, how many of them are in enforce mode, and how many changed. */
  readonly databases?: number;
  readonly armed?: number;
  readonly changed?: number;
  readonly database?: string;
  /** It continues under new rules, reconnects, comes, or leaves. */
  readonly change?: "rules" | "connection" | "added" | "removed";
  /** The keys that changed, as `validate-config` shows them. */
  readonly keys?: readonly KeyChange[];
  /** All errors, as `validate-config` prints them. */
  readonly problems?: readonly string[];
}

/**
 * `failed`: the journal cannot be written, so nothing is killed; `recovered`: it can be written again. `incomplete`: what
 * is kept beside kills is not in it; told once an hour at most.
 */
export interface JournalEvent {
  readonly event: "journal";
  readonly state: "failed" | "recovered" | "incomplete";
  readonly file: string;
  readonly reason?: string;
  /** How much is missing since this was told last. */
  readonly lost?: number;
}

/** The program ended between an intent in the journal and its outcome: what came of the kill is unknown. */
export interface AbandonedEvent {
  readonly event: "abandoned";
  readonly database: string;
  readonly policy: string;
  readonly action: string;
  readonly outcome: "unconfirmed";
  readonly session_id: number;
  readonly digest?: string;
  readonly intended_at: string;
}

/** Once a minute for each database. */
export interface HeartbeatEvent {
  readonly event: "heartbeat";
  readonly database: string;
  readonly looks: number;
  readonly kills: number;
  readonly errors: number;
  /** Looks that were due while the one before had not ended. */
  readonly skipped: number;
  /** Looks that began more than 50 ms late. */
  readonly late: number;
  /** The greatest delay of a look, in milliseconds. */
  readonly late_ms: number;
  /** Why kills are paused there; absent if they are not. */
  readonly paused?: string;
}

type EventOf<S> =
  | StartEvent
  | StopEvent
  | ConnectedEvent
  | IdentityEvent
  | SameServerEvent
  | UnreachableEvent
  | PrivilegeEvent
  | UnkillableEvent
  | GateEvent
  | MatchEvent<S>
  | KillEvent<S>
  | BudgetEvent
  | GaveUpEvent
  | LeaseEvent
  | PauseEvent
  | ConfigEvent
  | JournalEvent
  | AbandonedEvent
  | EvidenceEvent
  | NotifyEvent
  | HttpEvent
  | ProxysqlEvent
  | ShardsEvent
  | ShardGateEvent
  | ShardChangeEvent
  | ShardMoveEvent
  | HeartbeatEvent;

/** Any event, before its statements are redacted. */
export type Event = EventOf<StatementReading>;
/** Any event as it is published. */
export type PublicEvent = EventOf<StatementReport>;
