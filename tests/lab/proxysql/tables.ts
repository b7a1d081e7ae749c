// The tables of an admin interface (ProxySQL 2.7), as far as somebody asks for them.

/** The columns of the processlist, since 2.0.18. */
export const PROCESSLIST =
  ("ThreadID SessionID user db cli_host cli_port hostgroup l_srv_host l_srv_port srv_host " +
    "srv_port command time_ms info status_flags extended_info").split(" ");

/** The columns of the digests, since 2.0.18. */
export const DIGEST =
  ("hostgroup schemaname username client_address digest digest_text count_star first_seen " +
    "last_seen sum_time min_time max_time sum_rows_affected sum_rows_sent").split(" ");

const SERVERS =
  "hostgroup_id INT NOT NULL DEFAULT 0, hostname VARCHAR NOT NULL, port INT NOT NULL DEFAULT 3306, " +
  "gtid_port INT NOT NULL DEFAULT 0, status VARCHAR NOT NULL DEFAULT 'ONLINE', weight INT NOT NULL DEFAULT 1, " +
  "comment VARCHAR NOT NULL DEFAULT '', PRIMARY KEY (hostgroup_id, hostname, port)";
const USERS = "username VARCHAR NOT NULL, password VARCHAR, active INT NOT NULL DEFAULT 1, " +
  "default_hostgroup INT NOT NULL DEFAULT 0, frontend INT NOT NULL DEFAULT 1, backend INT NOT NULL DEFAULT 1, " +
  "PRIMARY KEY (username, backend)";
const PROXYSQL_SERVERS = "hostname VARCHAR NOT NULL, port INT NOT NULL DEFAULT 6032, " +
  "weight INT CHECK (weight >= 0) NOT NULL DEFAULT 0, comment VARCHAR NOT NULL DEFAULT '', " +
  "PRIMARY KEY (hostname, port)";

const RULES =
  "rule_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, active INT NOT NULL DEFAULT 0, match_digest VARCHAR, " +
  "destination_hostgroup INT DEFAULT NULL, apply INT NOT NULL DEFAULT 0";

/** What is configured: each has a table of what is in force, `runtime_NAME`. */
export const CONFIGURED: Readonly<Record<string, string>> = {
  mysql_servers: SERVERS,
  mysql_users: USERS,
  mysql_query_rules: RULES,
  proxysql_servers: PROXYSQL_SERVERS,
};

/** Tables of the main schema that are empty here. */
const EMPTY =
  ("coredump_filters mysql_aws_aurora_hostgroups mysql_collations mysql_firewall_whitelist_rules " +
    "mysql_firewall_whitelist_sqli_fingerprints mysql_firewall_whitelist_users mysql_galera_hostgroups " +
    "mysql_group_replication_hostgroups mysql_hostgroup_attributes " +
    "mysql_query_rules_fast_routing mysql_replication_hostgroups mysql_servers_ssl_params restapi_routes scheduler")
    .split(" ");

/** Every table of the main schema, as SHOW TABLES has them. */
export const MAIN_TABLES: readonly string[] = [
  "global_variables",
  "runtime_checksums_values",
  "runtime_global_variables",
  ...[...EMPTY, ...Object.keys(CONFIGURED)].flatMap((name) =>
    name === "mysql_collations" ? [name] : [name, `runtime_${name}`]
  ),
].toSorted();

/** What somebody may read who may read statistics only. */
export const STATS_TABLES: Readonly<Record<string, string>> = {
  global_variables: "variable_name VARCHAR NOT NULL PRIMARY KEY, variable_value VARCHAR NOT NULL",
  stats_memory_metrics: "Variable_Name VARCHAR NOT NULL PRIMARY KEY, Variable_Value VARCHAR NOT NULL",
  stats_mysql_client_host_cache: "client_address, error_count, last_updated",
  stats_mysql_client_host_cache_reset: "client_address, error_count, last_updated",
  stats_mysql_commands_counters: "Command VARCHAR NOT NULL PRIMARY KEY, Total_Time_us, Total_cnt",
  stats_mysql_connection_pool:
    "hostgroup INT, srv_host VARCHAR, srv_port INT, status VARCHAR, ConnUsed INT, ConnFree INT, ConnOK INT, " +
    "ConnERR INT, MaxConnUsed INT, Queries INT, Queries_GTID_sync INT, Bytes_data_sent INT, Bytes_data_recv INT, " +
    "Latency_us INT",
  stats_mysql_connection_pool_reset: "hostgroup, srv_host, srv_port, status",
  stats_mysql_errors: "hostgroup, hostname, port, username, client_address, schemaname, errno, count_star",
  stats_mysql_errors_reset: "hostgroup, hostname, port, username, client_address, schemaname, errno",
  stats_mysql_free_connections:
    "fd, hostgroup, srv_host, srv_port, user, schema, init_connect, time_zone, sql_mode, autocommit, idle_ms, " +
    "statistics, mysql_info",
  stats_mysql_global: "Variable_Name VARCHAR NOT NULL PRIMARY KEY, Variable_Value VARCHAR NOT NULL",
  stats_mysql_gtid_executed: "hostname, port, gtid_executed, events",
  stats_mysql_prepared_statements_info: "global_stmt_id, hostgroup, schemaname, username, digest",
  stats_mysql_processlist: PROCESSLIST.map((name) =>
    /ID$|port$|hostgroup|time_ms/.test(name) ? `${name} INTEGER` : `${name} VARCHAR`
  ).join(", "),
  stats_mysql_query_digest: DIGEST.map((name) =>
    /^(?:hostgroup|count|first|last|sum|min|max)/.test(name) ? `${name} INTEGER` : `${name} VARCHAR`
  ).join(", "),
  stats_mysql_query_digest_reset: DIGEST.join(", "),
  stats_mysql_query_rules: "rule_id, hits",
  stats_mysql_users: "username VARCHAR PRIMARY KEY, frontend_connections INT, frontend_max_connections INT",
  stats_proxysql_message_metrics: "message_id, filename, line, func, count_star, first_seen, last_seen",
  stats_proxysql_message_metrics_reset: "message_id, filename, line, func, count_star, first_seen",
  stats_proxysql_servers_checksums:
    "hostname VARCHAR, port INT, name VARCHAR, version INT, epoch INT, checksum VARCHAR, changed_at INT, " +
    "updated_at INT, diff_check INT",
  stats_proxysql_servers_clients_status:
    "uuid VARCHAR, hostname VARCHAR, port INT, admin_mysql_ifaces VARCHAR, last_seen_at INT",
  stats_proxysql_servers_metrics:
    "hostname VARCHAR, port INT, weight INT, comment VARCHAR, response_time_ms INT, Uptime_s INT, " +
    "last_check_ms INT, Queries INT, Client_Connections_connected INT, Client_Connections_created INT",
  stats_proxysql_servers_status: "hostname, port, weight, master, global_version, check_age_us",
};

/** The statements that make all tables, empty. */
export const CREATE: readonly string[] = [
  ...Object.entries(STATS_TABLES).map(([name, columns]) => `CREATE TABLE ${name} (${columns})`),
  ...Object.entries(CONFIGURED).flatMap(([name, columns]) => [
    `CREATE TABLE ${name} (${columns})`,
    `CREATE TABLE runtime_${name} (${columns})`,
  ]),
  "CREATE TABLE runtime_global_variables (variable_name VARCHAR PRIMARY KEY, variable_value VARCHAR)",
  "CREATE TABLE runtime_checksums_values (name VARCHAR PRIMARY KEY, version INT, epoch INT, checksum VARCHAR)",
  ...MAIN_TABLES.filter((name) => EMPTY.includes(name.replace(/^runtime_/, "")))
    .map((name) => `CREATE TABLE ${name} (id INTEGER)`),
];

/** What a checksum is kept of, in the order of the real one. */
export const CHECKSUMS = [
  "admin_variables",
  "mysql_query_rules",
  "mysql_servers",
  "mysql_users",
  "mysql_variables",
  "proxysql_servers",
  "mysql_servers_v2",
];

/** Variables that a ProxySQL has, with their values. */
export const VARIABLES: Readonly<Record<string, string>> = {
  "admin-cluster_check_interval_ms": "1000",
  "admin-cluster_check_status_frequency": "10",
  "admin-mysql_ifaces": "0.0.0.0:6032",
  "admin-read_only": "false",
  "admin-version": "2.7.2-local",
  "mysql-threads": "4",
  "mysql-poll_timeout": "2000",
  "mysql-query_digests": "true",
  "mysql-query_digests_keep_comment": "false",
  "mysql-query_digests_max_digest_length": "2048",
  "mysql-query_digests_track_hostname": "false",
  "mysql-query_retries_on_failure": "1",
  "mysql-server_version": "8.0.36",
  "mysql-show_processlist_extended": "0",
};
