/**
 * A statement that may be sent to an admin interface. Only {@linkcode STATEMENTS} makes them, and a test reads each: a
 * statement that is empty behind a semicolon ends the whole of ProxySQL (2.7.2), and one that has the name of the table
 * that resets the digests anywhere in it, as in a comment, empties them.
 */
export type Statement = string & { readonly [SENDABLE]: true };
declare const SENDABLE: unique symbol;

/** The columns of the digests. Those that old versions do not have are the last ones. */
export const DIGEST_COLUMNS = [
  "hostgroup",
  "schemaname",
  "username",
  "digest",
  "digest_text",
  "count_star",
  "first_seen",
  "last_seen",
  "sum_time",
  "min_time",
  "max_time",
  // Since 2.0.0.
  "client_address",
  // Since 2.0.18.
  "sum_rows_affected",
  "sum_rows_sent",
] as const;

export type DigestColumn = typeof DIGEST_COLUMNS[number];

/** The parts of the configuration that a core can be stamped in, in that order: by name, as LOAD calls them. */
export const PARTS = {
  admin_variables: "ADMIN VARIABLES",
  mysql_variables: "MYSQL VARIABLES",
  mysql_servers: "MYSQL SERVERS",
  mysql_users: "MYSQL USERS",
  mysql_query_rules: "MYSQL QUERY RULES",
} as const;

export type Part = keyof typeof PARTS;

/** A core in the list of all. */
export interface PeerPlace {
  readonly host: string;
  readonly port: number;
}

/** Every statement that can be sent. */
export const STATEMENTS = {
  /** An admin interface, a port for clients and a plain server answer it in three ways. */
  identify: () => statement("SELECT @@version_comment LIMIT 1"),
  version: () => statement("SELECT @@version"),
  /** `admin`, or `stats` for who may read statistics only. */
  rights: () => statement("SELECT DATABASE()"),
  /** Its own clock. */
  clock: () => statement("SELECT strftime('%s', 'now') AS now"),
  globals: () => statement("SELECT Variable_Name AS name, Variable_Value AS value FROM stats_mysql_global"),
  memory: () => statement("SELECT Variable_Name AS name, Variable_Value AS value FROM stats_memory_metrics"),
  variable: (name: string) =>
    statement(`SELECT variable_value AS value FROM global_variables WHERE variable_name = ${literal(name)}`),
  /** ProxySQL copies all digests whatever part is asked for. */
  digests: (columns: readonly DigestColumn[]) =>
    statement(`SELECT ${columns.join(", ")} FROM stats_mysql_query_digest`),
  /** Without the text of statements. */
  sessions: () =>
    statement(
      "SELECT SessionID AS id, user, db, cli_host, cli_port, hostgroup, srv_host, srv_port, command, time_ms, " +
        "extended_info FROM stats_mysql_processlist",
    ),
  /** The same before 2.0.18. */
  sessionsPlain: () =>
    statement(
      "SELECT SessionID AS id, user, db, cli_host, cli_port, hostgroup, srv_host, srv_port, command, time_ms, " +
        "NULL AS extended_info FROM stats_mysql_processlist",
    ),
  /** Sessions with what they run, and on which connections to backends; of one session, or of all. */
  clients: (id?: number) => clientsOf("extended_info", id),
  /** The same before 2.0.18. */
  clientsPlain: (id?: number) => clientsOf("NULL AS extended_info", id),
  /** Connections to backends that nobody has. */
  freeConnections: () =>
    statement("SELECT srv_host, srv_port, user, mysql_info FROM stats_mysql_free_connections"),
  sessionCounts: () =>
    statement(
      "SELECT user, COUNT(*) AS sessions, SUM(command = 'Sleep') AS idle FROM stats_mysql_processlist " +
        "GROUP BY user ORDER BY user",
    ),
  backends: () =>
    statement(
      "SELECT hostgroup, srv_host, srv_port, status, ConnUsed, ConnFree, ConnERR, Queries, Latency_us " +
        "FROM stats_mysql_connection_pool ORDER BY hostgroup, srv_host, srv_port",
    ),
  users: () => statement("SELECT COUNT(*) AS users FROM stats_mysql_users"),
  /** The hostgroups that clients are sent to where no rule says otherwise. */
  hostgroups: () =>
    statement(
      "SELECT DISTINCT default_hostgroup AS hostgroup FROM runtime_mysql_users WHERE active = 1 AND frontend = 1",
    ),
  checksums: () =>
    statement("SELECT name, version, epoch, checksum FROM runtime_checksums_values ORDER BY name"),
  peers: () =>
    statement(
      "SELECT hostname, port, Uptime_s, last_check_ms FROM stats_proxysql_servers_metrics ORDER BY hostname, port",
    ),
  /** How often this one asks its peers: each so many milliseconds, and each so many times for what is in their metrics. */
  clusterPace: () =>
    statement(
      "SELECT variable_name AS name, variable_value AS value FROM global_variables WHERE variable_name IN " +
        "('admin-cluster_check_interval_ms', 'admin-cluster_check_status_frequency')",
    ),
  peerChecksums: () =>
    statement(
      "SELECT hostname, port, name, version, epoch, checksum, diff_check FROM stats_proxysql_servers_checksums " +
        "ORDER BY hostname, port, name",
    ),
  /** Who polls this core (since 2.4). */
  satellites: () =>
    statement(
      "SELECT hostname, port, last_seen_at FROM stats_proxysql_servers_clients_status ORDER BY hostname",
    ),
  /** The list of cores as it is edited: nothing of it is in force. */
  listedPeers: () =>
    statement("SELECT hostname, port, weight, comment FROM proxysql_servers ORDER BY hostname, port"),
  /** The list of cores that is in force. */
  peersInForce: () =>
    statement("SELECT hostname, port, weight, comment FROM runtime_proxysql_servers ORDER BY hostname, port"),
  /** Whether changes are taken: it changes nothing, and is refused as read-only where they are not. */
  probe: () => statement("DELETE FROM proxysql_servers WHERE hostname = '' AND port = 0"),
  /** Also where there is such a row: then it is replaced. */
  putPeer: (
    { host, port, weight, comment }: PeerPlace & { readonly weight: number; readonly comment: string },
  ) =>
    statement(
      `REPLACE INTO proxysql_servers (hostname, port, weight, comment) VALUES (${literal(hostName(host))}, ` +
        `${portNumber(port)}, ${wholeNumber(weight)}, ${literal(comment)})`,
    ),
  dropPeer: ({ host, port }: PeerPlace) =>
    statement(
      `DELETE FROM proxysql_servers WHERE hostname = ${literal(hostName(host))} AND port = ${
        portNumber(port)
      }`,
    ),
  runPeers: () => statement("LOAD PROXYSQL SERVERS TO RUNTIME"),
  /** Adds what the file has, and removes nothing. Rows that are there already are replaced, so they have a new number. */
  loadPeers: () => statement("LOAD PROXYSQL SERVERS FROM CONFIG"),
  lastPeer: () => statement("SELECT max(rowid) AS last FROM proxysql_servers"),
  peersUpTo: (row: number) =>
    statement(
      `SELECT hostname, port, weight, comment FROM proxysql_servers WHERE rowid <= ${wholeNumber(row)}`,
    ),
  loadPart: (part: Part) => statement(`LOAD ${PARTS[part]} FROM CONFIG`),
  runPart: (part: Part) => statement(`LOAD ${PARTS[part]} TO RUNTIME`),
  lastServer: () => statement("SELECT max(rowid) AS last FROM mysql_servers"),
  countServersAfter: (row: number) =>
    statement(`SELECT COUNT(*) AS servers FROM mysql_servers WHERE rowid > ${wholeNumber(row)}`),
  dropServersUpTo: (row: number) => statement(`DELETE FROM mysql_servers WHERE rowid <= ${wholeNumber(row)}`),
  pause: () => statement("PROXYSQL PAUSE"),
  resume: () => statement("PROXYSQL RESUME"),
  shutdown: () => statement("PROXYSQL SHUTDOWN"),
  killConnection: (id: number) => statement(`KILL CONNECTION ${wholeNumber(id)}`),
  purgeDigests: () => statement("TRUNCATE TABLE stats.stats_mysql_query_digest"),
} as const;

function clientsOf(info: string, id: number | undefined): Statement {
  return statement(
    "SELECT SessionID AS id, user, db, cli_host, cli_port, hostgroup, l_srv_host, l_srv_port, srv_host, srv_port, " +
      `command, time_ms, info, ${info} FROM stats_mysql_processlist` +
      (id === undefined ? "" : ` WHERE SessionID = ${wholeNumber(id)}`),
  );
}

/** @throws {TypeError} Where a text must not be sent. */
function statement(sql: string): Statement {
  if (!isSendable(sql)) throw new TypeError("this is no statement for an admin interface");
  return sql as Statement;
}

/** Whether a text can be sent without harm: it has no semicolon and no comment, is not empty, and resets nothing. */
export function isSendable(sql: string): boolean {
  return /^[A-Za-z]/.test(sql) && !/;|--|\/\*|#|digest_reset|\bSAVE MYSQL DIGEST\b|\p{Cc}/iu.test(sql);
}

/** A text as SQLite has it: a backslash means nothing, and a quote is doubled. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name, or an IP address without brackets. */
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9])?|(?=.*:.*:)[0-9A-Fa-f:.]{2,45})$/;

/** Whether a core can be named in a statement. */
export function isPeerPlace({ host, port }: PeerPlace): boolean {
  return HOST.test(host) && !host.includes("--") && Number.isInteger(port) && port >= 1 && port <= 65535;
}

/** A comment if it can be sent, else none. */
export function sendableComment(text: string): string {
  return text.length <= 253 && isSendable(`SELECT ${literal(text)}`) ? text : "";
}

function hostName(host: string): string {
  if (!isPeerPlace({ host, port: 1 })) throw new TypeError("this is no host");
  return host;
}

function portNumber(port: number): string {
  if (!isPeerPlace({ host: "a", port })) throw new TypeError(`this is no port: ${port}`);
  return String(port);
}

function wholeNumber(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`this is no id: ${value}`);
  return String(value);
}
