/** Numbers, times, paths and versions, which differ from one run to the next. */
const VARYING = /\d+(?:\.\d+)?(?:ms|s|m|h|k|M)?(?: \d+(?:ms|s))?/g;
/** Texts that say the same at every run, whatever numbers are in them. */
const FIXED: ReadonlySet<string> = new Set(["digest", "digest_text", "server_digest", "expression"]);

/** What an event may say. */
interface Told {
  readonly event?: unknown;
  readonly reason?: unknown;
  readonly database?: unknown;
  readonly policy?: unknown;
}

/**
 * The different events of a story, as lines of JSON in which all that varies is alike, sorted. Whether somebody is spared
 * while a policy settles depends on the moment of a look, and whether a replica's history passes its limit while it
 * catches up depends on its purge.
 */
export function storyOf(events: readonly Told[]): readonly string[] {
  const told = events.filter(({ event, reason, database, policy }) =>
    reason !== "settle" && !(event === "gate" && database === "replica" && policy === "history")
  );
  return [...new Set(told.map((event) => JSON.stringify(event, alike)))].toSorted();
}

function alike(key: string, value: unknown): unknown {
  if (typeof value === "number") return 0;
  if (typeof value !== "string" || FIXED.has(key)) return value;
  return key === "version" ? "#" : value.replace(/\/\S+/g, "FILE").replace(VARYING, "#");
}
