import type { HealthRead } from "./health_read.ts";

/** The number of running threads. Requires no privilege. */
export const readRunning: HealthRead = {
  names: ["threads_running"],
  variables: () => ["Threads_running"],
  values: ({ variable }) => ({ health: { threads_running: variable("Threads_running") } }),
};

/** The number of connections. Requires no privilege. */
export const readConnections: HealthRead = {
  names: ["threads_connected", "connections_used"],
  variables: () => ["Threads_connected"],
  columns: () => ({ max_connections: "@@global.max_connections" }),
  values({ row, variable }) {
    const connected = variable("Threads_connected");
    const most = Number(row["max_connections"]);
    const connections_used = typeof connected === "number" && most > 0
      ? connected / most * 100
      : { unknown: "max_connections was not found" };
    return { health: { threads_connected: connected, connections_used } };
  },
};

/**
 * On MariaDB this status variable is the query id of the statement that reads it. Earlier statements have lower
 * ids.
 */
export const readQueryId: HealthRead = {
  names: [],
  variables: () => ["Queries"],
  values({ variable }) {
    const queryId = variable("Queries");
    return typeof queryId === "number" ? { queryId } : {};
  },
};
