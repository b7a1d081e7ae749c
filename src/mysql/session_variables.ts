/** How a session variable can affect our statements. */
export const EFFECTS = {
  takes: "whether it waits, is refused, or is cut short",
  means: "what a statement means",
  holds: "what it leaves open",
  costs: "what it costs the server",
} as const;

type Effect = keyof typeof EFFECTS;

/** A session variable that our connections always set, whatever the server's default is. */
export interface SessionVariable {
  readonly name: string;
  readonly effect: Effect;
  /** The value to set; undefined if it differs between connections. */
  readonly value: number | bigint | string | undefined;
  /** What would go wrong with another value. */
  readonly reason: string;
  /** Set only if the server knows it. All others exist since MySQL 5.7 and MariaDB 10.6. */
  readonly optional: boolean;
  /**
   * How the value is verified afterwards. `most`: the server may have allowed less. `parts`: all items must be in
   * the server's list. `none`: not verified, since the server reports something else.
   */
  readonly check: "equal" | "most" | "parts" | "none";
}

type Row = readonly [
  name: string,
  value: SessionVariable["value"],
  reason: string,
  options?: Partial<Pick<SessionVariable, "optional" | "check">>,
];

/** The highest value of a limit, which means no limit. */
const NO_LIMIT = 2n ** 64n - 1n;
/** The server's limit for our statements, in milliseconds. Our own timeout is longer. */
const LONGEST = 3000;
/** Switches of the query optimizer. */
const SWITCHES = [
  "index_merge",
  "index_merge_union",
  "index_merge_sort_union",
  "index_merge_intersection",
  "index_condition_pushdown",
  "materialization",
  "semijoin",
  "loosescan",
  "firstmatch",
  "derived_merge",
].map((name) => `${name}=on`).join(",");
/** Not all servers know it. */
const SOME = { optional: true } as const;
/** A memory limit, which the server may lower. */
const MEMORY = { check: "most" } as const;

/** In the order in which they are set. */
const ROWS: Readonly<Record<Effect, readonly Row[]>> = {
  takes: [
    // First, since without memory nothing else can be set.
    ["max_session_mem_used", 2n ** 63n - 1n, "it is refused memory", SOME],
    ["sql_select_limit", NO_LIMIT, "rows are missing, without an error"],
    ["max_join_size", NO_LIMIT, "joins are refused"],
    ["sql_big_selects", 1, "joins are refused"],
    ["sql_safe_updates", 0, "a provider's procedure for kills is refused its own writes"],
    ["lock_wait_timeout", 2, "it waits for a table for up to a year"],
    ["innodb_lock_wait_timeout", 2, "it waits for a row"],
    ["wait_timeout", undefined, "the connection for kills is gone when it is needed"],
    ["net_read_timeout", 30, "the server hangs up"],
    ["net_write_timeout", 60, "the server hangs up"],
    ["max_execution_time", LONGEST, "it is ended at once, or never", SOME],
    // In seconds. KILL takes up to two seconds to wake a waiting thread (THD::awake, MariaDB's sql_class.cc).
    ["max_statement_time", LONGEST / 1000, "it is ended at once, or never", SOME],
    ["cte_max_recursion_depth", 1000, "a recursion is refused", SOME],
    ["tmp_disk_table_size", NO_LIMIT, "it is refused temporary tables", SOME],
    ["innodb_snapshot_isolation", 0, "reads that lock are refused", SOME],
    [
      "tx_read_only",
      undefined,
      "a provider's procedure for kills is refused; metrics change something",
      SOME,
    ],
    ["transaction_read_only", undefined, "the same", SOME],
    ["wsrep_sync_wait", 0, "it waits until a Galera node has caught up", SOME],
    ["group_replication_consistency", "EVENTUAL", "it waits for the transactions of the group", SOME],
    ["use_secondary_engine", "ON", "what another engine cannot run is refused", SOME],
  ],
  means: [
    ["sql_mode", "", "quotes, backslashes, || and wrong values mean something else"],
    ["character_set_client", "utf8mb4", "what is sent is read as another text"],
    ["character_set_connection", "utf8mb4", "literals lose characters"],
    ["collation_connection", "utf8mb4_unicode_ci", "literals compare in another way"],
    ["character_set_results", "utf8mb4", "names and statements lose characters"],
    ["time_zone", "SYSTEM", "NOW() is hours away from the times of transactions, which are the server's"],
    // Its value would be the current time.
    ["timestamp", "DEFAULT", "NOW() stands still: uptime and lag are wrong", { check: "none" }],
    ["lc_time_names", "en_US", "days and months have other names"],
    ["lc_messages", "en_US", "errors are told in another language"],
    ["div_precision_increment", 4, "quotients are rounded"],
    ["default_week_format", 0, "WEEK() counts in another way"],
    ["group_concat_max_len", 1_048_576, "lists are cut, without an error"],
    ["sql_auto_is_null", 0, "IS NULL finds the row inserted last"],
    ["sql_quote_show_create", 1, "names in SHOW come without their quotes"],
    ["max_sort_length", 1024, "texts are sorted by their first characters"],
    ["old_mode", "UTF8_IS_UTF8MB3", "conversions are those of another version", SOME],
    ["default_regex_flags", "", "REGEXP matches in another way", SOME],
    ["max_recursive_iterations", 1000, "a recursion is cut, without an error", SOME],
    ["information_schema_stats_expiry", 0, "what is told of tables is up to a day old", SOME],
    ["wsrep_dirty_reads", 0, "a Galera node outside of its cluster shows what is out of date", SOME],
  ],
  holds: [
    [
      "autocommit",
      1,
      "the first read opens a transaction that never ends, with its locks and its view of the data",
    ],
    ["completion_type", "NO_CHAIN", "the end of a transaction begins another, or ends the connection"],
    // Under READ COMMITTED a statement sees what was committed when it began, and its read view ends with it.
    ["tx_isolation", "READ-COMMITTED", "reads lock rows, keep history, or see what is not committed", SOME],
    ["transaction_isolation", "READ-COMMITTED", "the same", SOME],
  ],
  costs: [
    // The switches that all servers know, at their defaults.
    ["optimizer_switch", SWITCHES, "plans are those of another server", { check: "parts" }],
    ["optimizer_search_depth", 62, "plans are worse"],
    ["optimizer_prune_level", 1, "plans take long to find"],
    ["eq_range_index_dive_limit", 200, "plans are worse"],
    ["optimizer_trace", "enabled=off", "the server writes down how it plans", { check: "parts" }],
    ["profiling", 0, "the server writes down what each statement takes"],
    ["sql_buffer_result", 0, "results go through a temporary table"],
    ["big_tables", 0, "temporary tables are on disk"],
    ["tmp_table_size", 16_777_216, "temporary tables are on disk, or huge", MEMORY],
    ["max_heap_table_size", 16_777_216, "temporary tables are on disk, or huge", MEMORY],
    ["sort_buffer_size", 262_144, "it takes memory", MEMORY],
    ["join_buffer_size", 262_144, "it takes memory", MEMORY],
    ["read_buffer_size", 131_072, "it takes memory", MEMORY],
    ["read_rnd_buffer_size", 262_144, "it takes memory", MEMORY],
    ["session_track_state_change", 0, "answers tell more than was asked"],
    ["session_track_transaction_info", "OFF", "answers tell more than was asked"],
    ["session_track_gtids", "OFF", "answers tell more than was asked", SOME],
    ["query_cache_type", "OFF", "it takes the lock of the query cache", SOME],
    // Hash joins, since MariaDB's performance schema has no indexes: 2,000 threads and their statements take 4 ms
    // instead of 300.
    ["join_cache_level", 8, "joins of the performance schema take long", SOME],
    ["optimizer_use_condition_selectivity", 4, "plans are worse", SOME],
    ["in_predicate_conversion_threshold", 1000, "lists of ids become temporary tables", SOME],
  ],
};

/**
 * Every session variable that can change the meaning, duration, locks or cost of our statements. Others are left
 * alone on purpose: those about logging (`sql_log_bin`, `long_query_time`), and those that only administrators may
 * set (`max_error_count`, `connection_memory_limit`).
 */
export const SESSION_VARIABLES: readonly SessionVariable[] = (Object.keys(ROWS) as Effect[]).flatMap((
  effect,
) =>
  ROWS[effect].map(([name, value, reason, options]): SessionVariable => (
    { name, effect, value, reason, optional: false, check: "equal", ...options }
  ))
);
