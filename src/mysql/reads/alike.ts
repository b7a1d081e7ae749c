import { type Likeness, likenessOf } from "../../digest/mod.ts";
import { isUnknown, type Unknown } from "../../language/mod.ts";
import type { Session } from "../../policy/mod.ts";

/**
 * Adds to each session how many running sessions have the same statement (without its literals), and how many have
 * the same user, itself included. The number is unknown if the statement cannot be parsed to its end, or if another
 * statement may be the same under a different sql_mode or in the part that was not read. Statements that are not
 * shown count as different from all others: such sessions usually run none.
 * @param sessions All running sessions, and perhaps others.
 */
export function withAlike(sessions: readonly Session[]): readonly Session[] {
  const running = sessions.filter((session) => session.running);
  const likenesses = new Map(running.map((session) => [session, likeness(session)]));
  const count = countAlike([...likenesses.values()].filter((each): each is Likeness => !isUnknown(each)));
  const users = usersOf(running);
  return sessions.map((session) => {
    const found = likenesses.get(session);
    return {
      ...session,
      same_digest: found === undefined ? 0 : isUnknown(found) ? found : count(found),
      same_user: session.running ? users(session) : 0,
    };
  });
}

function countOf(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

function likeness({ sql }: Session): Likeness | Unknown {
  if (typeof sql === "string") return { unknown: "no statement is shown" };
  if (isUnknown(sql)) return sql;
  return likenessOf(sql.text.reveal(), { cut: sql.cut });
}

const OPEN: Unknown = { unknown: "the statement cannot be read to its end" };
const PERHAPS: Unknown = { unknown: "another statement may be like it, which cannot be read for sure" };

/**
 * Returns a function that counts equal statements: those with all normalized texts in common. The count is unknown
 * if a different statement shares one of them.
 */
function countAlike(all: readonly Likeness[]): (likeness: Likeness) => number | Unknown {
  const keyOf = ({ texts }: Likeness) => texts.join("\0");
  const whole = all.filter(({ open }) => !open);
  const counts = countOf(whole.map(keyOf));
  const doubtful = startingWith(
    [...new Set(whole.flatMap(({ texts }) => texts))],
    new Set(all.filter(({ open }) => open).flatMap(({ texts }) => texts)),
  );
  const owners = new Map<string, string>();
  for (const each of whole) {
    const key = keyOf(each);
    for (const text of each.texts) {
      if ((owners.get(text) ?? key) !== key) doubtful.add(text);
      owners.set(text, key);
    }
  }
  return (likeness) => {
    if (likeness.open) return OPEN;
    return likeness.texts.some((text) => doubtful.has(text)) ? PERHAPS : counts.get(keyOf(likeness)) ?? 0;
  };
}

/** The texts that start with one of the beginnings. */
function startingWith(texts: readonly string[], beginnings: ReadonlySet<string>): Set<string> {
  const found = new Set<string>();
  if (beginnings.size === 0) return found;
  const sorted = texts.toSorted(compare);
  for (const beginning of beginnings) {
    for (let at = firstFrom(sorted, beginning); sorted[at]?.startsWith(beginning); at++) {
      found.add(sorted[at]!);
    }
  }
  return found;
}

/** The index of the first of the sorted texts that is not less than `text`. */
function firstFrom(sorted: readonly string[], text: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(sorted[middle]!, text) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/**
 * Returns a function that counts the running sessions of a session's user. It is a lower bound if the users of some
 * sessions are unknown.
 */
function usersOf(running: readonly Session[]): (session: Session) => number | Unknown {
  const counts = countOf(running.map(({ user }) => user).filter((user) => typeof user === "string"));
  const unknown = running.map(({ user }) => user).find(isUnknown);
  return ({ user }) => {
    if (isUnknown(user)) return user;
    const count = counts.get(user) ?? 0;
    return unknown === undefined ? count : { ...unknown, atLeast: count };
  };
}
