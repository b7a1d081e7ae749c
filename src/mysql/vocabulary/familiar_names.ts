/** Names from other tools, each with its name here. */
export const FAMILIAR_NAMES: ReadonlyMap<string, string> = new Map(Object.entries({
  ...called("lag", "seconds_behind_master seconds_behind_source replication_lag replica_lag slave_lag delay"),
  ...called("replication_running", "slave_running replica_running slave_io_running slave_sql_running"),
  ...called("hll", "history_list_length trx_rseg_history_len history history_length"),
  ...called("threads_connected", "connections processlist_count"),
  ...called("oldest_transaction", "oldest_trx longest_transaction"),
  ...called("sql", "info query statement sql_text query_text processlist_info current_statement text"),
  ...called(
    "time",
    "age query_time duration elapsed runtime run_time busy_time time_ms exec_time processlist_time",
  ),
  ...called("idle_time", "sleep_time sleep idle_seconds"),
  ...called("db", "schema database current_schema schema_name processlist_db"),
  ...called("user", "username user_name account login processlist_user"),
  ...called("host", "client ip address client_ip hostname processlist_host"),
  ...called("id", "connection_id processlist_id thread_id session_id conn_id"),
  ...called("verb", "type statement_type query_type operation"),
  ...called("program", "program_name application_name app_name client_program"),
  ...called("transaction_time", "trx_time transaction_age trx_age trx_started"),
  ...called("rows_modified", "trx_rows_modified rows_changed undo_rows"),
  ...called("rows_locked", "trx_rows_locked locked_rows"),
  ...called("blocking", "blocked blockers waiters"),
  ...called("waiting", "is_waiting locked lock_wait"),
  ...called("running", "active busy"),
  ...called("digest", "fingerprint query_digest query_hash"),
}));

function called(name: string, words: string): Readonly<Record<string, string>> {
  return Object.fromEntries(words.split(" ").map((word) => [word, name]));
}

/** Values that servers show but the language has no name for. */
export const UNREAD_NAMES: ReadonlySet<string> = new Set(
  ("rows_examined rows_sent rows_affected examined_rows memory memory_used tmp_tables tmp_disk_tables full_scan " +
    "table tables cpu cpu_time max_connections progress stage lock_time threads_created queries qps warnings " +
    "errors isolation priority port").split(" "),
);
