/** What people write who come from another language, and what to write here. */
export const FOREIGN_SIGNS: readonly (readonly [RegExp, string])[] = [
  [/==/y, 'write "=" to compare'],
  [/<=>/y, 'write "=" to compare'],
  [/=~|!~~?\*?|~~?\*?/y, 'write "matches" for a regular expression, and "like" for a pattern'],
  [/=</y, 'write "<="'],
  [/=>/y, 'write ">="'],
  [/&&?/y, 'write "and"'],
  [/\|\|?/y, 'write "or"'],
  [/!/y, 'write "not"'],
  [/-(?=\d)/y, "a number cannot be negative"],
  [/[“”‘’„]/y, "write straight quotes, ' or \""],
  [/--|\/\*|#/y, 'a condition has no comments, write them in YAML, behind " #"'],
  [/\[/y, "write a list in parentheses, in (…)"],
  [/`/y, "a name has no quotes, and a text has ' or \""],
  [/\$(?=[{(])/y, "variables are not replaced here"],
  [/[.\/-](?=\w)|[@:\\%]/y, "write a text in quotes, ' or \""],
  [/[-+*/]/y, "there is no arithmetic, write a value"],
];

/** Blanks that look like the one that the language has, or like nothing. */
export const FOREIGN_BLANK = /[\u00a0\u1680\u2000-\u200d\u202f\u205f\u2060\u3000\ufeff]/y;

const REGEX = 'write "matches" for a regular expression';
const LIKE = 'write "like", which ignores the case of letters';
const WILDCARD = 'write "like" with "%"';

/** Words that stand where a comparison is expected. */
export const FOREIGN_WORDS: ReadonlyMap<string, string> = new Map(Object.entries({
  regexp: REGEX,
  rlike: REGEX,
  regex: REGEX,
  match: REGEX,
  ilike: LIKE,
  similar: REGEX,
  glob: WILDCARD,
  contains: WILDCARD,
  startswith: WILDCARD,
  starts_with: WILDCARD,
  endswith: WILDCARD,
  ends_with: WILDCARD,
  between: 'write two comparisons, joined with "and"',
  xor: 'there is no "xor", write it with "and", "or" and "not"',
  isnt: 'write "!="',
  eq: 'write "="',
  ne: 'write "!="',
  gt: 'write ">"',
  ge: 'write ">="',
  lt: 'write "<"',
  le: 'write "<="',
  equals: 'write "="',
}));

/** What is called so elsewhere, by the name that it has here. */
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
  ...called("host", "client client_host ip address client_ip hostname processlist_host"),
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

/** What servers show, and no name of the language stands for. */
export const NOT_READ: ReadonlySet<string> = new Set(
  ("rows_examined rows_sent rows_affected examined_rows memory memory_used tmp_tables tmp_disk_tables full_scan " +
    "table tables cpu cpu_time max_connections progress stage lock_time threads_created queries qps warnings " +
    "errors isolation priority port").split(" "),
);
