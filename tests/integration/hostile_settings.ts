import { Client, type Flavor, type LabServer } from "../lab/mod.ts";

/** A value that the server gives to all new sessions, by the session variable. */
export type HostileSettings = Readonly<Record<string, number | string>>;

const OF_BOTH: HostileSettings = {
  autocommit: 0,
  completion_type: 2,
  sql_select_limit: 2,
  max_join_size: 1,
  sql_big_selects: 0,
  sql_safe_updates: 1,
  lock_wait_timeout: 31536000,
  innodb_lock_wait_timeout: 1000,
  wait_timeout: 1,
  net_read_timeout: 1,
  net_write_timeout: 1,
  sql_mode: "ANSI,NO_BACKSLASH_ESCAPES,HIGH_NOT_PRECEDENCE,PAD_CHAR_TO_FULL_LENGTH,STRICT_ALL_TABLES",
  character_set_client: "latin1",
  character_set_connection: "latin1",
  collation_connection: "latin1_bin",
  character_set_results: "ascii",
  time_zone: "+13:00",
  lc_time_names: "de_DE",
  lc_messages: "de_DE",
  div_precision_increment: 0,
  default_week_format: 7,
  group_concat_max_len: 4,
  sql_auto_is_null: 1,
  sql_quote_show_create: 0,
  max_sort_length: 8,
  optimizer_switch: "index_merge=off,derived_merge=off,semijoin=off,materialization=off",
  optimizer_search_depth: 1,
  optimizer_prune_level: 0,
  eq_range_index_dive_limit: 1,
  optimizer_trace: "enabled=on",
  sql_buffer_result: 1,
  big_tables: 1,
  tmp_table_size: 1024,
  max_heap_table_size: 16384,
  sort_buffer_size: 1073741824,
  join_buffer_size: 1073741824,
  read_buffer_size: 1073741824,
  read_rnd_buffer_size: 1073741824,
  profiling: 1,
  session_track_state_change: 1,
  session_track_transaction_info: "CHARACTERISTICS",
};

/** As bad as each session variable can be for who inherits it. */
export const HOSTILE: Readonly<Record<Flavor, HostileSettings>> = {
  mysql: {
    ...OF_BOTH,
    transaction_isolation: "SERIALIZABLE",
    transaction_read_only: 1,
    max_execution_time: 1,
    session_track_gtids: "ALL_GTIDS",
    group_replication_consistency: "BEFORE_AND_AFTER",
    cte_max_recursion_depth: 0,
    information_schema_stats_expiry: 31536000,
  },
  mariadb: {
    ...OF_BOTH,
    sql_mode: `ORACLE,${OF_BOTH["sql_mode"]}`,
    tx_isolation: "SERIALIZABLE",
    tx_read_only: 1,
    max_statement_time: 0.001,
    innodb_snapshot_isolation: 1,
    old_mode: "ZERO_DATE_TIME_CAST",
    default_regex_flags: "EXTENDED",
    max_recursive_iterations: 0,
    query_cache_type: 1,
    join_cache_level: 0,
    optimizer_use_condition_selectivity: 1,
    in_predicate_conversion_threshold: 2,
    tmp_disk_table_size: 1024,
    max_session_mem_used: 100000,
    wsrep_sync_wait: 7,
    wsrep_dirty_reads: 1,
  },
};

/** Those that no server gives to all: a session, and its `init_connect`, may set them all the same. */
export const OF_SESSIONS_ONLY: readonly string[] = ["timestamp", "use_secondary_engine"];

/** Gives settings to all new sessions of a server, until this is disposed of. */
export async function withSettings(
  server: LabServer,
  settings: HostileSettings,
): Promise<AsyncDisposable & { readonly root: Client }> {
  const root = await Client.connect(server);
  const names = Object.keys(settings);
  const [before = {}] = await root.query(
    `SELECT ${names.map((name) => `@@GLOBAL.${name} AS ${name}`).join(", ")}`,
  );
  const assign = async (values: HostileSettings) => {
    for (const [name, value] of Object.entries(values)) {
      await root.query(`SET GLOBAL ${name} = ${literal(value)}`);
    }
  };
  await assign(settings);
  return {
    root,
    async [Symbol.asyncDispose]() {
      await assign(before as HostileSettings);
      await root.close();
    },
  };
}

function literal(value: number | string): string {
  // Numbers beyond those of JavaScript come as text.
  return /^\d+(\.\d+)?$/.test(String(value)) ? String(value) : `'${value}'`;
}
