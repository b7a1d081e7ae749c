import type { Session, Snapshot } from "./snapshot.ts";
import type { SilentVerdict } from "./silent_verdict.ts";

/** Why a kill would be refused. */
export const REFUSED = "the server would refuse that: the account has SYSTEM_USER";

/** Whether the server would refuse to kill a session, where that is known: by its user name, and where it is. */
export function isShielded({ shielded = [] }: Pick<Snapshot, "shielded">, { user, host }: Session): boolean {
  return typeof host === "string" &&
    shielded.some((account) => account.user === user && matches(account.host, host));
}

/** That a session would be killed, were its policy armed; and what the server would make of that. */
export function wouldKill(snapshot: Pick<Snapshot, "shielded">, session: Session): SilentVerdict {
  return { verdict: "would-kill", ...isShielded(snapshot, session) && { note: REFUSED } };
}

/** The account of a session, as it is remembered. */
export function accountKey({ user, host }: Pick<Session, "user" | "host">): string {
  return JSON.stringify([user, host]);
}

/** By the wildcards of LIKE; netmasks and other spellings of one host are taken for a match. */
function matches(pattern: string, host: string): boolean {
  if (pattern.includes("/")) return true;
  const parts = pattern.toLowerCase().split("%").map((part) =>
    part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")
  );
  const isMatch = new RegExp(`^${parts.join(".*").replaceAll("_", ".")}$`, "s").test(host.toLowerCase());
  return isMatch || (LOCAL.has(pattern) && LOCAL.has(host));
}

const LOCAL: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "::1"]);
