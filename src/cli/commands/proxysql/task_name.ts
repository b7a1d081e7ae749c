/** What `proxysql` can be told to do, as it is written. */
export const PROXYSQL_TASKS = ["run", "status", "health", "digests", "drain", "resync"] as const;

export type ProxysqlTask = typeof PROXYSQL_TASKS[number];
