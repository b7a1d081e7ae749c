import type { HealthRead } from "./health_read.ts";

/** How many connections there are, and what they do. Needs no privilege. */
export const readStatus: HealthRead = {
  names: ["threads_running", "threads_connected", "connections_used"],
  variables: () => ["Threads_running", "Threads_connected"],
  columns: () => ({ max_connections: "@@global.max_connections" }),
  values({ row, variable }) {
    const connected = variable("Threads_connected");
    const most = Number(row["max_connections"]);
    const connections_used = typeof connected === "number" && most > 0
      ? connected / most * 100
      : { unknown: "max_connections was not found" };
    return {
      health: {
        threads_running: variable("Threads_running"),
        threads_connected: connected,
        connections_used,
      },
    };
  },
};
