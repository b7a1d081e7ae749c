import { digest } from "../digest/mod.ts";
import { isUnknown, type Unknown } from "../language/mod.ts";
import type { Session } from "./snapshot.ts";

/**
 * Adds to each session how many running ones are like it, itself included: by the digest of the statement, and
 * by the user.
 * @param sessions All that run a statement, and perhaps others.
 */
export function withAlike(sessions: readonly Session[]): readonly Session[] {
  const running = sessions.filter((session) => session.running);
  const digests = new Map(running.map((session) => [session, digestOf(session)]));
  const byDigest = countOf([...digests.values()].filter((digest) => typeof digest === "string"));
  const byUser = countOf(running.map(({ user }) => user).filter((user) => typeof user === "string"));
  return sessions.map((session) => {
    const digest = digests.get(session);
    return {
      ...session,
      same_digest: digest === undefined ? 0 : isUnknown(digest) ? digest : byDigest.get(digest) ?? 0,
      same_user: !session.running
        ? 0
        : isUnknown(session.user)
        ? session.user
        : byUser.get(session.user) ?? 0,
    };
  });
}

function countOf(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

function digestOf({ sql }: Session): string | Unknown {
  if (typeof sql === "string") return { unknown: "no statement is shown" };
  if (isUnknown(sql)) return sql;
  return digest(sql.text.reveal(), { cut: sql.cut }).digest;
}
