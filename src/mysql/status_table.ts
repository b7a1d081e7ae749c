import type { Flavor } from "./flavor.ts";

/** Status variables that each of MariaDB's sessions counts for itself: its own table shows 1 there (10.11). */
const OF_SESSIONS: ReadonlySet<string> = new Set(["Threads_running"]);

/**
 * The table that shows these status variables: the session's, which has those as well that are the server's alone. For
 * the global one the server adds up what each of its connections has counted, which takes milliseconds where these are
 * thousands: it is asked only for what is such a sum.
 */
export function statusTable(
  variables: readonly string[],
  { flavor }: { readonly flavor: Flavor },
): string {
  if (flavor === "mysql") return "performance_schema.session_status";
  const isSum = variables.some((name) => OF_SESSIONS.has(name));
  return `information_schema.${isSum ? "GLOBAL" : "SESSION"}_STATUS`;
}
