import type { Row } from "../database/mod.ts";
import type { Reading } from "../language/mod.ts";
import type { HealthRead } from "./health_read.ts";

/** How many connections there are, and what they do. Needs no privilege. */
export const readStatus: HealthRead = {
  names: ["threads_running", "threads_connected", "connections_used"],
  async read(connection) {
    const rows = await connection.query(
      "SHOW GLOBAL STATUS WHERE Variable_name IN ('Threads_running', 'Threads_connected')",
    );
    const [settings] = await connection.query("SELECT @@global.max_connections AS max_connections");
    const connected = statusNumber(rows, "Threads_connected");
    const most = Number(settings?.["max_connections"]);
    return {
      threads_running: statusNumber(rows, "Threads_running"),
      threads_connected: connected,
      connections_used: typeof connected === "number" && most > 0
        ? connected / most * 100
        : { unknown: "max_connections was not found" },
    };
  },
};

/** A number from `SHOW GLOBAL STATUS`. */
export function statusNumber(rows: readonly Row[], name: string): Exclude<Reading, string | boolean> {
  const value = rows.find((row) => row["Variable_name"] === name)?.["Value"] ?? "";
  return value === "" || Number.isNaN(Number(value))
    ? { unknown: `the server does not show ${name}` }
    : Number(value);
}
