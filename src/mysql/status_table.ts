import type { Flavor } from "./flavor.ts";

/** Status variables that MariaDB counts per session, so that the session table always shows 1 (10.11). */
const OF_SESSIONS: ReadonlySet<string> = new Set(["Threads_running"]);

/**
 * The table to read these status variables from. The session table also has the variables that are global only. For
 * the global table the server adds up the counters of all connections, which takes milliseconds with thousands of
 * them, so it is read only for such sums.
 */
export function statusTable(
  variables: readonly string[],
  { flavor }: { readonly flavor: Flavor },
): string {
  if (flavor === "mysql") return "performance_schema.session_status";
  const isSum = variables.some((name) => OF_SESSIONS.has(name));
  return `information_schema.${isSum ? "GLOBAL" : "SESSION"}_STATUS`;
}
