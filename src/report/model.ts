/** The version of the report's JSON. Fields may be added under the same version; none is renamed or dropped. */
export const REPORT_VERSION = 1;

/** What a report counts by; `tag.KEY` is a kept tag of the comments of statements. */
export type ReportKey = "digest" | "shape" | "database" | "user" | "policy" | `tag.${string}`;

/** How often each outcome came, by its name: those of events, also `would-kill` and `skipped`; and `open`: not known yet. */
export type OutcomeCounts = Readonly<Record<string, number>>;

/** What a report says. Printed as JSON as it stands. Every time is an ISO text in UTC, every duration milliseconds. */
export interface Report {
  readonly version: typeof REPORT_VERSION;
  readonly from: string;
  readonly to: string;
  readonly by: ReportKey;
  /** Only these were asked for; absent: everything. */
  readonly filter?: ReportFilter;
  /** How many looks at databases were made in the period. */
  readonly looks: number;
  /** Looks that failed, and times that a database could not be reached. */
  readonly errors: number;
  /** How many databases were looked at. */
  readonly databases: number;
  /** The last minute in which a database was looked at, or null. */
  readonly last_look: string | null;
  /** When there were no looks. */
  readonly gaps: readonly Gap[];
  /** No look was made in the period: then zeros mean nothing. */
  readonly no_data: boolean;
  readonly marks: readonly Mark[];
  readonly totals: Totals;
  /** Most kills first, then most would-be kills. */
  readonly rows: readonly Row[];
  /** Perhaps the same query under another digest; `aliases` in the configuration confirms one. */
  readonly proposals: readonly Proposal[];
  /** By weeks; by days where the period has at most 14 of them. */
  readonly periods: readonly PeriodCounts[];
  readonly health: readonly HealthPoint[];
  readonly gates: readonly OpenGates[];
  /** What a reader has to know of the figures, in words: expired exemptions, stale data, what could not be read. */
  readonly notes: readonly string[];
  readonly compare?: Comparison;
  /** With dumps of ProxySQL's digests only. */
  readonly executions?: ReportedExecutions;
}

/** What dumps of ProxySQL's digests tell. */
export interface ReportedExecutions {
  readonly dumps: number;
  readonly proxies: readonly string[];
  /** Dumps in which ProxySQL was started again: some executions are in none. */
  readonly restarts: number;
  /** Executions of statements whose digest is not sure. */
  readonly unsure: number;
  /** The part of the period that they tell of. */
  readonly covered: readonly { readonly from: string; readonly to: string }[];
  readonly covered_ms: number;
  /** Files that count what others count as well. */
  readonly left_out: readonly string[];
}

/** Of a query, while dumps of ProxySQL's digests were made. */
export interface RowExecutions {
  readonly executions: number;
  readonly kills: number;
  /** Kills as a part of executions, 0 to 1; null: there are more kills. */
  readonly share: number | null;
}

export interface ReportFilter {
  readonly database?: string;
  readonly policy?: string;
}

/** A time without looks: of these databases, or null: of the whole program. */
export interface Gap {
  readonly from: string;
  readonly to: string;
  readonly databases: readonly string[] | null;
}

/** Something that may have changed the figures. */
export interface Mark {
  readonly at: string;
  /** policy-changed, upgraded, started, stopped, paused, resumed. */
  readonly kind: string;
  /** Null: the whole program. */
  readonly database: string | null;
  readonly text: string;
}

/** What was counted in a period. */
export interface Counts {
  /** Kills that the server was asked for and that took effect. */
  readonly kills: number;
  /** What a dry run would have killed. */
  readonly would_kill: number;
  /** For how long what was killed, or would have been, had run or rested by then, together. */
  readonly wasted_ms: number;
  /** How many different keys. */
  readonly distinct: number;
}

export interface Totals extends Counts {
  readonly skipped: number;
  readonly outcomes: OutcomeCounts;
  /** In the period of the same length before; null: no look was made in it. */
  readonly before: Counts | null;
}

/** One query, or whatever the report is by. */
export interface Row {
  /** The digest, the value of the tag, the name; an empty text where it is unknown. */
  readonly key: string;
  /** The digest's text, or what names the key to people. */
  readonly digest_text: string;
  readonly kills: number;
  readonly would_kill: number;
  readonly skipped: number;
  readonly outcomes: OutcomeCounts;
  /** Of kills and would-be kills: for how long they had run or rested. Null: nothing is known. */
  readonly mean_ms: number | null;
  readonly worst_ms: number | null;
  readonly wasted_ms: number;
  /** Names, sorted. */
  readonly databases: readonly string[];
  /** Who calls it, most kills and would-be kills first; 20 at most. */
  readonly entry_points: readonly EntryPoint[];
  /** How many different entry points there were, also those that are not listed. */
  readonly entry_points_total: number;
  /** Of a digest ever, of other keys in the period. */
  readonly first_seen: string;
  readonly last_seen: string;
  /** Kills in the period before; null: no data. */
  readonly before: number | null;
  /** Kills as a part of all executions, 0 to 1; null: unknown. */
  readonly share: number | null;
  /** By dumps of ProxySQL's digests; null: no dump has it; absent: there are no dumps. */
  readonly by_proxy?: RowExecutions | null;
  /** Its place among all rows, from 1; equal figures have equal places. */
  readonly ranks: Ranks;
  readonly exempt: Exemption | null;
  /** Keys that count as this one by `aliases`. */
  readonly same_as: readonly string[];
  /** Kills in each of `periods`. */
  readonly trend: readonly number[];
}

export interface Ranks {
  readonly kills: number;
  /** Null: its share is unknown. */
  readonly share: number | null;
  readonly wasted_ms: number;
}

/** Who calls a query; an empty text where it is unknown. */
export interface EntryPoint {
  readonly user: string;
  readonly host: string;
  readonly program: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly kills: number;
  readonly would_kill: number;
}

/** A query that the configuration lets be: it is counted all the same. */
export interface Exemption {
  readonly owner: string;
  readonly reason: string;
  /** A day, YYYY-MM-DD: it ends with this day in UTC. Null: it has no end. */
  readonly until: string | null;
  readonly expired: boolean;
}

/** A digest that stopped as another one of the same shape and tags started. */
export interface Proposal {
  readonly old: string;
  readonly new: string;
  /** When the old one was seen last. */
  readonly stopped: string;
  /** When the new one was seen first. */
  readonly started: string;
  readonly why: string;
}

/** A bar of the chart over time. */
export interface PeriodCounts {
  readonly from: string;
  readonly to: string;
  readonly kills: number;
  readonly would_kill: number;
  /** 0: no data, then the counts mean nothing. */
  readonly looks: number;
}

/** The most over all databases since `at`, until the next point. */
export interface HealthPoint {
  readonly at: string;
  /** Null: unknown. */
  readonly lag_s: number | null;
  readonly hll: number | null;
  readonly kills: number;
}

/** How long the gate of a policy stood open on a database. */
export interface OpenGates {
  readonly database: string;
  readonly policy: string;
  readonly times: number;
  readonly open_ms: number;
}

/** This period beside another one. */
export interface Comparison {
  /** The other one. */
  readonly period: { readonly from: string; readonly to: string };
  readonly improved: readonly Change[];
  readonly worse: readonly Change[];
  readonly new: readonly Change[];
  readonly gone: readonly Change[];
}

export interface Change {
  readonly key: string;
  readonly digest_text: string;
  /** Kills and would-be kills in the other period. */
  readonly before: number;
  readonly now: number;
  /** The judgement for people. */
  readonly words: string;
  /** The counts are large enough to mean something; false: this may be chance. */
  readonly certain: boolean;
}
