import { attempt, type Connection, DatabaseError, works } from "../connection/mod.ts";
import { lackOf, type ServerAccount, termsOf } from "./need.ts";

/** Something that a server does not show to this account. */
export interface MissingView {
  /** What is missing: a privilege, or a setting of the server. */
  readonly missing: string;
  /** The statement to run, or the setting to make. */
  readonly remedy: string;
}

/** Where a server shows transactions and lock waits, found out by trying. */
export interface LockCapabilities {
  /** Whether the performance schema shows the age of transactions and what their sessions run. */
  readonly transactionEvents: boolean;
  /** Whether the account may read `information_schema.INNODB_TRX`. */
  readonly innodbTransactions: true | MissingView;
  /** Which transactions InnoDB's status lists with their read views: all, or only those that have written. */
  readonly readViews: "all" | "writers";
  readonly rowLocks: "data_lock_waits" | "innodb_lock_waits" | MissingView;
  /**
   * `metadata_locks`: the performance schema's table, with waiting requests. `metadata_lock_info`: MariaDB's
   * plugin, without them.
   */
  readonly metadataLocks: "metadata_locks" | "metadata_lock_info" | MissingView;
  /** Whether the performance schema shows which tables a connection has open, and how they are locked. */
  readonly tableHandles: boolean;
  /**
   * Whether the performance schema shows LOCK TABLES … READ with the right lock type. MariaDB's (10.11) shows the
   * same type as for any SELECT, since it does not notice that the lock is upgraded.
   */
  readonly readOnlyLocks: boolean;
}

export function isUnavailable(found: unknown): found is MissingView {
  return typeof found === "object" && found !== null && "missing" in found;
}

/**
 * Finds out where transactions and locks can be read.
 * @throws {DatabaseError} If the connection is lost.
 */
export async function probeLocks(
  connection: Connection,
  options: ServerAccount,
): Promise<LockCapabilities> {
  const { flavor } = options;
  return {
    // MariaDB's performance schema lists its event scheduler as a client.
    transactionEvents: flavor === "mysql" && await hasRow(connection, TRANSACTION_EVENTS) === true,
    innodbTransactions: await works(connection, "SELECT trx_id FROM information_schema.INNODB_TRX LIMIT 1") ||
      lackOf("transaction_rows", options),
    readViews: flavor === "mysql" ? "writers" : "all",
    rowLocks: await probeRowLocks(connection, options),
    metadataLocks: await probeMetadataLocks(connection, options),
    tableHandles: await hasRow(connection, TABLE_HANDLES) === true,
    readOnlyLocks: flavor === "mysql",
  };
}

/** Has a row if transactions are timed and this thread is instrumented. */
const TRANSACTION_EVENTS = "SELECT 1 FROM performance_schema.threads t " +
  "JOIN performance_schema.setup_instruments i ON i.NAME = 'transaction' AND i.ENABLED = 'YES' AND i.TIMED = 'YES' " +
  "JOIN performance_schema.setup_consumers c ON c.NAME = 'events_transactions_current' AND c.ENABLED = 'YES' " +
  "JOIN performance_schema.events_statements_current e ON e.THREAD_ID = t.THREAD_ID " +
  "WHERE t.PROCESSLIST_ID = CONNECTION_ID() LIMIT 1";

/** Has a row if the performance schema is on. If it is off, its tables exist but are empty. */
const THREADS = "SELECT 1 FROM performance_schema.threads WHERE PROCESSLIST_ID = CONNECTION_ID() LIMIT 1";

/** Has a row if an instrument that belongs to no single thread is on. */
function instrumented(instrument: string): string {
  return "SELECT 1 FROM performance_schema.threads t " +
    `JOIN performance_schema.setup_instruments i ON i.NAME = '${instrument}' AND i.ENABLED = 'YES' ` +
    "JOIN performance_schema.setup_consumers c ON c.NAME = 'global_instrumentation' AND c.ENABLED = 'YES' " +
    "WHERE t.PROCESSLIST_ID = CONNECTION_ID() LIMIT 1";
}

const METADATA_LOCKS = instrumented("wait/lock/metadata/sql/mdl");

const TABLE_HANDLES = instrumented("wait/lock/table/sql/handler");

async function probeRowLocks(
  connection: Connection,
  options: ServerAccount,
): Promise<LockCapabilities["rowLocks"]> {
  // MySQL 8 no longer has this table; MariaDB and MySQL 5.7 have no data_lock_waits.
  const old = await attempt(connection, "SELECT 1 FROM information_schema.INNODB_LOCK_WAITS LIMIT 1");
  if (!(old instanceof DatabaseError)) return "innodb_lock_waits";
  // It takes the same privilege as InnoDB's transactions.
  if (old.kind === "denied") return lackOf("transaction_rows", options);
  const found = await hasRow(connection, THREADS);
  if (found instanceof DatabaseError && found.kind === "denied") return lackOf("locks", options);
  if (found !== true) return PERFORMANCE_SCHEMA_OFF;
  return await works(connection, "SELECT 1 FROM performance_schema.data_lock_waits LIMIT 1")
    ? "data_lock_waits"
    : lackOf("locks", options);
}

async function probeMetadataLocks(
  connection: Connection,
  options: ServerAccount,
): Promise<LockCapabilities["metadataLocks"]> {
  const found = await hasRow(connection, METADATA_LOCKS);
  if (found === true) return "metadata_locks";
  const plugin = await attempt(connection, "SELECT 1 FROM information_schema.METADATA_LOCK_INFO LIMIT 1");
  if (!(plugin instanceof DatabaseError)) return "metadata_lock_info";
  // On MariaDB the performance schema and this instrument are off by default, while the plugin is easy to install.
  if (options.flavor === "mariadb") return NO_PLUGIN;
  return found instanceof DatabaseError && found.kind === "denied"
    ? lackOf("locks", options)
    : NOT_INSTRUMENTED;
}

const NO_PLUGIN: MissingView = {
  missing: "the plugin metadata_lock_info",
  remedy: termsOf("locks", "mariadb").setting!,
};

const NOT_INSTRUMENTED: MissingView = {
  missing: "the instrumentation of metadata locks",
  remedy:
    "turn on performance_schema, its consumer global_instrumentation, and its instrument wait/lock/metadata/sql/mdl",
};

const PERFORMANCE_SCHEMA_OFF: MissingView = {
  missing: "the performance schema",
  remedy: "turn on performance_schema, and its consumer thread_instrumentation",
};

/** Whether there is a row, or why the server refused the query. */
async function hasRow(connection: Connection, sql: string): Promise<boolean | DatabaseError> {
  const rows = await attempt(connection, sql);
  return rows instanceof DatabaseError ? rows : rows.length > 0;
}
