import type { Session, Snapshot } from "./snapshot.ts";
import type { SilentVerdict } from "./silent_verdict.ts";

/** Why the server would refuse a kill. */
export const REFUSED = "the server would refuse that: the account has SYSTEM_USER";

/** Whether the server is known to refuse a kill of this session, by its user and host. */
export function isShielded({ shielded = [] }: Pick<Snapshot, "shielded">, { user, host }: Session): boolean {
  return typeof host === "string" &&
    shielded.some((account) => account.user === user && matches(account.host, host));
}

/**
 * The verdict on a session that would be killed if its policy were armed, with a note if the server would refuse the
 * kill.
 */
export function wouldKill(snapshot: Pick<Snapshot, "shielded">, session: Session): SilentVerdict {
  return { verdict: "would-kill", ...isShielded(snapshot, session) && { note: REFUSED } };
}

/** The account of a session, as a key of the memory. */
export function accountKey({ user, host }: Pick<Session, "user" | "host">): string {
  return JSON.stringify([user, host]);
}

/** Matches the wildcards of LIKE. Netmasks, and other spellings of the host, count as a match. */
function matches(pattern: string, host: string): boolean {
  if (pattern.includes("/")) return true;
  const parts = pattern.toLowerCase().split("%").map((part) =>
    part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")
  );
  const isMatch = new RegExp(`^${parts.join(".*").replaceAll("_", ".")}$`, "s").test(host.toLowerCase());
  return isMatch || (LOCAL.has(pattern) && LOCAL.has(host));
}

const LOCAL: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "::1"]);
