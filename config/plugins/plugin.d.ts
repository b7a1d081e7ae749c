/**
 * What a plugin of query-sniper's agent for ProxySQL is: a JavaScript module in one file, which exports any of these.
 * docs/plugins.md tells the rest. To have an editor check a plugin, put this file beside it and begin it with
 * `// @ts-check`, as the examples do.
 */
export interface Plugin {
  /**
   * Why ProxySQL is not well, beside what the agent finds itself: 10 reasons at most, each of 80 characters. Nothing or an
   * empty list: the plugin knows no reason.
   */
  health?(status: Status): Answer<readonly string[] | undefined | void>;
  /** The columns that `dumpColumns` adds, 16 at most: their names and types. They cannot change while the agent runs. */
  readonly columns?: Columns;
  /** The values of these columns for a row of a dump; a column that is left out is null. */
  dumpColumns?(row: Row): Answer<Readonly<Record<string, Value>>>;
  /** Something happened. What it returns is waited for, and not looked at. */
  event?(event: Event): Answer<unknown>;
}

/** A value, or a promise of it. All calls have to be answered within the `timeout` of the configuration. */
export type Answer<T> = T | Promise<T>;

/** Lower case letters, digits and underscores; none of the columns that every dump has. */
export type Columns = Readonly<Record<string, "text" | "integer" | "boolean" | "time">>;

/** A text has at most 1000 characters; an integer is whole, and a bigint where it is large; a time is ISO 8601. */
export type Value = string | number | bigint | boolean | null | undefined;

/** What the agent knows of its ProxySQL. Counters are rounded where they are beyond 2 ** 53. */
export interface Status {
  /** The address of the admin interface. */
  readonly proxysql: string;
  /** What the agent finds itself. */
  readonly health: {
    readonly probe: "live" | "ready" | "started";
    readonly ok: boolean;
    readonly reasons: readonly string[];
  };
  /** Absent where it is not known yet, or ProxySQL cannot be asked. */
  readonly status?: {
    readonly version: string;
    readonly uptime_s: number | null;
    readonly paused: boolean | null;
    readonly peers: readonly {
      readonly address: string;
      readonly state: "up" | "silent" | "unreached";
      readonly uptime_s: number | null;
      readonly last_check_ms: number | null;
    }[];
    readonly satellites: readonly { readonly address: string; readonly last_seen: string | null }[] | null;
    /** Null for an account that may read statistics only. */
    readonly checksums: readonly Checksum[] | null;
    readonly peer_checksums: readonly Checksum[];
    readonly backends: readonly {
      readonly hostgroup: number | null;
      readonly address: string;
      /** ONLINE, SHUNNED, OFFLINE_SOFT, OFFLINE_HARD, as ProxySQL writes it. */
      readonly status: string;
      readonly used: number | null;
      readonly free: number | null;
      readonly errors: number | null;
      readonly queries: number | null;
      readonly latency_us: number | null;
    }[];
    readonly sessions: readonly { readonly user: string; readonly sessions: number; readonly idle: number }[];
  };
}

export interface Checksum {
  readonly peer?: string;
  readonly name: string;
  readonly version: number | null;
  readonly epoch: number | null;
  readonly checksum: string;
  readonly differs?: number | null;
}

/** A row of a dump: its columns are those of docs/proxysql.md. Times are ISO 8601 in UTC, counters as those of `Status`. */
export interface Row {
  readonly event_version: number;
  readonly dump_id: string;
  readonly instance: string;
  readonly pod: string | null;
  readonly proxysql_version: string;
  readonly from: string;
  readonly to: string;
  readonly hostgroup: number;
  readonly schema: string;
  readonly username: string;
  readonly client_address: string;
  readonly digest: string;
  readonly sniper_digest: string | null;
  /** Only with `text: digest` in the configuration of the plugin. */
  readonly digest_text?: string | null;
  /** The same. A JSON object. */
  readonly tags?: string | null;
  readonly count: number;
  readonly count_total: number;
  readonly time_us: number | null;
  readonly time_us_total: number | null;
  readonly min_time_us_total: number | null;
  readonly max_time_us_total: number | null;
  readonly rows_affected: number | null;
  readonly rows_sent: number | null;
  readonly first_seen: string;
  readonly last_seen: string;
  readonly reset: boolean;
}

/** An event, as docs/events.md lists them. */
export interface Event {
  /** ISO 8601 in UTC. */
  readonly at: string;
  readonly event: string;
  readonly [name: string]: unknown;
}
